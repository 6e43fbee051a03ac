"""A department's board: for its head, and for its officers within their areas."""

from django.urls import reverse
from django.utils.translation import gettext as _

from departments import remembered
from departments.models import Category, Department

from . import cards, comparison, districts_map, in_time, officers, splits, waiting
from .asking import Asked
from .parts import Board, Section


def board(asked: Asked, department: Department, *, districts=None) -> Board:
    """One department, everywhere or in these districts."""
    within = districts if districts is not None else remembered.districts()
    sections = [
        comparison.today(asked),
        *comparison.compared(asked),
        districts_map.section(asked, within),
        by_category(asked, department),
        officers.of_department(asked, department) if districts is None else None,
        in_time.satisfaction(asked),
        in_time.by_day(asked),
        waiting.by_age(asked),
        waiting.oldest(asked),
    ]
    chosen = asked.where.get("district")
    named = [district.name for district in within if chosen and district.pk in chosen]
    about = ", ".join(named) or _("All districts")
    return Board(department.name, about, cards.standing(asked), [part for part in sections if part])


def by_category(asked: Asked, department: Department) -> Section:
    """The department's matters, those with most complaints first."""
    categories = Category.objects.filter(department=department, confidential=False)
    rows = splits.rows_of(
        asked, "category", categories, lambda category: reverse("board_category", args=[category.code]),
        lambda category: {"category": category.code},
    )  # fmt: skip
    return splits.table(
        "categories", _("By category"), _("Category"), rows, wide=True, empty=_("Nothing came in these days.")
    )
