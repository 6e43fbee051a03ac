"""The reader that folds events into the roll-ups, and their rebuilding from the log."""

import datetime
from collections.abc import Iterable

from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from config.time_limits import take_time
from departments.locks import one_at_a_time
from grievance import readers
from grievance.models import Event, ReaderPosition

from . import changes, packed
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
    next_month,
)
from .figures import COLUMNS
from .kept import DURATION, TALLY
from .models import Duration, Tally

# Advisory locks, the number of the first day added: one for each month and each year, and one for each month of
# registration.
LOCKS = {MONTH: 0x5EBA_0416_0000_0000, YEAR: 0x5EBA_0417_0000_0000, COHORT: 0x5EBA_0418_0000_0000}
# The reader whose position says which events the roll-ups hold.
READER = "figures"

POSITION = f"SELECT xid, event_id FROM {ReaderPosition._meta.db_table} WHERE name = '{READER}'"
SOME_EVENTS = "SELECT * FROM grievance_event WHERE id = ANY(%s)"


def fold() -> int:
    """Takes the next events; returns how many there were."""
    return readers.follow(READER)


def add_up(events: list[Event]) -> None:
    """Adds what these events change to the roll-ups."""
    ids = [event.pk for event in events]
    lasted = [event.pk for event in events if changes.ends_a_wait(event)]
    with connection.cursor() as cursor:
        cursor.execute(_add_counts(SOME_EVENTS), [ids])
        cursor.execute(_add_cohorts(SOME_EVENTS), [ids])
        if lasted:
            cursor.execute(_add_durations(SOME_EVENTS), [lasted])


def empty() -> None:
    """Forgets all sums: before the reader begins the log anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TALLY}, {DURATION}")


def rebuild(progress=None) -> int:
    """Counts all months anew from the log; returns how many there were. The portal goes on: whoever reads the sums sees
    each month and year as it was or as it is, never in between. The reader gets a turn between two of them at best;
    until then pages add up what it has not taken. `progress(month)` is called after each month.
    """
    months = begin_anew()
    for month in months:
        count_cohorts(month)
        count_month(month)
        if progress:
            progress(month)
    add_up_years(months)
    return len(months)


def begin_anew() -> list[datetime.date]:
    """Begins to count everything anew, without sums of months in which nothing happened. Returns the first day of each
    month: the caller then runs `count_month` and `count_cohorts` for each, in any order or several at once, and
    `add_up_years` at the end."""
    with transaction.atomic():
        # A month that begins meanwhile is not among these: the reader does not add to it before the others are gone.
        take_time()
        _while_the_reader_stands()
        earliest, latest = Event.objects.aggregate(first=Min("at"), last=Max("at")).values()
        if earliest is None:
            return []
        first, last = timezone.localdate(earliest).replace(day=1), timezone.localdate(latest)
        _forget_months_without_events(first, last)
    months = [first]
    while (following := next_month(months[-1])) <= last:
        months.append(following)
    return months


# Events of a month that the reader has taken.
TAKEN = "(event.xid, event.id) <= (%(xid)s, %(event)s)"
EVENTS_OF_MONTH = f"""
    SELECT * FROM grievance_event AS event
    WHERE at >= %(month)s::date::timestamp AT TIME ZONE '{changes.ZONE}'
      AND at < %(next_month)s::date::timestamp AT TIME ZONE '{changes.ZONE}' AND {TAKEN}
"""
# Taken events, of whenever, of the complaints that were registered in a month.
EVENTS_OF_COHORTS = f"""
    SELECT event.* FROM grievance_event AS event JOIN grievance_complaint AS own ON own.id = event.complaint_id
    WHERE own.registered_at >= %(month)s::date::timestamp AT TIME ZONE '{changes.ZONE}'
      AND own.registered_at < %(next_month)s::date::timestamp AT TIME ZONE '{changes.ZONE}' AND {TAKEN}
"""


def rebuild_month(day: datetime.date) -> None:
    """Counts the month in which a day lies anew from the log, and what became of those registered in it; adds up its
    year."""
    with transaction.atomic():
        count_month(day)
        count_cohorts(day)
        add_up_years([day])


def count_month(day: datetime.date) -> None:
    """Counts the month in which a day lies anew from the log. Its year is left to `add_up_years`: months of one year
    can be counted at once."""
    month = first_of(MONTH, day)
    with transaction.atomic(), connection.cursor() as cursor:
        place = _alone_with(MONTH, month) | {"month": month, "next_month": next_month(month)}
        for table in (TALLY, DURATION):
            cursor.execute(
                f"DELETE FROM {table} WHERE grain IN ('{DAY}', '{MONTH}')"
                " AND day >= %(month)s AND day < %(next_month)s",
                place,
            )
        cursor.execute(_add_counts(EVENTS_OF_MONTH, years=False), place)
        cursor.execute(_add_durations(EVENTS_OF_MONTH), place)


def add_up_years(days: Iterable[datetime.date]) -> None:
    """Adds up anew, from their months, the years in which these days lie."""
    for year in sorted({first_of(YEAR, day) for day in days}):
        with transaction.atomic(), connection.cursor() as cursor:
            _alone_with(YEAR, year)
            cursor.execute(f"DELETE FROM {TALLY} WHERE grain = '{YEAR}' AND day = %s", [year])
            of_year = "day >= %(year)s AND day < %(year)s + interval '1 year'"
            cursor.execute(_add_years(f"SELECT * FROM {TALLY} WHERE grain = '{MONTH}' AND {of_year}"), {"year": year})


def _forget_months_without_events(first: datetime.date, last: datetime.date) -> None:
    for model in (Tally, Duration):
        sums = model.objects.exclude(grain=YEAR, day=first_of(YEAR, first))
        sums.filter(Q(day__lt=first) | Q(day__gt=last)).delete()


def count_cohorts(day: datetime.date) -> None:
    """Counts anew from the log what became of those registered in the month in which a day lies, by the day of their
    registration: how many were registered and disposed of."""
    month = first_of(MONTH, day)
    with transaction.atomic(), connection.cursor() as cursor:
        place = _alone_with(COHORT, month) | {"month": month, "next_month": next_month(month)}
        of_month = f"grain = '{COHORT}' AND day >= %(month)s AND day < %(next_month)s"
        cursor.execute(f"DELETE FROM {TALLY} WHERE {of_month}", place)
        cursor.execute(_add_cohorts(EVENTS_OF_COHORTS), place)


def _alone_with(grain: str, day: datetime.date) -> dict:
    """Until the transaction ends nobody else counts the same, who would add it up once more, and the reader does not
    move on. Returns where the reader stands."""
    take_time()
    one_at_a_time(LOCKS[grain] + day.toordinal())
    return _while_the_reader_stands()


def _while_the_reader_stands() -> dict:
    """Until the transaction ends the reader does not move on. Returns where it stands."""
    ReaderPosition.objects.get_or_create(name=READER)
    with connection.cursor() as cursor:
        cursor.execute(f"{POSITION} FOR SHARE")
        return stood(cursor.fetchall())


def stood(found: list[tuple]) -> dict:
    """What `POSITION` found, as parameters of queries: the beginning, where the reader never stood anywhere."""
    xid, event = found[0] if found else (ReaderPosition.BEGINNING, 0)
    return {"xid": xid, "event": event}


GROUP = (*DIMENSIONS, "confidential")
KEY = ("cube", "grain", "day", *GROUP)
PACKED = ", ".join(str(cube.number) for cube in (*COUNT_CUBES, *DURATION_CUBES) if cube.packed)
BY_YEAR = ", ".join(str(cube.number) for cube in YEAR_CUBES)
SUMS = ", ".join(f"sum({name}) AS {name}" for name in COLUMNS)
CHANGED = " OR ".join(f"sum({name}) <> 0" for name in COLUMNS)


def _add_counts(events: str, *, years: bool = True) -> str:
    """Adds a row a day, where the cube is not packed, and a row a month, where it is with its days; and to `years`."""
    group, columns = ", ".join(GROUP), ", ".join(COLUMNS)
    of_month = ", ".join(f"coalesce(sum(n) FILTER (WHERE what = {packed.COUNTED.index(name)}), 0)" for name in COLUMNS)
    each = ", ".join(f"({packed.COUNTED.index(name)}, {name})" for name in COLUMNS)
    entry = packed.COUNTS.entry("n", "extract(day FROM day)", "what")
    return f"""
        WITH of_day AS (
            SELECT {_number(COUNT_CUBES)} AS cube, day, {_dimensions(COUNT_CUBES)}, confidential, {SUMS}
            FROM ({changes.counted(events)}) AS change
            GROUP BY day, confidential, {_sets(COUNT_CUBES)}
            HAVING {CHANGED}
        ), days AS (
            INSERT INTO {TALLY} ({", ".join(KEY)}, {columns})
            SELECT cube, '{DAY}', day, {group}, {columns} FROM of_day WHERE cube NOT IN ({PACKED})
            {_or_add(TALLY, COLUMNS)}
        ){f", years AS ({_add_years('SELECT * FROM of_day')})" if years else ""}
        INSERT INTO {TALLY} ({", ".join(KEY)}, {columns}, days)
        SELECT cube, '{MONTH}', {MONTH_OF_DAY} AS month, {group}, {of_month},
               array_agg({entry} ORDER BY day, what) FILTER (WHERE cube IN ({PACKED}))
        FROM of_day CROSS JOIN LATERAL (VALUES {each}) AS each(what, n)
        WHERE n <> 0
        GROUP BY cube, month, {group}
        {_or_add(TALLY, COLUMNS, packed.COUNTS)}
    """


MONTH_OF_DAY = "date_trunc('month', day)::date"


def _add_years(sums: str) -> str:
    """Adds a row a year of these sums, which are of days or of months."""
    group = ", ".join(GROUP)
    return f"""
        INSERT INTO {TALLY} ({", ".join(KEY)}, {", ".join(COLUMNS)})
        SELECT cube, '{YEAR}', date_trunc('year', day)::date AS year, {group}, {SUMS}
        FROM ({sums}) AS sums WHERE cube IN ({BY_YEAR})
        GROUP BY cube, year, {group}
        HAVING {CHANGED}
        {_or_add(TALLY, COLUMNS)}
    """


def _add_cohorts(events: str) -> str:
    """How many of those registered on a day are registered and disposed of: the difference is still open."""
    return f"""
        INSERT INTO {TALLY} ({", ".join(KEY)}, registered, disposed)
        SELECT {_number(COHORT_CUBES)}, '{COHORT}', registered_on, {_dimensions(COHORT_CUBES)}, confidential,
               sum(registered), sum(disposed)
        FROM (SELECT *, (registered_at AT TIME ZONE '{changes.ZONE}')::date AS registered_on
              FROM ({changes.counted(events)}) AS change) AS change
        GROUP BY registered_on, confidential, {_sets(COHORT_CUBES)}
        HAVING sum(registered) <> 0 OR sum(disposed) <> 0
        {_or_add(TALLY, ("registered", "disposed"))}
    """


def _add_durations(events: str) -> str:
    group = ", ".join(GROUP)
    entry = packed.DURATIONS.entry("sum(n)", "on_day", "what")
    return f"""
        WITH of_day AS (
            SELECT {_number(DURATION_CUBES)} AS cube, day, {_dimensions(DURATION_CUBES)}, confidential,
                   {packed.duration("measure", "bucket")} AS what, count(*) AS n
            FROM ({changes.lasted(events)}) AS change
            GROUP BY day, confidential, measure, bucket, {_sets(DURATION_CUBES)}
        ), each AS (
            SELECT cube, grain, since, {group}, on_day, what, {entry} AS entry
            FROM of_day CROSS JOIN LATERAL (VALUES
                ('{DAY}', day, 0),
                ('{MONTH}', {MONTH_OF_DAY}, CASE WHEN cube IN ({PACKED}) THEN extract(day FROM day)::integer ELSE 0 END)
            ) AS span(grain, since, on_day)
            WHERE grain = '{MONTH}' OR cube NOT IN ({PACKED})
            GROUP BY cube, grain, since, {group}, on_day, what
        )
        INSERT INTO {DURATION} ({", ".join(KEY)}, days)
        SELECT cube, grain, since, {group}, array_agg(entry ORDER BY on_day, what) FROM each
        GROUP BY cube, grain, since, {group}
        {_or_add(DURATION, (), packed.DURATIONS)}
    """


def _number(cubes: tuple[Cube, ...]) -> str:
    """Which cube a row of the grouping sets belongs to."""
    known = _known(cubes)
    masks = {int("".join("10"[name in cube.dimensions] for name in known), 2): cube.number for cube in cubes}
    which = " ".join(f"WHEN {mask} THEN {number}" for mask, number in masks.items())
    return f"CASE GROUPING({', '.join(known)}) {which} END"


def _sets(cubes: tuple[Cube, ...]) -> str:
    sets = ["(" + ", ".join(cube.dimensions) + ")" for cube in cubes]
    return f"GROUPING SETS ({', '.join(sets)})"


def _known(cubes: tuple[Cube, ...]) -> list[str]:
    """The dimensions that any of these cubes knows."""
    return [name for name in DIMENSIONS if any(name in cube.dimensions for cube in cubes)]


def _dimensions(cubes: tuple[Cube, ...]) -> str:
    known = _known(cubes)
    return ", ".join(
        f"{f'coalesce({name}, {nothing})' if name in known else nothing} AS {name}"
        for name, (_type, nothing) in DIMENSIONS.items()
    )


def _or_add(table: str, sums: tuple[str, ...], packing: packed.Packing | None = None) -> str:
    adding = [f"{name} = {table}.{name} + excluded.{name}" for name in sums]
    if packing:
        adding.append(f"days = {packing.together(f'{table}.days', 'excluded.days')}")
    return f"ON CONFLICT ({', '.join(KEY)}) DO UPDATE SET {', '.join(adding)}"
