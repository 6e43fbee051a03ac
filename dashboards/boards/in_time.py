"""How figures went, day by day and month by month: tables that a chart may draw."""

import datetime

from django.utils.translation import gettext as _

from dashboards import reading
from dashboards.cubes import next_month
from dashboards.figures import FIGURES
from grievance.words import MONTHS

from . import lists, parts
from .asking import Asked
from .parts import Column, Row, Section
from .period import ONE_DAY, Period

MOST_DAYS = 92
MONTHS_SHOWN = 13


def by_day(asked: Asked, names=("registered", "disposed")) -> Section | None:
    """Two figures, each day of the period; None where there are too many days."""
    days = asked.period.days
    if days is None or not 1 < days <= MOST_DAYS:
        return None
    found = reading.counts(asked.selection(), by=("day",))
    rows = []
    for number in range(days):
        day = asked.period.first + number * ONE_DAY
        counts = found.get(day, reading.Figures())
        numbers = [parts.count(counts[name], lists.behind(asked, name, Period(day, day))) for name in names]
        rows.append(Row(parts.short_day(day), numbers))
    return Section("by-day", _("Day by day"), _("Day"), _columns(names), rows, chart="bar", drawn=(0, 1))


def satisfaction(asked: Asked) -> Section:
    """How satisfied people were and how punctual officers, month by month for a year."""
    first = _months_back(asked.today, MONTHS_SHOWN - 1)
    found = reading.counts(asked.selection(Period(first, asked.today)), by=("month",))
    names, rows = ("praised_of_answered", "on_time", "satisfied"), []
    month = first
    while month <= asked.today:
        after = next_month(month)
        counts, span = found.get(month), Period(month, min(after - ONE_DAY, asked.today))
        rates = [FIGURES[name] for name in names[:2]]
        if counts is not None and any(counts[rate.whole] for rate in rates):
            numbers = [_rate(asked, figure, counts, span) for figure in rates]
            numbers.append(parts.count(counts["satisfied"], lists.behind(asked, "satisfied", span)))
            rows.append(Row(f"{MONTHS[month.month - 1]} {month.year}", numbers))
        month = after
    return Section(
        "satisfaction", _("Satisfaction, month by month"), _("Month"), _columns(names), rows, chart="line",
        drawn=(0, 1), empty=_("There is no month with figures yet."),
    )  # fmt: skip


def _rate(asked: Asked, figure, counts, span: Period):
    cases = counts[figure.whole]
    note = _("of %(cases)s") % {"cases": parts.indian(cases)} if cases else ""
    return parts.rate(figure.of(counts), lists.behind(asked, figure.name, span), note)


def _columns(names) -> list[Column]:
    return [Column(FIGURES[name].label, FIGURES[name]) for name in names]


def _months_back(day: datetime.date, months: int) -> datetime.date:
    number = day.year * 12 + day.month - 1 - months
    return datetime.date(number // 12, number % 12 + 1, 1)
