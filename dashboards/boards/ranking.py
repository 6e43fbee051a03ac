"""Who is doing worst and best, by rates with enough cases. Raw counts would only name the largest.

Placed by Wilson's interval: the worst are those whose rate is surely low (its upper end), the best those whose rate is
surely high (its lower end). So a rate of few cases, which may be chance, comes neither first nor last.
"""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from dashboards import intervals, reading
from dashboards.figures import FIGURES

from . import splits
from .asking import Asked
from .parts import Row, Section

PLACES = 5


def worst_and_best(asked: Asked, dimension: str, things: Iterable, href, listed) -> tuple[list[Row], list[Row]]:
    """Rows of the five with the lowest and the highest rate of resolutions within the deadline."""
    figure, found = FIGURES["on_time"], asked.by(dimension)
    placed = []
    for thing in things:
        counts = found.get(thing.pk, reading.Figures())
        cases = counts[figure.whole]
        if cases >= splits.ENOUGH:
            low, high = intervals.wilson(figure.cases(counts), cases)
            placed.append((low, high, thing))
    # With few to place, nobody is both among the worst and among the best.
    places = min(PLACES, len(placed) // 2)
    placed.sort(key=lambda place: place[1])
    worst, others = placed[:places], placed[places:]
    best = sorted(others, key=lambda place: -place[0])[:places]

    def row_of(place) -> Row:
        thing = place[-1]
        return splits.row_of(asked, thing, found[thing.pk], href(thing), listed(thing))

    return [row_of(place) for place in worst], [row_of(place) for place in best]


def how() -> str:
    """How the places came about, in a sentence for the page."""
    return _(
        "By the share of resolutions within the deadline, among those with at least %(cases)s resolutions. Placed by "
        "Wilson's 95%% interval: the worst by its upper end, the best by its lower end, so that chance names nobody."
    ) % {"cases": splits.ENOUGH}


def sections(asked: Asked, dimension: str, things: Iterable, *, titles, first, href, listed, more=None) -> list:
    """Two sections: the worst and the best."""
    worst, best = worst_and_best(asked, dimension, things, href, listed)
    notes = (how() if worst else "", "")
    empty = _("Too few resolutions in these days to place anybody.")
    return [
        Section(f"{name}-{dimension}", title, first, splits.columns(), rows, note=note, empty=empty, more=more)
        for name, title, rows, note in zip(("worst", "best"), titles, (worst, best), notes, strict=True)
    ]  # fmt: skip
