"""The way to the boards, for the bar; and the cells of their tables."""

from django import template
from django.utils.html import format_html, format_html_join

from dashboards.boards import menu

register = template.Library()


@register.simple_tag(takes_context=True)
def own_board(context) -> str:
    """The address of the user's first board; empty for those who have none."""
    user = context.get("user")
    return next(menu.boards_of(user), ("", ""))[1] if user is not None and user.is_authenticated else ""


CELL = '<td role="cell" data-label="{}" class="{}">{}{}{}</td>\n'
LINK = '<a class="govuk-link board-number" href="{}">{}</a>'
NOTE = ' <span class="board-rows__note">{}</span>'
BETTER = ' <span class="govuk-visually-hidden">{}</span>'


@register.simple_tag
def board_cells(cells) -> str:
    """The cells of a row: pairs of a heading and a number. A board has five hundred of them, and one written in the
    template's language takes three times as long."""
    return format_html_join(
        "",
        CELL,
        (
            (
                heading,
                number.classes,
                format_html(LINK, number.href, number.text) if number.href else number.text,
                format_html(NOTE, number.note) if number.note else "",
                format_html(BETTER, number.better) if number.good is not None else "",
            )
            for heading, number in cells
        ),
    )
