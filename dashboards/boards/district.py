"""A district's board, for its Deputy Commissioner: every department in one district."""

from django.urls import reverse
from django.utils.translation import gettext as _

from departments import remembered
from departments.models import Area

from . import areas, cards, comparison, in_time, ranking, splits, waiting
from .asking import Asked
from .parts import Board, Section


def board(asked: Asked, district: Area) -> Board:
    """One district."""
    of_period, became = comparison.compared(asked)
    sections = [
        comparison.today(asked),
        of_period,
        *ranking.sections(
            asked, "department", remembered.departments(),
            titles=(_("Departments to look at first"), _("Departments that do best")), first=_("Department"),
            href=_department_board, listed=_listed,
        ),
        by_department(asked),
        areas.below(asked, district),
        became,
        in_time.satisfaction(asked),
        in_time.by_day(asked),
        waiting.by_age(asked),
        waiting.oldest(asked),
    ]  # fmt: skip
    return Board(district.name, _("District"), cards.standing(asked), [part for part in sections if part])


def by_department(asked: Asked) -> Section:
    """Each department with complaints here."""
    rows = splits.rows_of(asked, "department", remembered.departments(), _department_board, _listed)
    return splits.table("departments", _("By department"), _("Department"), rows, wide=True,
                        empty=_("Nothing came in these days."))  # fmt: skip


def _department_board(department) -> str:
    return reverse("board_department", args=[department.code])


def _listed(department) -> dict:
    return {"department": department.code}
