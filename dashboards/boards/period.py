"""The days a board is about, and the days before them to compare with."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from grievance.words import ist_date

ONE_DAY = datetime.timedelta(days=1)
EARLIEST = datetime.date(2000, 1, 1)
DEFAULT = "30d"
PRESETS = (
    ("today", gettext_lazy("Today")),
    ("7d", gettext_lazy("The last 7 days")),
    ("30d", gettext_lazy("The last 30 days")),
    ("90d", gettext_lazy("The last 90 days")),
    ("month", gettext_lazy("This month")),
    ("last-month", gettext_lazy("The month before")),
    ("year", gettext_lazy("The last 12 months")),
    ("all", gettext_lazy("Since the beginning")),
)


@dataclass(frozen=True)
class Period:
    """Days from `first` to `last`, both included; without `first`, since the beginning."""

    first: datetime.date | None
    last: datetime.date

    @property
    def days(self) -> int | None:
        """How many days, or None since the beginning."""
        return (self.last - self.first).days + 1 if self.first else None

    def before(self) -> "Period | None":
        """As many days just before; None where there are none."""
        if self.first is None or self.days >= (self.first - EARLIEST).days:
            return None
        return Period(self.first - self.days * ONE_DAY, self.first - ONE_DAY)

    def __str__(self):
        if self.first is None:
            return _("since the beginning, until %(day)s") % {"day": ist_date(self.last)}
        if self.first == self.last:
            return ist_date(self.last)
        return _("%(first)s to %(last)s") % {"first": ist_date(self.first), "last": ist_date(self.last)}


def preset(name: str, today: datetime.date) -> Period:
    """The period with this name of PRESETS, as of today."""
    if name == "all":
        return Period(None, today)
    if name == "last-month":
        last = today.replace(day=1) - ONE_DAY
        return Period(last.replace(day=1), last)
    first = {
        "today": today,
        "month": today.replace(day=1),
        "7d": today - 6 * ONE_DAY,
        "30d": today - 29 * ONE_DAY,
        "90d": today - 89 * ONE_DAY,
        "year": today - 364 * ONE_DAY,
    }[name]
    return Period(first, today)
