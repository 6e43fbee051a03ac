"""How the largest size stands to the smallest, measured in turns with both portals up.

A machine that others share is faster in one minute than in the next: what is measured half an hour apart compares the
minutes. In turns both have the same of each.
"""

from config.supervisor import say

from .browsers import People
from .clients import Result, run
from .lifecycle import Lifecycle, people
from .pages import percentile_95, seconds, wanted
from .portal import Portal, running_portal, settle

PAGES = ("inbox", "complaint", "search", "board")
# The percentile of sixty leaves two out: one hiccup of the machine is none of ours.
PAGE_TURNS, LOAD_TURNS = 60, 4
FIRST_OPENED, WARM_UP_SECONDS = 5, 2


def measure(smallest: str, largest: str, options) -> dict:
    """Ratios of the largest size to the smallest: the 95th percentile of each page and of registering, and how many
    lifecycles are done in the same time."""
    with running_portal(f"bench-{smallest}") as small, running_portal(f"bench-{largest}") as large:
        both = (small, large)
        for portal in both:
            settle(portal)
        found = {"from": smallest, "to": largest} | _of_pages(both)
        of_loads = {"clients": options.clients, "seconds": options.seconds / 2, "warm_up": WARM_UP_SECONDS}
        rounds = [Lifecycle(portal.base, people(portal.var)) for portal in both]
        lifecycles = _in_turns(both, rounds, of_loads)
        registrations = _in_turns(both, [one.create for one in rounds], of_loads)
    loads = (*lifecycles, *registrations)
    if all(result.done for result in loads):
        small_p95, large_p95 = (result.percentile(0.95) for result in registrations)
        found["registration_p95_largest_to_s"] = round(large_p95 / small_p95, 2)
        found["lifecycles_largest_to_s"] = round(lifecycles[1].rate / lifecycles[0].rate, 2)
    if errors := [error for result in loads for error in result.errors]:
        say(f"   the largest beside the smallest: {errors[0]}")
        found["growth_errors"] = len(errors)
    return found


def _of_pages(both: tuple[Portal, Portal]) -> dict:
    pages = [wanted(People(portal)) for portal in both]
    found = {}
    for name in PAGES:
        if not all(name in of_portal for of_portal in pages):
            continue
        small, large = (of_portal[name] for of_portal in pages)
        for page in (small, large) * FIRST_OPENED:
            seconds(page)
        turns = [(seconds(small), seconds(large)) for _turn in range(PAGE_TURNS)]
        of_small, of_large = zip(*turns, strict=True)
        found[f"{name}_p95_largest_to_s"] = round(percentile_95(of_large) / percentile_95(of_small), 2)
    return found


def _in_turns(both: tuple[Portal, Portal], rounds: list, of_loads: dict) -> list[Result]:
    """What both did of the same load, one after the other, several times."""
    found = [Result(0, 0), Result(0, 0)]
    for _turn in range(LOAD_TURNS):
        for portal, one_round, together in zip(both, rounds, found, strict=True):
            result = run(one_round, **of_loads)
            together.seconds += result.seconds
            together.done += result.done
            together.times += result.times
            together.errors += result.errors
            settle(portal)
    return found
