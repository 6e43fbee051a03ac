"""The twelve districts on a map, shaded by a rate, with the table beside it that says the same in numbers."""

from functools import cache

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards.figures import FIGURES
from departments import remembered
from grievance.templatetags.maps import outlines

from . import splits
from .asking import Asked
from .parts import NOTHING, Section

# Where a class ends, in percent; the last one ends at 100.
CLASSES = (50, 65, 80, 90)


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
        "credit": outlines()["credit"],
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
    shape = _shapes().get(district.code)
    if shape is None:
        return None
    rate = row.numbers[0] if row else None
    return {"path": shape["path"], "x": shape["label_x"], "y": shape["label_y"], "name": district.name,
            "shade": shade(rate.value) if rate else None, "text": rate.text if rate else NOTHING}  # fmt: skip


@cache
def _shapes() -> dict[str, dict]:
    return {shape["code"]: shape for shape in outlines()["districts"]}
