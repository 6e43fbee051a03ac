"""The reader that folds events into the roll-ups, and their rebuilding from the log."""

import datetime

from django.db import connection, transaction
from django.db.models import Max, Min, Q
from django.utils import timezone

from grievance import readers
from grievance.models import Event, ReaderPosition

from . import changes
from .cubes import COHORT, COUNT_CUBES, DAY, DIMENSIONS, DURATION_CUBES, MONTH, PLACES, Cube
from .figures import COLUMNS
from .models import Duration, Tally

# The reader whose position says which events the roll-ups hold.
READER = "figures"

TALLY, DURATION = Tally._meta.db_table, Duration._meta.db_table
EVERY_GRAIN = f"(VALUES ('{DAY}', day), ('{MONTH}', date_trunc('month', day)::date))"
ONLY_DAYS = f"(VALUES ('{DAY}', day))"
SOME_EVENTS = "SELECT * FROM grievance_event WHERE id = ANY(%s)"


def fold() -> int:
    """Takes the next events; returns how many there were."""
    return readers.follow(READER)


def add_up(events: list[Event]) -> None:
    """Adds what these events change to the roll-ups."""
    ids = [[event.pk for event in events]]
    with connection.cursor() as cursor:
        cursor.execute(_add_counts(SOME_EVENTS, EVERY_GRAIN), ids)
        cursor.execute(_add_cohorts(SOME_EVENTS), ids)
        cursor.execute(_add_durations(SOME_EVENTS, EVERY_GRAIN), ids)


def empty() -> None:
    """Forgets all sums: before the reader begins the log anew."""
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {TALLY}, {DURATION}")


def rebuild(first: datetime.date | None = None, last: datetime.date | None = None, progress=None) -> int:
    """Counts the days from `first` to `last` (all days where not given) anew from the log; returns how many months
    it touched. The portal goes on: the reader waits for one month at a time, and readers of the sums see each
    month as it was or as it is, never in between. `progress(month)` is called after each.

    Ages, which go by the day of registration, are counted anew when all days are.
    """
    earliest, latest = Event.objects.aggregate(first=Min("at"), last=Max("at")).values()
    if earliest is None:
        return 0
    everything = first is None and last is None
    first, last = first or timezone.localdate(earliest), last or timezone.localdate(latest)
    if everything:
        _forget_days_without_events(first, last)
        _rebuild_cohorts()
    months = 0
    while first <= last:
        next_month = (first.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)
        _rebuild_days(first, min(last, next_month - datetime.timedelta(days=1)))
        months += 1
        if progress:
            progress(first)
        first = next_month
    return months


# Events of some business days that the reader has taken.
TAKEN = "(event.xid, event.id) <= (%(xid)s, %(event)s)"
EVENTS_OF_DAYS = f"""
    SELECT * FROM grievance_event AS event
    WHERE at >= %(first)s::date::timestamp AT TIME ZONE '{changes.ZONE}'
      AND at < (%(last)s::date + 1)::timestamp AT TIME ZONE '{changes.ZONE}' AND {TAKEN}
"""
ALL_EVENTS = f"SELECT * FROM grievance_event AS event WHERE {TAKEN}"


def _rebuild_days(first: datetime.date, last: datetime.date) -> None:
    """Days of one month, and from its days the month."""
    with transaction.atomic(), connection.cursor() as cursor:
        place = _held_position() | {"first": first, "last": last, "month": first.replace(day=1)}
        for table in (TALLY, DURATION):
            cursor.execute(f"DELETE FROM {table} WHERE grain = '{DAY}' AND day BETWEEN %(first)s AND %(last)s", place)
        cursor.execute(_add_counts(EVENTS_OF_DAYS, ONLY_DAYS), place)
        cursor.execute(_add_durations(EVENTS_OF_DAYS, ONLY_DAYS), place)
        for table, key, sums in ((TALLY, KEY, COLUMNS), (DURATION, (*KEY, "measure", "bucket"), ("count",))):
            cursor.execute(f"DELETE FROM {table} WHERE grain = '{MONTH}' AND day = %(month)s", place)
            same = ", ".join(name for name in key if name not in ("grain", "day"))
            cursor.execute(
                f"INSERT INTO {table} (grain, day, {same}, {', '.join(sums)})"
                f" SELECT '{MONTH}', %(month)s, {same}, {', '.join(f'sum({name})' for name in sums)} FROM {table}"
                f" WHERE grain = '{DAY}' AND day >= %(month)s AND day < %(month)s + interval '1 month' GROUP BY {same}",
                place,
            )


def _forget_days_without_events(first: datetime.date, last: datetime.date) -> None:
    for model in (Tally, Duration):
        model.objects.filter(Q(grain=DAY, day__lt=first) | Q(grain=DAY, day__gt=last)).delete()
        model.objects.filter(Q(grain=MONTH, day__lt=first.replace(day=1)) | Q(grain=MONTH, day__gt=last)).delete()


def _rebuild_cohorts() -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        place = _held_position()
        cursor.execute(f"DELETE FROM {TALLY} WHERE grain = '{COHORT}'")
        cursor.execute(_add_cohorts(ALL_EVENTS), place)


def _held_position() -> dict:
    """Where the reader stands; it waits until the transaction ends."""
    ReaderPosition.objects.get_or_create(name=READER)
    position = ReaderPosition.objects.select_for_update().get(name=READER)
    return {"xid": position.xid, "event": position.event_id}


KEY = ("cube", "grain", "day", *DIMENSIONS, "confidential")


def _add_counts(events: str, grains: str) -> str:
    sums = ", ".join(f"sum({name}) AS {name}" for name in COLUMNS)
    changed = " OR ".join(f"sum({name}) <> 0" for name in COLUMNS)
    return f"""
        INSERT INTO {TALLY} ({", ".join(KEY)}, {", ".join(COLUMNS)})
        SELECT {_number(COUNT_CUBES)}, grain, since, {_dimensions(COUNT_CUBES)}, confidential, {sums}
        FROM ({changes.counted(events)}) AS change CROSS JOIN LATERAL {grains} AS span(grain, since)
        GROUP BY grain, since, confidential, {_sets(COUNT_CUBES)}
        HAVING {changed}
        {_or_add(TALLY, COLUMNS)}
    """


def _add_cohorts(events: str) -> str:
    """How many of those registered on a day are registered and disposed of: the difference is still open."""
    return f"""
        INSERT INTO {TALLY} (cube, grain, day, department, district, category, area, posting, level, channel, kind,
                             confidential, registered, disposed)
        SELECT {PLACES.number}, '{COHORT}', (registered_at AT TIME ZONE '{changes.ZONE}')::date, department, district,
               0, 0, 0, 0, '', '', confidential, sum(registered), sum(disposed)
        FROM ({changes.counted(events)}) AS change
        GROUP BY 3, department, district, confidential
        HAVING sum(registered) <> 0 OR sum(disposed) <> 0
        {_or_add(TALLY, ("registered", "disposed"))}
    """


def _add_durations(events: str, grains: str) -> str:
    return f"""
        INSERT INTO {DURATION} ({", ".join(KEY)}, measure, bucket, count)
        SELECT {_number(DURATION_CUBES)}, grain, since, {_dimensions(DURATION_CUBES)}, confidential, measure, bucket,
               count(*)
        FROM ({changes.lasted(events)}) AS change CROSS JOIN LATERAL {grains} AS span(grain, since)
        GROUP BY grain, since, confidential, measure, bucket, {_sets(DURATION_CUBES)}
        {_or_add(DURATION, ("count",), ("measure", "bucket"))}
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
        f"coalesce({name}, {nothing})" if name in known else nothing for name, (_type, nothing) in DIMENSIONS.items()
    )


def _or_add(table: str, sums: tuple[str, ...], more: tuple[str, ...] = ()) -> str:
    adding = ", ".join(f"{name} = {table}.{name} + excluded.{name}" for name in sums)
    return f"ON CONFLICT ({', '.join((*KEY, *more))}) DO UPDATE SET {adding}"
