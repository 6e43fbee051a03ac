"""A period beside the one before, and today beside yesterday and the same day of last week."""

import datetime

from django.utils.translation import gettext as _

from dashboards import reading
from dashboards.figures import CLOSINGS, FIGURES, Days, Rate

from . import lists, parts
from .asking import Asked
from .parts import Column, Row, Section
from .period import ONE_DAY, Period

FIGURES_OF_A_PERIOD = (
    "registered", "disposed", "satisfied", "on_time", "praised_of_answered", "answered_of_asked", "reopened_share",
    "transferred_share", "median_days", "p90_days",
)  # fmt: skip
CLOSINGS_SHOWN = (
    *CLOSINGS, "escalated", "days_to_level_2", "p90_days_to_level_2", "days_to_level_3", "p90_days_to_level_3",
    "days_to_level_4", "p90_days_to_level_4", "ran_out", "lapsed",
)  # fmt: skip
# Which way a change is for the better; the others say nothing by themselves.
BETTER = {"disposed": True, "satisfied": True, "praised": True, "late": False, "median_days": False, "p90_days": False,
          "reopened": False, "escalated": False, "ran_out": False}  # fmt: skip
OF_A_DAY = ("registered", "disposed", "satisfied", "reopened", "escalated", "ran_out")


def compared(asked: Asked, names=FIGURES_OF_A_PERIOD, closings=CLOSINGS_SHOWN) -> list[Section]:
    """The figures of the period, and how much more or less than in as many days before; and so how complaints were
    closed, and what else became of them."""
    before = asked.period.before()
    spans = [asked.period, *([before] if before else [])]
    found = [reading.total(asked.selection(span), standing=False) for span in spans]
    lasted = [_lasted(asked, span) if any(isinstance(FIGURES[name], Days) for name in names) else {} for span in spans]

    def rows(wanted) -> list[Row]:
        return [_row(asked, FIGURES[name], spans, found, lasted) for name in wanted]

    columns = [Column(_("The period"))] + ([Column(_("The days before")), Column(_("Difference"))] if before else [])
    missing = any(histograms is None for histograms in lasted)
    note = _("How many days it took is not kept for this choice of filters.") if missing else ""
    sections = [Section("compared", _("The period in figures"), _("Figure"), columns, rows(names), note=note)]
    if closings:
        sections.append(Section("closings", _("What became of them"), _("Figure"), columns, rows(closings)))
    return sections


def _row(asked: Asked, figure, spans, found, lasted) -> Row:
    values = [_value(figure, counts, histograms) for counts, histograms in zip(found, lasted, strict=True)]
    numbers = [_number(asked, figure, value, span) for value, span in zip(values, spans, strict=True)]
    if len(spans) > 1:
        good = figure.good if isinstance(figure, Rate) else BETTER.get(figure.name)
        numbers.append(parts.change(*values, good, points=isinstance(figure, Rate)))
    return Row(figure.label, numbers, figure=figure)


def _lasted(asked: Asked, span: Period) -> dict | None:
    """The histograms of a span, or None where none are kept for these filters."""
    try:
        return reading.durations(asked.selection(span)).get((), {})
    except reading.NotKept:
        return None


def _value(figure, counts, histograms) -> float | None:
    if isinstance(figure, Days):
        return None if histograms is None else reading.days(figure, histograms)
    return figure.of(counts) if isinstance(figure, Rate) else counts[figure.name]


def _number(asked: Asked, figure, value, span: Period):
    if isinstance(figure, Days):
        return parts.days(value)
    shown = parts.rate if isinstance(figure, Rate) else parts.count
    return shown(value, lists.behind(asked, figure.name, span))


def today(asked: Asked) -> Section:
    """Today so far beside the whole of yesterday and of the same day a week ago."""
    ago = {_("Today"): 0, _("Yesterday"): 1, _("A week ago"): 7}
    by_day = reading.counts(asked.selection(Period(asked.today - 7 * ONE_DAY, asked.today)), by=("day",))
    shown = [asked.today - days * ONE_DAY for days in ago.values()]
    rows = [
        Row(
            FIGURES[name].label,
            [_of_day(asked, name, day, by_day) for day in shown],
            figure=FIGURES[name],
        )
        for name in OF_A_DAY
    ]
    note = _("Today is not over: its figures are as of now, the other days are whole.")
    return Section("today", _("Today"), _("Figure"), [Column(label) for label in ago], rows, note=note)


def _of_day(asked: Asked, name: str, day: datetime.date, by_day: dict):
    counts = by_day.get(day, reading.Figures())
    return parts.count(counts[name], lists.behind(asked, name, Period(day, day)))
