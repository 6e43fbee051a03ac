"""Messages lie in a table a month, by when their event happened: what is waiting or lately sent stays small however
many years pass, and old months can be put away whole.

Months are made ahead by beat. Where one is missing all the same, a default partition takes its messages, so none is
ever refused; that shows on `/readyz` and in the figures of operation. What is put away goes to the schema `archive`.
"""

import datetime
import re

from django.db import connection, transaction
from django.db.models import QuerySet
from django.utils import timezone

from config.time_limits import take_time
from departments.locks import one_at_a_time

from .models import Delivery

TABLE = Delivery._meta.db_table
DEFAULT = f"{TABLE}_default"
ARCHIVE = "archive"
MONTHS_AHEAD = 3
# A citizen's word counts 30 days after a closing, and attempts to reach them must be shown until then.
FEWEST_MONTHS_KEPT = 3
# One makes or puts away at a time.
LOCK = 0x5EBA_0007


class StillWaiting(Exception):
    """A month that is to be put away holds messages that were not sent."""


def first_of(day: datetime.date, months: int = 0) -> datetime.date:
    """The first day of the month, or of one so many months later (or earlier)."""
    number = day.year * 12 + day.month - 1 + months
    return datetime.date(number // 12, number % 12 + 1, 1)


def month_of(delivery: Delivery) -> datetime.date:
    """In which month's table a message lies."""
    return first_of(timezone.localdate(delivery.created_at))


def name_of(month: datetime.date) -> str:
    """The table of a month."""
    return f"{TABLE}_{month:%Y_%m}"


def months() -> list[datetime.date]:
    """The months that have a table, in order."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = %s::regclass", [TABLE])
        found = [re.search(r"_(\d{4})_(\d{2})$", name) for (name,) in cursor.fetchall()]
    return sorted(datetime.date(int(match[1]), int(match[2]), 1) for match in found if match)


def missing(today: datetime.date | None = None) -> list[datetime.date]:
    """Of this month and the next those that have no table yet."""
    today, there = today or timezone.localdate(), set(months())
    return [month for month in (first_of(today), first_of(today, 1)) if month not in there]


def strays() -> int:
    """How many messages lie in the default partition, because their month had no table."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT count(*) FROM {DEFAULT}")  # noqa: S608 - our own table
        return cursor.fetchone()[0]


def _months_of_strays() -> set[datetime.date]:
    """The months of the messages in the default partition: one that passed before its table was made, too."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT DISTINCT date_trunc('month', created_at AT TIME ZONE %s)::date FROM {DEFAULT}",  # noqa: S608
            [str(timezone.get_default_timezone())],
        )
        return {month for (month,) in cursor.fetchall()}


def make_ahead(today: datetime.date | None = None) -> list[datetime.date]:
    """Makes the tables of this month and the next ones, and of months whose messages strayed; returns those that were
    not there. A month that was put away is not begun again."""
    today = today or timezone.localdate()
    strayed = _months_of_strays()
    ahead = {first_of(today, n) for n in range(MONTHS_AHEAD + 1)} | strayed - are_put_away(strayed)
    wanted = sorted(ahead - set(months()))
    for month in wanted:
        _make(month)
    return wanted


def _make(month: datetime.date) -> None:
    """A month's table, with what the default partition had taken of it. Messages wait for the moment this takes."""
    name, span = name_of(month), _span(month)
    with transaction.atomic(), connection.cursor() as cursor:
        # While it waits for its locks, messages wait behind it.
        take_time(for_locks=False)
        one_at_a_time(LOCK)
        if month in months():
            return
        cursor.execute(f"CREATE TABLE {name} (LIKE {TABLE} INCLUDING DEFAULTS INCLUDING CONSTRAINTS)")
        cursor.execute(f"LOCK TABLE {DEFAULT} IN ACCESS EXCLUSIVE MODE")
        cursor.execute(
            f"WITH moved AS (DELETE FROM {DEFAULT} WHERE created_at >= %s AND created_at < %s RETURNING *)"  # noqa: S608
            f" INSERT INTO {name} SELECT * FROM moved",
            span,
        )
        cursor.execute(f"ALTER TABLE {TABLE} ATTACH PARTITION {name} FOR VALUES FROM (%s) TO (%s)", span)


def _span(month: datetime.date) -> list[datetime.datetime]:
    """A month of the state's calendar."""
    zone = timezone.get_default_timezone()
    return [datetime.datetime.combine(day, datetime.time(), tzinfo=zone) for day in (month, first_of(month, 1))]


def put_away(before: datetime.date) -> list[str]:
    """Detaches the months that lie whole before a month and moves their tables to the schema `archive`, where they can
    be read, copied out and dropped. Raises ValueError for a month too near, and StillWaiting, and nothing moves.
    """
    if before > first_of(timezone.localdate(), -FEWEST_MONTHS_KEPT):
        raise ValueError(before)
    old = [month for month in months() if month < first_of(before)]
    with transaction.atomic(), connection.cursor() as cursor:
        one_at_a_time(LOCK)
        # Checks of keys that still wait in this transaction would be in the way.
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")
        cursor.execute(f"CREATE SCHEMA IF NOT EXISTS {ARCHIVE}")
        for month in old:
            first, end = _span(month)
            waiting = Delivery.objects.filter(state=Delivery.State.QUEUED, created_at__gte=first, created_at__lt=end)
            if waiting.exists():
                raise StillWaiting(month)
            cursor.execute(f"ALTER TABLE {TABLE} DETACH PARTITION {name_of(month)}")
            _without_foreign_keys(cursor, name_of(month))
            cursor.execute(f"ALTER TABLE {name_of(month)} SET SCHEMA {ARCHIVE}")
    return [name_of(month) for month in old]


def _without_foreign_keys(cursor, table: str) -> None:
    """What is put away stands by itself, and holds nothing of the portal's."""
    cursor.execute("SELECT conname FROM pg_constraint WHERE conrelid = %s::regclass AND contype = 'f'", [table])
    for (name,) in cursor.fetchall():
        cursor.execute(f'ALTER TABLE {table} DROP CONSTRAINT "{name}"')


def are_put_away(wanted: set[datetime.date]) -> set[datetime.date]:
    """Of these months those whose messages were put away: what a replayed event would say was said then."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT tablename FROM pg_tables WHERE schemaname = %s", [ARCHIVE])
        there = {name for (name,) in cursor.fetchall()}
    return {month for month in wanted if name_of(month) in there}


def those(deliveries: list[Delivery]) -> QuerySet[Delivery]:
    """The rows of these messages, looked for in their own months alone."""
    made = [delivery.created_at for delivery in deliveries]
    rows = Delivery.objects.filter(pk__in=[delivery.pk for delivery in deliveries])
    return rows.filter(created_at__range=(min(made), max(made))) if made else rows.none()
