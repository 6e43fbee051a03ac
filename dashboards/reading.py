"""Reads figures: the roll-ups plus the events not yet folded, in one statement, so they are exact at once.

    counts = reading.counts(Selection(first, last, {"department": (7,)}), by=("district",))
    counts[3]["disposed"]

A `Selection` says of which days and which complaints; `by` splits the result by dimensions of
`dashboards.cubes`, by `confidential`, by `day` or by `month`.
"""

import datetime
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils import timezone

from departments.remembered import for_half_a_minute
from grievance import replica
from grievance.models import ReaderPosition

from . import changes, kept
from .cubes import (
    COHORT,
    COHORT_CUBES,
    COUNT_CUBES,
    DAY,
    DIMENSIONS,
    DURATION_CUBES,
    MONTH,
    YEAR,
    YEAR_CUBES,
    Cube,
    first_of,
    last_of,
    smallest,
)
from .figures import AGES, COLUMNS
from .folding import POSITION, stood
from .histograms import quantile

# Of these, a page shows how many there are at the end of the period; of all others, how many came in it.
STANDING = ("breached",)
SPLITS_IN_TIME = {"day": "day", "month": "date_trunc('month', day)::date"}
ONE_DAY = datetime.timedelta(days=1)


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

    @property
    def until(self) -> datetime.date | None:
        """The last day, or None where it has not passed: nothing is of a later day, and a month or year that goes on
        is read as one sum."""
        return self.last if self.last and self.last < timezone.localdate() else None


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
    condition, parameters = _conditions(selection)
    columns = [f"coalesce(sum({name}) FILTER (WHERE came), 0)::bigint" for name in only]
    if not in_period:
        of_all_days = ("registered", "disposed", *STANDING)
        columns += [f"coalesce(sum({name}) FILTER (WHERE stands), 0)::bigint" for name in of_all_days]
    sums = " UNION ALL ".join(_sums(selection, cube, _grains(cube, by), condition, in_period=in_period))
    found = _found(f"SELECT {_keys(by)} {', '.join(columns)} FROM ({sums}) AS change {_grouped(by)}", parameters)
    return {_key(row, by): _figures(only, row[len(by) :], in_period) for row in found}


def _sums(selection: Selection, cube: Cube, grains, condition: str, *, in_period: bool) -> Iterator[str]:
    """Queries of sums, each marked by whether it came in the period and whether it counts for what stands at the end.
    The two are read apart where they differ: a period may be many days, but all there was lies in a few years."""
    apart = bool(selection.first) and not in_period
    inside = _kept(kept.counts, cube, _spans(selection.first, selection.until, grains), condition)
    yield f"SELECT true AS came, {not apart} AS stands, * FROM ({inside}) AS kept"
    if apart:
        everything = _kept(kept.counts, cube, _spans(None, selection.until, grains), condition)
        yield f"SELECT false, true, * FROM ({everything}) AS kept"
    columns = ", ".join((*DIMENSIONS, "confidential", *COLUMNS))
    within = _since(selection)
    yield (
        f"SELECT {within}, true, day, {columns} FROM ({changes.counted(TAIL)}) AS tail"
        f" WHERE {_until(selection)} AND {condition} AND {within if in_period else 'true'}"
    )


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
    spans = _spans(selection.first, selection.until, _grains(cube, by))
    found = _found(
        f"""SELECT {_keys(by)} measure, bucket, sum(count)::bigint FROM (
                {_kept(kept.durations, cube, spans, condition)}
                UNION ALL
                SELECT day, {names}, 1 FROM ({changes.lasted(TAIL)}) AS tail
                WHERE {_since(selection)} AND {_until(selection)} AND {condition}
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


def _grains(cube: Cube, by) -> tuple[str, ...]:
    """The sums that there are of a cube and that need not be split again, the longest first."""
    if "day" in by:
        return (DAY,)
    return (YEAR, MONTH, DAY) if cube in YEAR_CUBES and "month" not in by else (MONTH, DAY)


def _spans(first, last, grains: tuple[str, ...]) -> list[tuple]:
    """The period in as few sums as there are: whole years, in what is left before and after them whole months, and in
    what is left of those days. (grain, first, last); None is open."""
    grain, *finer = grains
    begins = first if not first or first == first_of(grain, first) else last_of(grain, first) + ONE_DAY
    ends = last if not last or last == last_of(grain, last) else first_of(grain, last) - ONE_DAY
    if begins and ends and begins > ends:
        return _spans(first, last, finer)
    before = _spans(first, begins - ONE_DAY, finer) if begins != first else []
    after = _spans(ends + ONE_DAY, last, finer) if ends != last else []
    return [*before, (grain, begins, ends), *after]


def _kept(rows, cube: Cube, spans, condition: str) -> str:
    """A query of the kept sums of these spans: `rows` is one of `dashboards.kept`."""
    parts = []
    for grain, *ends in spans:
        between = [f"'{day}'::date" if day else "" for day in ends]
        parts.append(f"SELECT * FROM ({rows(cube, grain, *between)}) AS kept WHERE {condition}")
    return " UNION ALL ".join(parts)


def _found(statement: str, parameters: dict) -> list[tuple]:
    """The rows of a statement over sums and tail. Where the reader stood is asked of the same database: of another,
    further on, it would leave out what is between."""

    def ask(rows):
        return rows(statement, parameters | stood(rows(POSITION)))

    return replica.read(ask)


def _conditions(selection: Selection) -> tuple[str, dict]:
    parameters = {"first": selection.first, "last": selection.until}
    parts = ["true"] if selection.confidential else ["NOT confidential"]
    for name, values in selection.where.items():
        kind, _nothing = DIMENSIONS[name]
        parameters[f"only_{name}"] = list(values)
        parts.append(f"{name} = ANY(%(only_{name})s::{kind}[])")
    return " AND ".join(parts), parameters


def _since(selection: Selection) -> str:
    return "day >= %(first)s" if selection.first else "true"


def _until(selection: Selection) -> str:
    return "day <= %(last)s" if selection.until else "true"


def _keys(by) -> str:
    return "".join(f"{SPLITS_IN_TIME.get(name, name)}, " for name in by)


def _grouped(by) -> str:
    return "GROUP BY " + ", ".join(SPLITS_IN_TIME.get(name, name) for name in by) if by else ""


def _key(row, by):
    return row[0] if len(by) == 1 else tuple(row[: len(by)])
