"""Categories that bring more complaints than their season does.

Four weeks until today, beside the same four weeks a year ago, scaled by how the whole state grew; where the portal is
younger than that, beside the four weeks before. A category rises when even so many more are hardly chance.
"""

from math import sqrt

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards import reading
from dashboards.figures import RISING
from dashboards.reading import Selection
from departments.models import Category
from departments.remembered import for_an_hour

from . import lists, parts
from .asking import Asked
from .parts import Column, Row, Section
from .period import ONE_DAY, Period

WEEKS = 4
YEAR = 364 * ONE_DAY  # whole weeks, so that weekdays fall together
FEWEST = 10
SURE = 2.0
MOST_SHOWN = 10


def section(asked: Asked) -> Section:
    """The categories that rose most."""
    last = asked.today
    now = Period(last - (7 * WEEKS - 1) * ONE_DAY, last)
    a_year_ago = Period(now.first - YEAR, now.last - YEAR)
    current = _registered(asked.split(now))
    earlier, seasonal = _long_ago(asked, a_year_ago), True
    if sum(earlier.values()) < FEWEST:
        earlier, seasonal = _registered(asked.split(now.before())), False
    growth = sum(current.values()) / max(sum(earlier.values()), 1) if seasonal else 1.0
    risen = [
        (surprise, pk, count, expected)
        for pk, count in current.items()
        for expected in [earlier.get(pk, 0) * growth]
        for surprise in [(count - expected) / sqrt(max(expected, 1.0))]
        if count >= FEWEST and surprise >= SURE
    ]
    risen = sorted(risen, reverse=True)[:MOST_SHOWN]
    return Section(
        "rising", _("Rising categories"), _("Category"),
        [Column(figure.label, figure) for figure in RISING],
        _rows(asked, risen, now), note=_how(seasonal=seasonal), empty=_("No category rises above its season."),
    )  # fmt: skip


def _registered(selection: Selection) -> dict[int, int]:
    found = reading.counts(selection, by=("category",), standing=False, only=("registered",))
    return {category: counts["registered"] for category, counts in found.items()}


def _long_ago(asked: Asked, days: Period) -> dict[int, int]:
    """The same of a year ago: of each category each day, most that a board reads, and none of it changes."""
    return _of_season(days, tuple(sorted(asked.where.items())))


@for_an_hour
def _of_season(days: Period, where: tuple) -> dict[int, int]:
    return _registered(Selection(days.first, days.last, dict(where)))


def _rows(asked: Asked, risen: list, now: Period) -> list[Row]:
    categories = Category.objects.select_related("department").in_bulk([pk for _surprise, pk, _n, _expected in risen])
    rows = []
    for _surprise, pk, count, expected in risen:
        category = categories[pk]
        href = lists.behind(asked, "registered", now, category=category.code)
        numbers = [parts.count(count, href), parts.count(round(expected)), parts.change(count, round(expected), None)]
        rows.append(Row(f"{category.name}, {category.department.short}", numbers, _board(category)))
    return rows


def _board(category) -> str:
    return reverse("board_category", args=[category.code])


def _how(*, seasonal: bool) -> str:
    if seasonal:
        return _("Beside the same four weeks of last year, scaled by how much all that is chosen here grew since then.")
    return _("Beside the four weeks before, because there are too few figures of a year ago.")
