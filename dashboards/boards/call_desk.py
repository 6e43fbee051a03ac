"""The board of the 1100 desk: what was registered on the phone, the calls back, who still waits to be called."""

import datetime

from django.conf import settings
from django.utils.translation import gettext as _

from dashboards import reading
from dashboards.figures import FIGURES, share
from grievance.models import CallBack

from . import lists, parts
from .asking import Asked
from .in_time import MOST_DAYS
from .parts import Board, Card, Column, Row, Section
from .period import ONE_DAY, Period

PHONE = "call"
MOST_COUNTED = 1000
# What is compared and drawn: the figure, and the count it is of.
WORK = (("registered_by_phone", "registered"), ("called", "called"))


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


def _cards(asked: Asked, by_phone: Asked, phone, everything) -> list[Card]:
    part = share(phone["registered"], everything["registered"])
    return [
        Card(FIGURES["calls"], parts.count(phone["registered"] + everything["called"])),
        Card(
            FIGURES["registered_by_phone"],
            parts.count(phone["registered"], lists.behind(by_phone, "registered", asked.period)),
            share="" if part is None else f"{part}%",
        ),
        Card(FIGURES["called"], parts.count(everything["called"], lists.behind(asked, "called", asked.period))),
        Card(FIGURES["to_call"], _count_waiting(asked.today), kind="marigold"),
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
    for (figure, name), whose in zip(WORK, (by_phone, asked), strict=True):
        spans = (asked.period, *([before] if before else []))
        values = [reading.total(whose.split(span), standing=False)[name] for span in spans]
        numbers = [parts.count(values[0], lists.behind(whose, name, asked.period))]
        if before:
            numbers += [parts.count(values[1], lists.behind(whose, name, before)), parts.change(*values, None)]
        rows.append(Row(FIGURES[figure].label, numbers, figure=FIGURES[figure]))
    columns = [Column(_("The period"))] + ([Column(_("The days before")), Column(_("Difference"))] if before else [])
    return Section("compared", _("The period in figures"), _("Figure"), columns, rows)


def _by_day(asked: Asked, by_phone: Asked) -> Section | None:
    days = asked.period.days
    if days is None or not 1 < days <= MOST_DAYS:
        return None
    found = [reading.counts(whose.split(), by=("day",)) for whose in (by_phone, asked)]
    rows, nothing = [], reading.Figures()
    for number in range(days):
        day = asked.period.first + number * ONE_DAY
        numbers = [
            parts.count(of_day.get(day, nothing)[name], lists.behind(whose, name, Period(day, day)))
            for (_figure, name), whose, of_day in zip(WORK, (by_phone, asked), found, strict=True)
        ]
        rows.append(Row(parts.short_day(day), numbers))
    columns = [Column(FIGURES[figure].label, FIGURES[figure]) for figure, _name in WORK]
    return Section("by-day", _("Day by day"), _("Day"), columns, rows, chart="bar", drawn=(0, 1))
