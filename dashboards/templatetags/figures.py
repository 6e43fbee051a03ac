"""The state's three figures, for any page that shows them."""

from django import template

from dashboards import reading
from dashboards.figures import FIGURES, share

register = template.Library()


# Each number of the first page: the figure it is, and what it is about.
SHOWN = (("registered", "registered"), ("disposed_share", "disposed"), ("satisfied_share", "satisfied"))


@register.inclusion_tag("figures/of_the_state.html")
def figures_of_the_state() -> dict:
    """Registered as a count; disposed and satisfied as shares of it."""
    counts = reading.of_the_state()
    return {
        "shown": [
            {"figure": FIGURES[name], "of": FIGURES[of], "count": counts[of],
             "share": None if name == of else share(counts[of], counts["registered"])}
            for name, of in SHOWN
        ]
    }  # fmt: skip
