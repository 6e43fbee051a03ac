"""What was asked for, split by department, district, category or channel: a row each."""

from collections.abc import Iterable

from django.utils.translation import gettext as _

from dashboards import intervals, reading
from dashboards.figures import FIGURES, Rate
from grievance.filters import CHANNELS

from . import lists, parts
from .asking import Asked
from .parts import Column, Number, Row, Section

# What a row shows of each department, district or category; the first is drawn as a bar.
SHOWN = ("on_time", "praised_of_answered", "registered", "open", "breached")
# Below so many cases a rate is chance, and nobody is called the worst or the best for it.
ENOUGH = 30
# A rate under this is marked, in words and colour.
BAD = 70


def rows_of(asked: Asked, dimension: str, things: Iterable, href=None, listed=None) -> list[Row]:
    """A row for each thing with its figures of the period, those without any complaint left out."""
    found = asked.by(dimension)
    return [
        row_of(asked, thing, found[thing.pk], href(thing) if href else "", listed(thing) if listed else {})
        for thing in things
        if thing.pk in found and _matters(found[thing.pk])
    ]


def _matters(counts) -> bool:
    return any(counts[name] for name in ("registered", "asked", "open", "answered", "disposed"))


def row_of(asked: Asked, thing, counts, href: str, listed: dict, shown=SHOWN, *, label="") -> Row:
    """One row: the rates first, each with its cases. `label` names it where the thing's own name does not do."""
    numbers = [_number(asked, FIGURES[name], counts, listed) for name in shown]
    mark = _("surely under %(percent)s%%") % {"percent": BAD} if is_bad(FIGURES["on_time"], counts) else ""
    return Row(label or getattr(thing, "name", thing), numbers, href, bar=numbers[0].value, mark=mark)


def _number(asked: Asked, figure, counts, listed: dict) -> Number:
    href = lists.behind(asked, figure.name, asked.period, **listed)
    if not isinstance(figure, Rate):
        return parts.count(counts[figure.name], href)
    cases = counts[figure.whole]
    note = _("of %(cases)s") % {"cases": parts.indian(cases)} if cases else ""
    return parts.rate(figure.of(counts), href, note)


def is_bad(figure: Rate, counts) -> bool:
    """Whether even the upper end of the interval is under BAD, with enough cases."""
    cases = counts[figure.whole]
    return cases >= ENOUGH and intervals.wilson(figure.cases(counts), cases)[1] < BAD


def columns(shown=SHOWN) -> list[Column]:
    """The headings of what rows show."""
    return [Column(FIGURES[name].label, FIGURES[name]) for name in shown]


def table(name: str, title, first, rows: list[Row], **more) -> Section:
    """Rows of SHOWN as a section, most complaints first."""
    rows = sorted(rows, key=lambda row: (-(row.numbers[2].value or 0), str(row.label)))
    return Section(name, title, first, columns(), rows, **more)


def by_channel(asked: Asked) -> Section:
    """How complaints came in."""
    found = reading.counts(asked.split(), by=("channel",), standing=False, only=("registered",))
    labels = dict(CHANNELS)
    rows = [
        Row(labels.get(channel, channel),
            [parts.count(counts["registered"], lists.behind(asked, "registered", asked.period, channel=channel))])
        for channel, counts in found.items()
        if counts["registered"]
    ]  # fmt: skip
    rows.sort(key=lambda row: -row.numbers[0].value)
    figure = FIGURES["registered"]
    return Section("channels", _("How they came in"), _("Channel"), [Column(figure.label, figure)], rows,
                   empty=_("Nothing came in these days."))  # fmt: skip
