"""What a board is made of: cards, and sections with tables. Whoever shows a board walks over these."""

import datetime
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from grievance.words import MONTHS, indian

NOTHING = "–"
WHOLE = 100


@dataclass(frozen=True)
class Number:
    """One number as it is read, and the list behind it. `value` is the bare number, or None where there is none;
    `good` says whether a change is for the better (None: neither)."""

    text: str
    value: float | None = None
    href: str = ""
    note: str = ""
    good: bool | None = None

    @property
    def words(self) -> bool:
        """Whether it is no number at all."""
        return self.value is None and self.text != NOTHING

    @property
    def classes(self) -> str:
        """How its cell looks."""
        kind = "board-rows__words" if self.words else "board-rows__number"
        return kind if self.good is None else f"{kind} {'board-good' if self.good else 'board-bad'}"

    @property
    def better(self) -> str:
        """What the colour of a change says, for whoever does not see it."""
        return "" if self.good is None else _("better") if self.good else _("worse")


@dataclass(frozen=True)
class Column:
    """A table's column: a heading and, where it shows a figure, that figure; `also` are those that say by what it is
    split. `words`: it holds no numbers."""

    label: object
    figure: object = None
    words: bool = False
    also: tuple = ()


@dataclass(frozen=True)
class Row:
    """A table's row. `figure` is what it shows where rows are figures; `bar` is a percent drawn beside it; `mark` says
    what is bad about it."""

    label: object
    numbers: list[Number]
    href: str = ""
    figure: object = None
    bar: float | None = None
    mark: object = ""


@dataclass(frozen=True)
class Card:
    """A figure shown large; `share` is what it comes to of another, `now` what today brought."""

    figure: object
    number: Number
    share: str = ""
    now: Number | None = None
    kind: str = ""


@dataclass(frozen=True)
class Section:
    """A part of a board with a heading. `template` says how it is shown; most are tables. `chart` (line, bar;
    lying: bars with their names beside them) draws the columns of `drawn`; `note` is a sentence that must be read with
    the numbers."""

    name: str
    title: object
    first: object = ""
    columns: list[Column] = field(default_factory=list)
    rows: list = field(default_factory=list)
    note: str = ""
    empty: object = ""
    chart: str = ""
    drawn: tuple[int, ...] = ()
    more: tuple[str, object] | None = None
    template: str = "boards/parts/table.html"
    extra: dict = field(default_factory=dict)
    wide: bool = False

    @property
    def figures(self) -> list:
        """The figures shown, for their definitions beside them."""
        named = [figure for column in self.columns for figure in (column.figure, *column.also)]
        named += [getattr(row, "figure", None) for row in self.rows]
        return list(dict.fromkeys(figure for figure in named if figure))

    @property
    def table(self) -> list[tuple[Row, list[tuple[str, Number]]]]:
        """The rows, each number with its column's heading."""
        headings = [str(column.label) for column in self.columns]
        return [(row, list(zip(headings, row.numbers, strict=True))) for row in self.rows]

    @property
    def notes(self) -> list[str]:
        """What must be read with the numbers, and a word on those that look like mistakes and are none."""
        shown = [number for row in self.rows for number in row.numbers]
        said = [self.note] if self.note else []
        if any(number.text.startswith("-") for number in shown):
            said.append(_("Below 0: what was reopened or given to another office is taken off where it was counted."))
        if any(number.text.endswith("%") and number.text[0].isdigit() and number.value > WHOLE for number in shown):
            said.append(_("Over 100%: what happened in these days can be about complaints of earlier days."))
        return said

    @property
    def has_words(self) -> bool:
        """Whether columns hold words: such rows are too wide for a phone."""
        return any(column.words for column in self.columns)

    @property
    def chart_id(self) -> str:
        """Where the page keeps what the chart draws."""
        return f"chart-{self.name}"

    @property
    def chart_data(self) -> dict:
        """What the chart draws; the same numbers stand in the table."""
        return {
            "kind": self.chart,
            "labels": [str(row.label) for row in self.rows],
            "series": [
                {"label": str(self.columns[place].label), "values": [row.numbers[place].value for row in self.rows]}
                for place in self.drawn
            ],
        }


@dataclass(frozen=True)
class Board:
    """A whole board. `about` says whose figures they are, `period` of which days."""

    title: object
    about: object
    cards: list[Card]
    sections: list[Section]
    period: str = ""
    before: str = ""
    notes: list[str] = field(default_factory=list)

    @property
    def in_order(self) -> list[Section]:
        """The sections as they are shown: those that have nothing to show come last, and leave no hole."""
        return sorted(self.sections, key=lambda section: not section.rows)


def count(number: int | None, href: str = "", note: str = "") -> Number:
    """A number of complaints, grouped the Indian way."""
    if number is None:
        return Number(NOTHING, note=note)
    return Number(indian(number), number, href if number else "", note)


def rate(percent: float | None, href: str = "", note: str = "") -> Number:
    """A share in whole percents."""
    if percent is None:
        return Number(NOTHING, note=note)
    return Number(f"{round(percent)}%", round(percent, 1), href, note)


def days(number: float | None, note: str = "") -> Number:
    """A number of days, to a tenth; under ten to a hundredth, a quarter of an hour: what takes hours is not rounded
    away."""
    if number is None:
        return Number(NOTHING, note=note)
    text = f"{number:.2f}" if round(number, 2) < 10 else _to_a_tenth(number)
    return Number(text, float(text.replace(",", "")), note=note)


def _to_a_tenth(number: float) -> str:
    whole, _point, tenth = f"{number:.1f}".partition(".")
    return f"{indian(int(whole))}.{tenth}"


def change(now: float | None, before: float | None, good: bool | None, *, points: bool = False) -> Number:
    """How much more or less than before, in percent (in points, where both are percents). `good` says whether more is
    better."""
    if now is None or before is None or (not points and not before):
        return Number(NOTHING)
    difference = now - before if points else 100 * (now - before) / before
    shown = round(difference, 1)
    sign = "▲" if shown > 0 else "▼" if shown < 0 else "="
    amount = _to_a_tenth(abs(shown)).removesuffix(".0")
    better = None if good is None or not shown else (shown > 0) == good
    text = _("%(amount)s points") % {"amount": amount} if points else f"{amount}%"
    return Number(f"{sign} {text}", shown, good=better)


def short_day(day: datetime.date) -> str:
    """A day of a table whose period says the year: 25 November."""
    return f"{day.day} {MONTHS[day.month - 1]}"
