"""How the largest size stands to the smallest, measured in turns with both portals up."""

from functools import partial

from .browsers import People
from .clients import failed, in_turns
from .lifecycle import Lifecycle, people
from .pages import percentile_95, seconds, wanted
from .portal import Portal, running_portal, settle

PAGES = ("inbox", "complaint", "search", "board")
# The percentile of sixty leaves two out: one hiccup of the machine is none of ours.
PAGE_TURNS, FIRST_OPENED = 60, 5


def measure(smallest: str, largest: str, options) -> dict:
    """Ratios of the largest size to the smallest: the 95th percentile of each page and of registering, and how many
    lifecycles are done in the same time."""
    with running_portal(f"bench-{smallest}") as small, running_portal(f"bench-{largest}") as large:
        both = (small, large)
        _settle(both)
        found = {"from": smallest, "to": largest} | _of_pages(both)
        rounds = [Lifecycle(portal.base, people(portal.var)) for portal in both]
        settled = partial(_settle, both)
        lifecycles = in_turns(rounds, options, settled)
        registrations = in_turns([one.create for one in rounds], options, settled)
    loads = (*lifecycles, *registrations)
    if all(result.done for result in loads):
        small_p95, large_p95 = (result.percentile(0.95) for result in registrations)
        found["registration_p95_largest_to_s"] = round(large_p95 / small_p95, 2)
        found["lifecycles_largest_to_s"] = round(lifecycles[1].rate / lifecycles[0].rate, 2)
    return found | failed("growth", *loads)


def _of_pages(both: tuple[Portal, Portal]) -> dict:
    pages = [wanted(portal, People(portal)) for portal in both]
    found = {}
    for name in PAGES:
        small, large = (of_portal[name] for of_portal in pages)
        for page in (small, large) * FIRST_OPENED:
            seconds(page)
        turns = [(seconds(small), seconds(large)) for _turn in range(PAGE_TURNS)]
        of_small, of_large = zip(*turns, strict=True)
        found[f"{name}_p95_largest_to_s"] = round(percentile_95(of_large) / percentile_95(of_small), 2)
    return found


def _settle(both: tuple[Portal, Portal]) -> None:
    for portal in both:
        settle(portal)
