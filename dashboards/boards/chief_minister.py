"""The Chief Minister's board: the state at a glance, and where to look first."""

from django.urls import reverse
from django.utils.translation import gettext as _

from departments import remembered

from . import cards, comparison, districts_map, in_time, ranking, rising, waiting
from .asking import Asked
from .parts import Board


def board(asked: Asked) -> Board:
    """Everything of the state, or of what the filters leave of it."""
    departments = ranking.sections(
        asked, "department", remembered.departments(),
        titles=(_("Departments to look at first"), _("Departments that do best")), first=_("Department"),
        href=lambda department: reverse("board_department", args=[department.code]),
        listed=lambda department: {"department": department.code},
        more=(reverse("boards_departments"), _("All departments")),
    )  # fmt: skip
    districts = ranking.sections(
        asked, "district", remembered.districts(),
        titles=(_("Districts to look at first"), _("Districts that do best")), first=_("District"),
        href=districts_map.board_of, listed=lambda district: {"area": district.code},
    )  # fmt: skip
    # What is worst follows the figures at once.
    of_period, became = comparison.compared(asked)
    sections = [
        comparison.today(asked),
        of_period,
        *departments,
        *districts,
        districts_map.section(asked),
        became,
        in_time.satisfaction(asked),
        in_time.by_day(asked),
        rising.section(asked),
        waiting.by_age(asked),
        waiting.oldest(asked),
    ]
    return Board(
        _("Chief Minister's board"), asked.about_the_state(), cards.standing(asked), [part for part in sections if part]
    )
