"""A place's board, down to the panchayat: whatever lies in it, all departments together."""

from collections import Counter

from django.urls import reverse
from django.utils.translation import gettext as _

from dashboards import reading
from dashboards.figures import CLOSINGS
from departments.models import Area

from . import cards, comparison, in_time, splits, waiting
from .asking import Asked
from .parts import Board, Section

# Of what is counted by place alone, no days and no ages are kept.
FIGURES = ("registered", "disposed", "satisfied", "on_time", "praised_of_answered", "answered_of_asked",
           "reopened_share", "transferred_share")  # fmt: skip


def board(asked: Asked, area: Area) -> Board:
    """One place with everything below it."""
    sections = [
        comparison.today(asked),
        *comparison.compared(asked, FIGURES, CLOSINGS),
        below(asked, area),
        in_time.satisfaction(asked),
        in_time.by_day(asked),
        waiting.oldest(asked),
    ]
    return Board(area.name, area.get_kind_display(), cards.standing(asked), [part for part in sections if part])


def ids_within(area: Area) -> tuple[int, ...]:
    """The place and every place below it."""
    return tuple(Area.objects.within(area).order_by().values_list("pk", flat=True))


def below(asked: Asked, area: Area) -> Section | None:
    """The places directly in this one, each with what lies in it; None where there are none, or where filters are
    chosen that are not kept by place."""
    if set(asked.where) - {"district", "area"}:
        return None
    inside = Area.objects.within(area).exclude(pk=area.pk).in_bulk()
    if not inside:
        return None
    by_place = Asked(asked.user, asked.seen, asked.today, asked.period, {"area": tuple(inside)})
    together: dict[int, reading.Figures] = {}
    for pk, counts in reading.counts(by_place.split(), by=("area",)).items():
        child = inside[pk].path_ids()[area.depth + 1]
        together.setdefault(child, reading.Figures()).add(counts)
    named = Counter(inside[pk].name for pk in together)
    rows = [
        splits.row_of(
            by_place,
            inside[pk],
            counts,
            _board(inside[pk]),
            {"area": inside[pk].code},
            label=_told_apart(inside[pk], named),
        )
        for pk, counts in together.items()
        if any(counts.values())
    ]
    return splits.table("places", _("The places in it"), _("Place"), rows, wide=True,
                        empty=_("Nothing came in these days."))  # fmt: skip


def _told_apart(area: Area, named: Counter) -> str:
    """A town and the block around it bear one name."""
    return f"{area.name} ({area.get_kind_display()})" if named[area.name] > 1 else area.name


def _board(area: Area) -> str:
    return reverse("board_area", args=[area.code])
