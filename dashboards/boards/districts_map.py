"""The twelve districts on a map, shaded by a rate, with the table beside it that says the same in numbers."""

import re
from functools import cache

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.figures import FIGURES
from departments import remembered
from grievance.templatetags.maps import outlines

from . import splits
from .asking import Asked
from .parts import Section

# Where a class ends, in percent; the last one ends at 100.
CLASSES = (50, 65, 80, 90)
POINT = re.compile(r"(-?[\d.]+),(-?[\d.]+)")


def section(asked: Asked, things=None, *, href=None, more=None) -> Section:
    """The table of the districts and what the map draws from it."""
    districts = things or remembered.districts()
    rows = splits.rows_of(asked, "district", districts, href or board_of, lambda district: {"area": district.code})
    by_name = {str(row.label): row for row in rows}
    drawn = [_drawn(district, by_name.get(district.name)) for district in districts]
    map_of = {
        "viewBox": outlines()["viewBox"],
        "districts": [shape for shape in drawn if shape],
        "figure": FIGURES["on_time"],
        "legend": legend(),
    }
    title, first = _("The districts"), _("District")
    extra = {"map": map_of} if map_of["districts"] and len(districts) > 1 else {}
    return splits.table(
        "districts", title, first, rows, extra=extra, template="boards/parts/districts.html", more=more, wide=True,
        empty=_("No complaint of these days is known by its district."),
    )  # fmt: skip


def board_of(district) -> str:
    """The address of a district's board."""
    return reverse("board_district", args=[district.code])


def shade(percent: float | None) -> int | None:
    """Which of the classes a rate falls into, the lowest being 0."""
    return None if percent is None else sum(percent >= end for end in CLASSES)


def legend() -> list[dict]:
    """The classes in words, the lowest first."""
    starts, ends = (0, *CLASSES), (*CLASSES, 100)
    return [
        {"shade": place, "words": _("%(low)s%% to under %(high)s%%") % {"low": low, "high": high}
         if high < 100 else _("%(low)s%% and more") % {"low": low}}
        for place, (low, high) in enumerate(zip(starts, ends, strict=True))
    ]  # fmt: skip


def _drawn(district, row) -> dict | None:
    path = _paths().get(district.code)
    if path is None:
        return None
    rate = row.numbers[0] if row else None
    x, y = _middle(path)
    return {"path": path, "name": district.name, "shade": shade(rate.value) if rate else None, "x": x, "y": y,
            "text": rate.text if rate else "–"}  # fmt: skip


@cache
def _paths() -> dict[str, str]:
    return {shape["code"]: shape["path"] for shape in outlines()["districts"]}


@cache
def _middle(path: str) -> tuple[float, float]:
    """The middle of what an outline encloses: the centroid of the polygon."""
    points = [(float(x), float(y)) for x, y in POINT.findall(path.split("Z", maxsplit=1)[0])]
    twice, at_x, at_y = 0.0, 0.0, 0.0
    for (x, y), (next_x, next_y) in zip(points, [*points[1:], points[0]], strict=True):
        cross = x * next_y - next_x * y
        twice, at_x, at_y = twice + cross, at_x + (x + next_x) * cross, at_y + (y + next_y) * cross
    return round(at_x / (3 * twice), 1), round(at_y / (3 * twice), 1)
