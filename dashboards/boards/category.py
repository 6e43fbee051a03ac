"""A category's board: one matter, by district and in time."""

from django.utils.translation import gettext as _

from departments import remembered
from departments.models import Category

from . import cards, comparison, districts_map, in_time, splits, waiting
from .asking import Asked
from .parts import Board


def board(asked: Asked, category: Category, *, districts=None) -> Board:
    """One category, everywhere or in these districts."""
    sections = [
        comparison.today(asked),
        *comparison.compared(asked),
        districts_map.section(asked, districts if districts is not None else remembered.districts()),
        splits.by_channel(asked),
        in_time.satisfaction(asked),
        in_time.by_day(asked),
        waiting.oldest(asked),
    ]
    about = _("%(department)s, category") % {"department": category.department.name}
    return Board(category.name, about, cards.standing(asked), [part for part in sections if part])
