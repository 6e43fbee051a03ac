"""No depth of calls is dear: frames have room in one chunk."""

import resource

from config.frames import with_room

CALLS = 500


def faults_at(depth: int) -> int:
    """The page faults of many small calls, made so deep down."""
    if depth:
        return faults_at(depth - 1)
    before = resource.getrusage(resource.RUSAGE_SELF).ru_minflt
    for _n in range(CALLS):
        _small()
    return resource.getrusage(resource.RUSAGE_SELF).ru_minflt - before


def _small() -> int:
    return _smaller(*range(20))


def _smaller(*numbers) -> int:
    return sum(numbers)


def test_calls_at_no_depth_fetch_memory_and_give_it_back():
    def fewest(depth: int) -> int:
        # Of three tries: what else this process does at the moment fetches memory too.
        return min(with_room(faults_at)(depth) for _try in range(3))

    assert max(map(fewest, range(300))) < CALLS / 10
