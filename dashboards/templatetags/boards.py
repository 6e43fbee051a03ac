"""The way to the boards, for the bar."""

from django import template

from dashboards.boards import menu

register = template.Library()


@register.simple_tag(takes_context=True)
def own_board(context) -> str:
    """The address of the user's first board; empty for those who have none."""
    user = context.get("user")
    return next(menu.boards_of(user), ("", ""))[1] if user is not None and user.is_authenticated else ""
