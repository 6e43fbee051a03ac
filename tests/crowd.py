"""Several at once: threads with a database connection each, as several workers, beats or hurried people have."""

import threading
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from django.db import connection, transaction

from departments import calendars


def all_at_once(*works: Callable[[], object]) -> list:
    """Runs each in a thread of its own, all begun together; returns what each came to, an error it raised included."""
    calendars.in_force()  # as `load_reference` makes it, before anyone works
    begin, came_to = threading.Barrier(len(works)), [None] * len(works)

    def run(number: int, work: Callable[[], object]) -> None:
        begin.wait()
        try:
            came_to[number] = work()
        except Exception as error:
            came_to[number] = error
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=each) for each in enumerate(works)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return came_to


def share(sweep: Callable[[], int], workers: int = 3) -> int:
    """Lets several workers sweep until each finds nothing more; returns how many they took together.

    Raises what any of them raised.
    """

    def until_nothing_is_left() -> int:
        taken = 0
        while count := sweep():
            taken += count
        return taken

    came_to = all_at_once(*[until_nothing_is_left] * workers)
    for each in came_to:
        if isinstance(each, Exception):
            raise each
    return sum(came_to)


@contextmanager
def still_writing(work: Callable[[], object]) -> Iterator[Callable[[], None]]:
    """Somebody else's transaction, in which `work` was done and which stays open until what this gives is called."""
    begun, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            work()
            begun.set()
            go_on.wait(20)

    thread = threading.Thread(target=all_at_once, args=[slow])

    def commit():
        go_on.set()
        thread.join()

    thread.start()
    begun.wait(20)
    try:
        yield commit
    finally:
        commit()
