"""What the tests' readers do with events: one row an event, written in the reader's transaction."""

import time

from django.db import connection

TABLE = "CREATE TABLE IF NOT EXISTS tests_read (event bigint NOT NULL)"


def write_down(events) -> None:
    with connection.cursor() as cursor:
        for event in events:
            cursor.execute("INSERT INTO tests_read VALUES (%s)", [event.pk])


def write_down_slowly(events) -> None:
    """Half of them, then long nothing: time to be killed in."""
    write_down(events[: len(events) // 2])
    print("half way", flush=True)  # noqa: T201 - whoever started this process waits for it
    time.sleep(60)
    write_down(events[len(events) // 2 :])


def read() -> list[int]:
    with connection.cursor() as cursor:
        cursor.execute("SELECT event FROM tests_read ORDER BY event")
        return [row[0] for row in cursor.fetchall()]


def fail(events) -> None:
    raise ValueError(len(events))
