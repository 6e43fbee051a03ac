"""Numbers, dates and states in the reader's way, for templates."""

from django import template
from django.utils.html import format_html
from django.utils.translation import gettext as _

from grievance import numbers, words
from grievance.models import State
from grievance.pages import own_words

register = template.Library()

register.filter("grouped", numbers.grouped)
register.filter("indian", words.indian)
register.filter("own_standing", own_words.standing)
register.filter("ist_date", lambda moment: words.ist_date(moment) if moment else "")
register.filter("ist_time", lambda moment: words.ist_time(moment) if moment else "")

# The tag's colour goes with the word; the word alone is enough.
COLOURS = {
    State.REGISTERED: "govuk-tag--grey",
    State.ASSIGNED: "govuk-tag--blue",
    State.IN_PROGRESS: "govuk-tag--yellow",
    State.AWAITING_CITIZEN: "govuk-tag--purple",
    State.RESOLVED: "govuk-tag--teal",
    State.CLOSED: "govuk-tag--green",
}


@register.filter
def state_colour(complaint) -> str:
    """The colour of a complaint's state tag."""
    if complaint.is_open and complaint.reopen_count and complaint.state in (State.ASSIGNED, State.IN_PROGRESS):
        return "govuk-tag--red"
    return COLOURS.get(complaint.state, "")


@register.filter
def state_tag(complaint) -> str:
    """Where a complaint stands, as a tag. A list has one in every row, so it is no template of its own."""
    words_of_it = complaint.get_outcome_display() or complaint.get_state_display()
    if complaint.is_open and complaint.reopen_count and complaint.state not in (State.RESOLVED, State.AWAITING_CITIZEN):
        words_of_it = f"{_('Reopened')} · {words_of_it}"
    return format_html('<strong class="govuk-tag {}">{}</strong>', state_colour(complaint), words_of_it)


@register.filter
def percent(share) -> str:
    """98% of something; a dash where there is nothing to take a share of."""
    return "–" if share is None else f"{share}%"
