"""Roll-ups of before are packed by the migration: no figure changes, and none is counted anew."""

import datetime

import pytest
from django.core.management import call_command
from django.db import connection
from django.db.migrations.executor import MigrationExecutor

from dashboards import reading
from dashboards.reading import Selection

BEFORE, AFTER = [("dashboards", "0007_orders_lapse")], [("dashboards", "0008_fine_roll_ups_by_month")]
MAY_4, MAY_9 = datetime.date(2026, 5, 4), datetime.date(2026, 5, 9)
MAY = datetime.date(2026, 5, 1), datetime.date(2026, 5, 31)


@pytest.fixture
def as_before(transactional_db):
    """The tables as they were, with the sums of two days in a fine group and in a coarse one."""
    MigrationExecutor(connection).migrate(BEFORE)
    days = [(7, "d", MAY_4, 2, -1), (7, "d", MAY_9, 1, 3), (7, "m", MAY_4.replace(day=1), 3, 2), (9, "d", MAY_4, 2, -1)]
    took = [(14, "d", MAY_4, 100, 2), (14, "d", MAY_9, 100, 1), (14, "m", MAY_4.replace(day=1), 100, 3),
            (12, "m", MAY_4.replace(day=1), 100, 3)]  # fmt: skip
    key = "cube, grain, day, department, district, category, area, posting, level, channel, kind, confidential"
    with connection.cursor() as cursor:
        for cube, grain, day, registered, disposed in days:
            cursor.execute(
                f"INSERT INTO dashboards_tally ({key}, registered, disposed)"
                " VALUES (%s, %s, %s, 5, 6, 7, 0, 0, 0, '', '', false, %s, %s)",
                [cube, grain, day, registered, disposed],
            )
        for cube, grain, day, bucket, count in took:
            cursor.execute(
                f"INSERT INTO dashboards_duration ({key}, measure, bucket, count)"
                " VALUES (%s, %s, %s, 5, 0, 7, 0, 0, 0, '', '', false, 'level3', %s, %s)",
                [cube, grain, day, bucket, count],
            )
    yield
    call_command("migrate", "dashboards", verbosity=0)


# One after the other in one test: each way takes seconds of making the models of then.
def test_figures_of_a_day_and_of_its_month_are_what_they_were_and_going_back_lets_the_reader_begin_anew(as_before):
    MigrationExecutor(connection).migrate(AFTER)

    group = {"department": (5,), "district": (6,), "category": (7,)}
    for first, last, registered, disposed in ((MAY_4, MAY_4, 2, -1), (MAY_9, MAY_9, 1, 3), (*MAY, 3, 2)):
        found = reading.counts(Selection(first, last, group), standing=False)[()]
        assert (found["registered"], found["disposed"]) == (registered, disposed)
    group.pop("district")
    assert reading.durations(Selection(MAY_4, MAY_4, group))[()] == {"level3": {100: 2}}
    assert reading.durations(Selection(None, None, group))[()] == {"level3": {100: 3}}
    assert reading.durations(Selection(where={"department": (5,)}))[()] == {"level3": {100: 3}}

    MigrationExecutor(connection).migrate(BEFORE)

    with connection.cursor() as cursor:
        cursor.execute("SELECT (SELECT count(*) FROM dashboards_tally), (SELECT count(*) FROM dashboards_duration),"
                       " (SELECT count(*) FROM grievance_readerposition WHERE name = 'figures')")  # fmt: skip
        assert cursor.fetchone() == (0, 0, 0)
