"""Events in one table, next to events in a table for each year of registration: both with the same (made-up) rows and indexes.

A year is that of the complaint's number, so its whole history lies in one partition and its sequence stays unique
there. What is measured is what the portal does with events: append, read one history, follow the log. One table after
the other, each dropped when it is measured: at 60 lakh complaints one alone takes 25 GB.
"""

import argparse
import random
import statistics
import sys
import time
from pathlib import Path

import psycopg2

from config.supervisor import say

from .portal import running_portal, show

YEARS = range(21, 27)
LIKE_EVENTS = "(LIKE grievance_event INCLUDING DEFAULTS, year smallint NOT NULL)"
MAKE = {
    "bench_plain": f"CREATE TABLE bench_plain {LIKE_EVENTS};",
    "bench_years": f"CREATE TABLE bench_years {LIKE_EVENTS} PARTITION BY LIST (year);"
    + "".join(f"CREATE TABLE bench_years_{year} PARTITION OF bench_years FOR VALUES IN ({year});" for year in YEARS),
}
# A partitioned table's keys must hold what it is partitioned by.
KEYS = {"bench_plain": ("id", "complaint_id, seq"), "bench_years": ("id, year", "complaint_id, seq, year")}
INDEXES = """
    ALTER TABLE {table} ADD PRIMARY KEY ({key}), ADD UNIQUE ({sequence});
    CREATE INDEX ON {table} (xid, id);
    CREATE INDEX ON {table} (complaint_id);
    CREATE INDEX ON {table} (actor_id);
    CREATE INDEX ON {table} (actor_posting_id);
    CREATE INDEX ON {table} USING brin (at);
"""
# Five events a complaint, in the order in which they happen over five years, of about the size they have.
FILL = """
    INSERT INTO {table} (id, complaint_id, seq, action, from_state, to_state, level, at, actor_id, actor_role, channel,
        text, internal, data, prev_hash, hash, xid, year)
    SELECT n, (n - 1) / 5 + 1, (n - 1) % 5 + 1, 'resolve', 'assigned', 'resolved', 1,
        timestamptz '2021-01-01' + n * (interval '5 years' / {events}), n % 9000, 'assignee', 'web', repeat('क', 40), false,
        jsonb_build_object('moved', jsonb_build_array(1, n % 12, 3, 1, 'web', 'assigned', '', n, n % 9000, false),
                           'why', repeat('x', 200)),
        repeat(md5(n::text), 2), repeat(md5((n + 1)::text), 2), n / 1000, 21 + (n - 1) * 5 / {events}
    FROM generate_series(1::bigint, {events}) AS n
"""
EVENTS_A_COMPLAINT, READS = 5, 3000


def main() -> int:
    """Prints both tables' figures side by side."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--complaints", type=int, default=600_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with running_portal() as portal:
        portal.pause_workers()
        connection = psycopg2.connect(portal.environment["DATABASE_URL"])
        connection.autocommit = True
        try:
            figures = measure(connection, options.complaints)
        finally:
            connection.close()
    show(figures, options.json)
    return 0


def measure(connection, complaints: int) -> dict:
    """Milliseconds (medians) and megabytes of the plain table and of the one by years."""
    found = {"events": complaints * EVENTS_A_COMPLAINT}
    with connection.cursor() as cursor:
        for table in MAKE:
            figures = _of_table(cursor, table, complaints)
            found |= {f"{table}_{name}": value for name, value in figures.items()}
    return found


def _of_table(cursor, table: str, complaints: int) -> dict:
    say(f"Filling {table} …")
    cursor.execute(f"DROP TABLE IF EXISTS {table}; {MAKE[table]}")
    cursor.execute(FILL.format(table=table, events=complaints * EVENTS_A_COMPLAINT))
    key, sequence = KEYS[table]
    cursor.execute(INDEXES.format(table=table, key=key, sequence=sequence))
    cursor.execute(f"VACUUM ANALYZE {table}")
    cursor.execute("CHECKPOINT")
    say(f"Using {table} …")
    # The first time fills the cache, for both.
    _uses(cursor, table, complaints)
    figures = {**_uses(cursor, table, complaints), "mb": _megabytes(cursor, table)}
    cursor.execute(f"DROP TABLE {table}")
    return figures


def _megabytes(cursor, table: str) -> int:
    cursor.execute(
        "SELECT (pg_total_relation_size(%(table)s::regclass) + (SELECT coalesce(sum(pg_total_relation_size(relid)), 0)"
        " FROM pg_partition_tree(%(table)s::regclass) WHERE level > 0)) / 1e6",
        {"table": table},
    )
    return round(cursor.fetchone()[0])


def _uses(cursor, table: str, complaints: int) -> dict:
    """What the portal does with events."""
    dice = random.Random(7)
    some = [(pk, 21 + (pk - 1) * 5 // complaints) for pk in (dice.randrange(1, complaints + 1) for _n in range(READS))]
    by_year = " AND year = %(year)s" if table == "bench_years" else ""
    histories = [
        _timed(cursor, f"SELECT * FROM {table} WHERE complaint_id = %(id)s{by_year} ORDER BY seq", id=pk, year=year)
        for pk, year in some
    ]
    # Where only the complaint's id is at hand, as in a join: every year is looked into.
    unknown = [_timed(cursor, f"SELECT * FROM {table} WHERE complaint_id = %(id)s ORDER BY seq", id=pk)
               for pk, _year in some]  # fmt: skip
    append = f"""
        INSERT INTO {table} (id, complaint_id, seq, action, from_state, to_state, level, at, actor_role, channel, text,
            internal, data, prev_hash, hash, year)
        VALUES (nextval('grievance_event_id_seq') + 1000000000, %(id)s, %(seq)s, 'note', 'closed', 'closed', 1, now(),
            'system', 'system', '', true, '{{}}', repeat('0', 64), repeat('0', 64), %(year)s)
    """
    turn = random.randrange(10, 1_000_000)
    appended = [_timed(cursor, append, id=pk, seq=turn + n, year=year) for n, (pk, year) in enumerate(some)]
    follow = f"SELECT * FROM {table} WHERE (xid, id) > (%(xid)s, %(id)s) ORDER BY xid, id LIMIT 200"
    followed = [_timed(cursor, follow, xid=pk * 5 // 1000, id=pk * 5) for pk, _year in some[:300]]
    return {
        "history_ms": _median(histories), "history_without_year_ms": _median(unknown),
        "append_ms": _median(appended), "reader_batch_ms": _median(followed),
    }  # fmt: skip


def _median(seconds: list[float]) -> float:
    return round(1000 * statistics.median(seconds), 3)


def _timed(cursor, statement: str, **parameters) -> float:
    began = time.perf_counter()
    cursor.execute(statement, parameters or None)
    if cursor.description:
        cursor.fetchall()
    return time.perf_counter() - began


if __name__ == "__main__":
    sys.exit(main())
