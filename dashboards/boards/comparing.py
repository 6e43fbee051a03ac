"""All departments, or all districts, side by side."""

from django.urls import reverse
from django.utils.translation import gettext as _

from departments import remembered

from . import cards, districts_map, ranking, splits
from .asking import Asked
from .parts import Board


def departments(asked: Asked) -> Board:
    """A row for each department."""
    rows = splits.rows_of(
        asked, "department", remembered.departments(),
        lambda department: reverse("board_department", args=[department.code]),
        lambda department: {"department": department.code},
    )  # fmt: skip
    table = splits.table("departments", _("All departments"), _("Department"), rows, wide=True,
                         empty=_("Nothing came in these days."))  # fmt: skip
    return Board(_("Departments"), asked.about_the_state(), cards.standing(asked), [table])


def districts(asked: Asked) -> Board:
    """A row for each district, the map, and who is worst and best."""
    placed = ranking.sections(
        asked, "district", remembered.districts(),
        titles=(_("Districts to look at first"), _("Districts that do best")), first=_("District"),
        href=districts_map.board_of, listed=lambda district: {"area": district.code},
    )  # fmt: skip
    sections = [districts_map.section(asked), *placed]
    return Board(_("Districts"), asked.about_the_state(), cards.standing(asked), sections)
