"""Reads figures: the roll-ups plus the events not yet folded, in one statement, so they are exact at once.

    counts = reading.counts(Selection(first, last, {"department": (7,)}), by=("district",))
    counts[3]["disposed"]

A `Selection` says of which days and which complaints; `by` splits the result by dimensions of
`dashboards.cubes`, by `confidential`, by `day` or by `month`.
"""

import datetime
from collections import defaultdict
from dataclasses import dataclass, field

from departments.remembered import for_half_a_minute
from grievance import replica
from grievance.models import ReaderPosition

from . import changes, kept
from .cubes import COHORT, COHORT_CUBES, COUNT_CUBES, DAY, DIMENSIONS, DURATION_CUBES, MONTH, next_month, smallest
from .figures import AGES, COLUMNS
from .folding import POSITION
from .histograms import quantile

# Of these, a page shows how many there are at the end of the period; of all others, how many came in it.
STANDING = ("breached",)
SPLITS_IN_TIME = {"day": "day", "month": "date_trunc('month', day)::date"}


class NotKept(LookupError):
    """No roll-up knows these dimensions together."""


@dataclass(frozen=True)
class Selection:
    """Complaints of these days (from the beginning, to now, where None) and with these values of the dimensions:
    {"department": (7,), "channel": ("web", "call")}. `confidential` leaves the confidential lines in."""

    first: datetime.date | None = None
    last: datetime.date | None = None
    where: dict = field(default_factory=dict)
    confidential: bool = False


class Figures(dict):
    """Numbers by the names of `dashboards.figures`; those of which there are none are 0."""

    def __missing__(self, name):
        return 0

    def add(self, others: "Figures") -> None:
        """Adds the numbers of others to these."""
        for name, number in others.items():
            self[name] += number


# The events behind the reader's position. Seen in one statement with the sums, none is counted twice or left out. That
# position is not known when the statement is planned, and PostgreSQL would read all events: so the place where the
# reader stood a moment before, behind which the rest lies, is named too.
TAIL = f"""
    SELECT * FROM grievance_event AS event
    WHERE (event.xid > %(xid)s OR (event.xid = %(xid)s AND event.id > %(event)s))
      AND (event.xid, event.id) > (coalesce((SELECT xid FROM ({POSITION}) AS now), {ReaderPosition.BEGINNING}),
                                   coalesce((SELECT event_id FROM ({POSITION}) AS now), 0))
"""


def counts(
    selection: Selection, by: tuple[str, ...] = (), *, standing: bool = True, only: tuple[str, ...] = COLUMNS
) -> dict:
    """The counts and happenings of a selection, `only` these: {value (or tuple of values) of `by`: Figures}; without
    `by`, under ().

    `open`, `breached` and `open_before` are as of the selection's last day and the day before its first; split in
    time they are left out. Who shows none of them says so by `standing`: for them all days before are added up.
    Raises NotKept.
    """
    in_period = bool(SPLITS_IN_TIME.keys() & set(by)) or not standing
    cube = _cube(COUNT_CUBES, selection, by)
    spans = _spans(selection.first, selection.last, days="day" in by)
    if selection.first and not in_period:
        spans += _spans(None, selection.first - datetime.timedelta(days=1))
    within = "day >= %(first)s" if selection.first else "true"
    fresh = f"{within if in_period else 'true'} AND {_until(selection)}"
    # Nothing else is read where only the period counts.
    in_it = "" if in_period else f" FILTER (WHERE {within})"
    columns = [f"coalesce(sum({name}){in_it}, 0)::bigint" for name in only]
    columns += [f"coalesce(sum({name}), 0)::bigint" for name in ("registered", "disposed", *STANDING) if not in_period]
    condition, parameters = _conditions(selection)
    found = _found(
        f"""SELECT {_keys(by)} {", ".join(columns)} FROM (
                {_kept(kept.counts, cube, spans, condition, parameters)}
                UNION ALL
                SELECT day, {", ".join((*DIMENSIONS, "confidential", *COLUMNS))} FROM ({changes.counted(TAIL)}) AS tail
                WHERE {fresh} AND {condition}
            ) AS change {_grouped(by)}""",
        parameters,
    )
    return {_key(row, by): _figures(only, row[len(by) :], in_period) for row in found}


def _figures(only: tuple[str, ...], values, in_period: bool) -> Figures:
    figures = Figures(zip(only, values, strict=False))
    if in_period:
        for name in STANDING:
            figures.pop(name, None)
        return figures
    registered, disposed, *standing = values[len(only) :]
    figures |= zip(STANDING, standing, strict=True)
    figures["open"] = registered - disposed
    figures["open_before"] = figures["open"] - (figures["registered"] - figures["disposed"])
    return figures


def total(selection: Selection, *, standing: bool = True) -> Figures:
    """The same for all of the selection together."""
    return counts(selection, standing=standing).get((), Figures())


def durations(selection: Selection, by: tuple[str, ...] = ()) -> dict:
    """Histograms of a selection: {value (or tuple) of `by`: {measure: {bucket: count}}}. Raises NotKept."""
    cube = _cube(DURATION_CUBES, selection, by)
    condition, parameters = _conditions(selection)
    names = ", ".join((*DIMENSIONS, "confidential", "measure", "bucket"))
    spans = _spans(selection.first, selection.last, days="day" in by)
    since = "day >= %(first)s AND " if selection.first else ""
    found = _found(
        f"""SELECT {_keys(by)} measure, bucket, sum(count)::bigint FROM (
                {_kept(kept.durations, cube, spans, condition, parameters)}
                UNION ALL
                SELECT day, {names}, 1 FROM ({changes.lasted(TAIL)}) AS tail
                WHERE {since}{_until(selection)} AND {condition}
            ) AS change {_grouped((*by, "measure", "bucket"))}""",
        parameters,
    )
    result = defaultdict(lambda: defaultdict(dict))
    for row in found:
        measure, number, count = row[len(by) :]
        result[_key(row, by)][measure][number] = count
    return result


def days(figure, histograms: dict) -> float | None:
    """A `figures.Days` of one entry of `durations`."""
    return quantile(histograms.get(figure.measure, {}), figure.quantile)


def open_by_age(selection: Selection, today: datetime.date, by: tuple[str, ...] = ()) -> dict:
    """How many are open now, by how long ago they were registered: {value of `by`: [count of each of
    `figures.AGES`]}. Filters by department and district alone. Raises NotKept."""
    cube = _cube(COHORT_CUBES, selection, by)
    condition, parameters = _conditions(selection)
    ages = [age for age, _label in AGES]
    parameters["today"], bounds = today, [*ages, None]
    columns = []
    for i, age in enumerate(ages):
        older = f"%(today)s - day >= {age}" if age else "true"
        younger = f"AND %(today)s - day < {bounds[i + 1]}" if bounds[i + 1] else ""
        columns.append(f"coalesce(sum(registered - disposed) FILTER (WHERE {older} {younger}), 0)::bigint")
    found = _found(
        f"""SELECT {_keys(by)} {", ".join(columns)} FROM (
                SELECT day, department, district, confidential, registered, disposed FROM {kept.TALLY}
                WHERE cube = {cube.number} AND grain = '{COHORT}' AND registered <> disposed AND {condition}
                UNION ALL
                SELECT (registered_at AT TIME ZONE '{changes.ZONE}')::date AS day, department, district, confidential,
                       registered, disposed
                FROM ({changes.counted(TAIL)}) AS tail WHERE {condition}
            ) AS change {_grouped(by)}""",
        parameters,
    )
    return {_key(row, by): list(row[len(by) :]) for row in found}


@for_half_a_minute
def of_the_state() -> Figures:
    """The state's totals, for the first page: everyone opens it, so it may lag half a minute behind. The page of
    figures itself is exact."""
    return total(Selection(confidential=True))


def _cube(cubes, selection: Selection, by):
    needed = (set(selection.where) | set(by)) - SPLITS_IN_TIME.keys() - {"confidential"}
    cube = smallest(cubes, needed)
    if cube is None:
        raise NotKept(sorted(needed))
    return cube


def _spans(first, last, *, days: bool = False) -> list[tuple]:
    """The period in as few sums as there are: whole months, and days where it begins or ends within one.
    (grain, first, last); None is open."""
    if days or (first and last and (first.year, first.month) == (last.year, last.month)):
        return [(DAY, first, last)]
    spans, month_first, month_last = [], first, None
    if first and first.day > 1:
        month_first = next_month(first)
        spans.append((DAY, first, month_first - datetime.timedelta(days=1)))
    if last:
        month_last = last.replace(day=1) - datetime.timedelta(days=1)
        if next_month(last) - datetime.timedelta(days=1) == last:
            month_last = last
        else:
            spans.append((DAY, last.replace(day=1), last))
    if not (month_first and month_last and month_first > month_last):
        spans.append((MONTH, month_first, month_last))
    return spans


def _kept(rows, cube, spans, condition: str, parameters: dict) -> str:
    """A query of the kept sums of these spans: `rows` is one of `dashboards.kept`."""
    parts = []
    for n, (grain, *ends) in enumerate(spans):
        names = []
        for name, day in zip((f"from{n}", f"to{n}"), ends, strict=True):
            parameters[name] = day
            names.append(f"%({name})s::date" if day else "")
        parts.append(f"SELECT * FROM ({rows(cube, grain, *names)}) AS kept WHERE {condition}")
    return " UNION ALL ".join(parts)


def _found(statement: str, parameters: dict) -> list[tuple]:
    """The rows of a statement over sums and tail. Where the reader stood is asked of the same database: of another,
    further on, it would leave out what is between."""

    def ask(rows):
        stood = rows(POSITION)
        xid, event = stood[0] if stood else (ReaderPosition.BEGINNING, 0)
        return rows(statement, parameters | {"xid": xid, "event": event})

    return replica.read(ask)


def _conditions(selection: Selection) -> tuple[str, dict]:
    parameters = {"first": selection.first, "last": selection.last}
    parts = ["true"] if selection.confidential else ["NOT confidential"]
    for name, values in selection.where.items():
        kind, _nothing = DIMENSIONS[name]
        parameters[f"only_{name}"] = list(values)
        parts.append(f"{name} = ANY(%(only_{name})s::{kind}[])")
    return " AND ".join(parts), parameters


def _until(selection: Selection) -> str:
    return "day <= %(last)s" if selection.last else "true"


def _keys(by) -> str:
    return "".join(f"{SPLITS_IN_TIME.get(name, name)}, " for name in by)


def _grouped(by) -> str:
    return "GROUP BY " + ", ".join(SPLITS_IN_TIME.get(name, name) for name in by) if by else ""


def _key(row, by):
    return row[0] if len(by) == 1 else tuple(row[: len(by)])
