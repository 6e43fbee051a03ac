"""The state's three figures, for any page that shows them."""

from django import template

from dashboards import figures, reading

register = template.Library()


@register.inclusion_tag("figures/of_the_state.html")
def figures_of_the_state() -> dict:
    """Registered as a count; disposed and satisfied as shares of it."""
    return {"cards": figures.cards(reading.of_the_state(), figures.LEADING)}
