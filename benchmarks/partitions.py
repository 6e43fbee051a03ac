"""Events in one table, next to events in a table for each year of registration: both with the same rows and indexes.

A year is that of the complaint's number, so its whole history lies in one partition and its sequence stays unique
there. What is measured is what the portal does with events: append, read one history, follow the log, look at a day.
"""

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

import psycopg2

from config.supervisor import say

from . import history
from .portal import running_portal, show

MAKE = """
    DROP TABLE IF EXISTS bench_plain, bench_years;
    CREATE TABLE bench_plain (LIKE grievance_event INCLUDING DEFAULTS, year smallint NOT NULL);
    CREATE TABLE bench_years (LIKE bench_plain INCLUDING DEFAULTS) PARTITION BY LIST (year);
    ALTER TABLE bench_plain ADD PRIMARY KEY (id), ADD UNIQUE (complaint_id, seq);
    ALTER TABLE bench_years ADD PRIMARY KEY (id, year), ADD UNIQUE (complaint_id, seq, year);
"""
INDEXES = """
    CREATE INDEX ON {table} (xid, id);
    CREATE INDEX ON {table} (complaint_id);
    CREATE INDEX ON {table} (actor_id);
    CREATE INDEX ON {table} (actor_posting_id);
    CREATE INDEX ON {table} USING brin (at);
"""
FILL = """
    INSERT INTO {table} SELECT event.*, left(complaint.number, 2)::smallint FROM grievance_event AS event
    JOIN grievance_complaint AS complaint ON complaint.id = event.complaint_id ORDER BY event.id
"""
HISTORIES, APPENDED, FOLLOWED = 3000, 3000, 200


def main() -> int:
    """Prints both tables' figures side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--complaints", type=int, default=200_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with running_portal() as portal:
        portal.pause_workers()
        figures = history.load_beside_copy(portal, options.complaints)
        show(figures)
        connection = psycopg2.connect(portal.environment["DATABASE_URL"])
        connection.autocommit = True
        try:
            figures |= measure(connection)
        finally:
            connection.close()
    show(figures, options.json)
    return 0


def measure(connection) -> dict:
    """Milliseconds (medians), seconds and megabytes for the plain table and the one by years."""
    with connection.cursor() as cursor:
        cursor.execute(MAKE)
        cursor.execute("SELECT DISTINCT left(number, 2)::smallint FROM grievance_complaint ORDER BY 1")
        for (year,) in cursor.fetchall():
            cursor.execute(f"CREATE TABLE bench_years_{year} PARTITION OF bench_years FOR VALUES IN ({year})")
        found = {}
        for table in ("bench_plain", "bench_years"):
            say(f"Measuring {table} …")
            cursor.execute(INDEXES.format(table=table))
            found[f"{table}_fill_seconds"] = round(_timed(cursor, FILL.format(table=table)), 1)
            cursor.execute(f"VACUUM ANALYZE {table}")
        # In turns, so that neither has the warmer cache.
        for table in ("bench_plain", "bench_years", "bench_plain", "bench_years"):
            found |= {f"{table}_{name}": value for name, value in _uses(cursor, table).items()}
        for table in ("bench_plain", "bench_years"):
            cursor.execute(
                "SELECT sum(pg_total_relation_size(relid)) / 1e6 FROM pg_partition_tree(%s::regclass)", [table]
            )
            found[f"{table}_mb"] = round(cursor.fetchone()[0])
        cursor.execute("DROP TABLE bench_plain, bench_years")
    return found


def _uses(cursor, table: str) -> dict:
    """What the portal does with events."""
    dice = random.Random(7)
    cursor.execute("SELECT id, left(number, 2)::smallint, event_count FROM grievance_complaint")
    some = dice.sample(cursor.fetchall(), HISTORIES)
    by_year = " AND year = %(year)s" if table == "bench_years" else ""
    histories = [
        _timed(cursor, f"SELECT * FROM {table} WHERE complaint_id = %(id)s{by_year} ORDER BY seq", id=pk, year=year)
        for pk, year, _count in some
    ]
    # Where only the complaint's id is at hand, as in a join: every year is looked into.
    unknown = [_timed(cursor, f"SELECT * FROM {table} WHERE complaint_id = %(id)s ORDER BY seq", id=pk)
               for pk, _year, _count in some]  # fmt: skip
    append = f"""
        INSERT INTO {table} (id, complaint_id, seq, action, from_state, to_state, level, at, actor_role, channel, text,
            internal, data, prev_hash, hash, year)
        VALUES (nextval('grievance_event_id_seq'), %(id)s, 1000 + %(seq)s, 'note', 'closed', 'closed', 1, now(), 'system',
            'system', '', true, '{{}}', repeat('0', 64), repeat('0', 64), %(year)s)
    """
    turn = random.randrange(1_000_000)
    appended = [_timed(cursor, append, id=pk, seq=turn + count, year=year) for pk, year, count in some[:APPENDED]]
    follow = f"""
        SELECT * FROM {table} WHERE (xid, id) > (%(xid)s, %(id)s) ORDER BY xid, id LIMIT 200
    """
    cursor.execute(f"SELECT xid, id FROM {table} ORDER BY random() LIMIT {FOLLOWED}")
    followed = [_timed(cursor, follow, xid=xid, id=pk) for xid, pk in cursor.fetchall()]
    return {
        "history_ms": _median(histories), "history_without_year_ms": _median(unknown),
        "append_ms": _median(appended), "reader_batch_ms": _median(followed),
    }  # fmt: skip


def _median(seconds: list[float]) -> float:
    return round(1000 * statistics.median(seconds), 3)


def _timed(cursor, statement: str, **parameters) -> float:
    began = time.perf_counter()
    cursor.execute(statement, parameters)
    if cursor.description:
        cursor.fetchall()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
