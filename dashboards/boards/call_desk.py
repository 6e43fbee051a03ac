"""The board of the 1100 desk: what was registered on the phone, the calls back, who still waits to be called."""

import datetime

from django.conf import settings
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dashboards import reading
from dashboards.figures import FIGURES, Figure, share
from grievance.models import CallBack

from . import lists, parts
from .asking import Asked
from .in_time import MOST_DAYS
from .parts import Board, Card, Column, Row, Section
from .period import ONE_DAY, Period

PHONE = "call"
MOST_COUNTED = 1000


def board(asked: Asked) -> Board:
    """The desk's work in the period."""
    by_phone = asked.only({"channel": PHONE}, channel=(PHONE,))
    phone, everything = (reading.total(whose.split(), standing=False) for whose in (by_phone, asked))
    notes = [
        _(
            "Calls taken are those that ended in a complaint, and the calls back. A call that only asked where a "
            "complaint stands leaves no line in the log and is not counted."
        )
    ]
    sections = [_compared(asked, by_phone), _by_day(asked, by_phone)]
    return Board(
        _("The %(helpline)s desk") % {"helpline": settings.HELPLINE}, _("Calls and calls back"),
        _cards(asked, by_phone, phone, everything), [section for section in sections if section], notes=notes,
    )  # fmt: skip


# What only this board shows.
BY_PHONE = Figure(
    "registered",
    gettext_lazy("Registered by phone"),
    gettext_lazy("Complaints that an agent registered while the citizen was on the phone."),
    gettext_lazy("Number of complaints registered over the channel phone"),
)
TAKEN = Figure(
    "calls",
    gettext_lazy("Calls taken and made"),
    gettext_lazy("Complaints registered on the phone, and calls back for the verdict."),
    gettext_lazy("Registered by phone + calls back"),
)
WAITING = Figure(
    "waiting",
    gettext_lazy("Waiting for a call"),
    gettext_lazy("Citizens whom the desk may call today for their verdict."),
    gettext_lazy("Number of open tasks to call back, due today or before"),
)


def _cards(asked: Asked, by_phone: Asked, phone, everything) -> list[Card]:
    part = share(phone["registered"], everything["registered"])
    return [
        Card(TAKEN, parts.count(phone["registered"] + everything["called"])),
        Card(
            BY_PHONE, parts.count(phone["registered"], lists.behind(by_phone, "registered", asked.period)),
            share="" if part is None else f"{part}%",
        ),
        Card(FIGURES["called"], parts.count(everything["called"], lists.behind(asked, "called", asked.period))),
        Card(WAITING, _count_waiting(asked.today), kind="marigold"),
    ]  # fmt: skip


def _count_waiting(today: datetime.date) -> parts.Number:
    waiting = CallBack.objects.filter(done_at=None, due_on__lte=today, complaint__confidential=False)
    number = waiting.order_by()[: MOST_COUNTED + 1].count()
    if number > MOST_COUNTED:
        return parts.Number(_("more than %(count)s") % {"count": parts.indian(MOST_COUNTED)}, MOST_COUNTED)
    return parts.count(number)


def _compared(asked: Asked, by_phone: Asked) -> Section:
    before = asked.period.before()
    rows = []
    for figure, whose in ((BY_PHONE, by_phone), (FIGURES["called"], asked)):
        spans = (asked.period, *([before] if before else []))
        values = [reading.total(whose.split(span), standing=False)[figure.name] for span in spans]
        numbers = [parts.count(values[0], lists.behind(whose, figure.name, asked.period))]
        if before:
            numbers += [parts.count(values[1], lists.behind(whose, figure.name, before)), parts.change(*values, None)]
        rows.append(Row(figure.label, numbers, figure=figure))
    columns = [Column(_("The period"))] + ([Column(_("The days before")), Column(_("Difference"))] if before else [])
    return Section("compared", _("The period in figures"), _("Figure"), columns, rows)


def _by_day(asked: Asked, by_phone: Asked) -> Section | None:
    days = asked.period.days
    if days is None or not 1 < days <= MOST_DAYS:
        return None
    figures = ((BY_PHONE, by_phone), (FIGURES["called"], asked))
    found = [reading.counts(whose.split(), by=("day",)) for _figure, whose in figures]
    rows, nothing = [], reading.Figures()
    for number in range(days):
        day = asked.period.first + number * ONE_DAY
        numbers = [
            parts.count(of_day.get(day, nothing)[figure.name], lists.behind(whose, figure.name, Period(day, day)))
            for (figure, whose), of_day in zip(figures, found, strict=True)
        ]
        rows.append(Row(parts.short_day(day), numbers))
    columns = [Column(figure.label, figure) for figure, _whose in figures]
    return Section("by-day", _("Day by day"), _("Day"), columns, rows, chart="bar", drawn=(0, 1))
