"""Numbers and dates in the reader's way: Indian grouping, the state's zone, month names in the language."""

import datetime

from django.utils import formats, timezone


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
    return formats.date_format(moment, "j F Y")


def ist_time(moment: datetime.datetime) -> str:
    """Date and time of day in the state's zone, in the active language."""
    return formats.date_format(timezone.localtime(moment), "j F Y, H:i")
