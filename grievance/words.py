"""Numbers and dates in the reader's way: Indian grouping, the state's zone, month names in the language."""

import datetime

from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from departments import fields

# Our own words: Django's Hindi has misspelt month names.
MONTHS = (
    _("January"), _("February"), _("March"), _("April"), _("May"), _("June"), _("July"), _("August"), _("September"),
    _("October"), _("November"), _("December"),
)  # fmt: skip


def indian(number: int) -> str:
    """Indian grouping: 6,04,557."""
    sign, digits = ("-", str(abs(number))) if number < 0 else ("", str(number))
    head, tail = digits[:-3], digits[-3:]
    groups = []
    while head:
        groups.insert(0, head[-2:])
        head = head[:-2]
    return sign + ",".join([*groups, tail])


def ist_date(moment: datetime.datetime | datetime.date) -> str:
    """The business date in the active language: 23 नवंबर 2026."""
    if isinstance(moment, datetime.datetime):
        moment = timezone.localtime(moment)
    return f"{moment.day} {MONTHS[moment.month - 1]} {moment.year}"


def answers(category, given: dict) -> list[tuple[str, str]]:
    """A category's questions with the answers given, in words, dates in the reader's way."""
    return fields.answered(category.fields, given, show_date=ist_date)


def ist_time(moment: datetime.datetime) -> str:
    """Date and time of day in the state's zone, in the active language."""
    return f"{ist_date(moment)}, {timezone.localtime(moment):%H:%M}"


def ist_clock(moment: datetime.datetime) -> str:
    """The same to the second, the time first: for figures that are exact at a moment."""
    return f"{timezone.localtime(moment):%H:%M:%S}, {ist_date(moment)}"
