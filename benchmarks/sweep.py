"""The escalation sweep over many overdue complaints, next to one UPDATE and one INSERT … SELECT of the same rows.

The sweep is what a Celery worker with two processes does, turn after turn until nothing is left; the bare statements
run on copies of the tables with the same indexes, without triggers and foreign keys. Both on the same database, one
after the other. Two processes share the cores where the statements have one: so processor seconds, the database's
included, are told beside the time.
"""

import argparse
import multiprocessing
import os
import sys
import time
from dataclasses import dataclass
from pathlib import Path

import django

from config.supervisor import say

from . import overdue, processors
from .portal import psql, running_portal, show

BARE = """
    DROP TABLE IF EXISTS bench_complaint, bench_event;
    CREATE TABLE bench_complaint (LIKE grievance_complaint INCLUDING ALL);
    CREATE TABLE bench_event (LIKE grievance_event INCLUDING ALL);
    INSERT INTO bench_complaint SELECT * FROM grievance_complaint;
    INSERT INTO bench_event SELECT * FROM grievance_event;
    SELECT setval(pg_get_serial_sequence('bench_event', 'id'), max(id)) FROM bench_event;
    VACUUM ANALYZE bench_complaint, bench_event;
"""
# What a climb writes, without thinking about it.
UPDATE = """
    UPDATE bench_complaint SET level = least(level + 1, 4), state = 'assigned', due_at = due_at + interval '9 days',
        warn_at = due_at + interval '4 days', level_since = now(), assigned_at = now(), assignee_id = assignee_id + 1,
        event_count = event_count + 1, head_hash = md5(number) || md5(number), seal = md5(number) || md5(number),
        why = '{"rule": "deepest"}'
    WHERE state IN ('assigned', 'in_progress') AND breached_at IS NULL AND due_at < now()
"""
INSERT = """
    INSERT INTO bench_event (complaint_id, seq, action, from_state, to_state, level, at, actor_id, actor_role,
        actor_posting_id, channel, text, internal, data, prev_hash, hash)
    SELECT e.complaint_id, e.seq + 1, e.action, e.from_state, e.to_state, e.level, e.at, e.actor_id, e.actor_role,
        e.actor_posting_id, e.channel, e.text, e.internal, e.data, e.prev_hash, e.hash
    FROM bench_event e JOIN bench_complaint c ON c.id = e.complaint_id AND c.event_count = e.seq + 1 AND c.due_at > now()
"""


def main() -> int:
    """Prints how the sweep stands to the bare statements."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--complaints", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with running_portal() as portal:
        portal.pause_workers()
        figures = measure(portal, options.complaints)
    show(figures, options.json)
    return 0


def measure(portal, complaints: int) -> dict:
    """Seconds of both and their ratio. Worker and beat stand still meanwhile."""
    overdue.put_in_place(portal, complaints)
    psql_each(portal.environment, BARE)
    due = _overdue(portal)
    say(f"Measuring the bare statements over {due} rows …")
    bare = measured(portal, lambda: psql_each(portal.environment, f"BEGIN; {UPDATE}; {INSERT}; COMMIT", whole=True))
    say("Measuring the sweep …")
    psql_each(portal.environment, "VACUUM ANALYZE grievance_complaint, grievance_event")
    swept = sweep(portal)
    left = _overdue(portal)
    return {
        "overdue": due,
        "left_after_the_sweep": left,
        "bare_seconds": round(bare.seconds, 1),
        "bare_processor_seconds": round(bare.processor, 1),
        "sweep_seconds": round(swept.seconds, 1),
        "sweep_processor_seconds": round(swept.processor, 1),
        "sweep_to_bare": round(swept.seconds / bare.seconds, 2),
    }


def _overdue(portal) -> int:
    return int(psql(portal.environment, "SELECT count(*) FROM grievance_complaint WHERE breached_at IS NULL"
                    " AND state IN ('assigned', 'in_progress') AND due_at < now()"))  # fmt: skip


def psql_each(environment: dict, sql: str, *, whole: bool = False) -> None:
    for statement in [sql] if whole else filter(str.strip, sql.split(";")):
        psql(environment, statement)


@dataclass(frozen=True)
class Cost:
    """What something took: time, and processor time of its processes and the database's together."""

    seconds: float
    processor: float


def measured(portal, work) -> Cost:
    """What `work` costs, which returns the processor seconds of the processes it started (None: of none)."""
    before, began = processors.of_the_database(portal), time.monotonic()
    ours = work() or 0
    return Cost(time.monotonic() - began, processors.of_the_database(portal) - before + ours)


def sweep(portal) -> Cost:
    """What two worker processes need until nothing is overdue."""
    start, processor = multiprocessing.Barrier(3), multiprocessing.Value("d")
    workers = [
        multiprocessing.Process(target=_work, args=(portal.environment, start, processor)) for _number in range(2)
    ]
    for worker in workers:
        worker.start()
    start.wait()

    def finish() -> float:
        for worker in workers:
            worker.join()
        return processor.value

    return measured(portal, finish)


def _work(environment: dict, start, processor) -> None:
    os.environ.update(environment)
    django.setup()
    start.wait()
    began = time.process_time()
    until_nothing_is_left()
    with processor.get_lock():
        processor.value += time.process_time() - began


def until_nothing_is_left() -> None:
    """Turn after turn, as a worker takes them: each ends after a moment and rings for the next."""
    from grievance import tasks

    while tasks.climb_overdue():
        pass


if __name__ == "__main__":
    sys.exit(main())
