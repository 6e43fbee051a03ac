"""The lifecycle over the REST API, next to a bare Django view and pgbench writing the same rows, in one run.

A lifecycle is four calls: create, assign by a nodal officer, resolve, search. Ratios count, not the
machine: all are measured on the same database.
"""

import argparse
import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
import time
import uuid
from collections.abc import Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from config import embedded
from config.supervisor import ROOT, say

from . import history, processors
from .clients import Api, failed, in_turns, run
from .portal import Portal, psql, running_portal, settle, show

AREA, BLOCK, CATEGORY, DEPARTMENT = "p-2501", "b-193", "pwd-rest-house", "pwd"


def main() -> int:
    """Prints a table and, with --json, the same as JSON."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--complaints", type=int, default=10_000, help="complaints in place before measuring")
    parser.add_argument("--seconds", type=float, default=20)
    parser.add_argument("--clients", type=int, default=4)
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    with running_portal() as portal:
        figures = measure(portal, options)
    show(figures, options.json)
    return 0


def measure(portal: Portal, options) -> dict:
    """The three rates and what goes with them."""
    base, running = portal.base, portal.environment
    history.fill(portal, options.complaints)
    actors = people(portal.var)
    say("Measuring lifecycles …")
    lifecycles = run(Lifecycle(base, actors), clients=options.clients, seconds=options.seconds)
    memory = processors.memory(portal)
    say("Measuring registrations and the bare view, in turns …")
    beside = beside_bare(portal, options)
    say("Measuring pgbench …")
    pgbench = measure_pgbench(running, options)
    return {
        "complaints": options.complaints,
        "clients": options.clients,
        "lifecycles_a_second": round(lifecycles.rate, 1),
        "lifecycle_p95_ms": round(lifecycles.percentile(0.95)),
        **beside,
        "pgbench_a_second": round(pgbench, 1),
        **memory,
        "errors": lifecycles.errors[:5],
    }


def people(var: Path) -> dict:
    """The tokens of those who act."""
    demo = json.loads((var / "demo.json").read_text(encoding="utf-8"))
    found = {"client": demo["keys"]["partner_demo"]}
    for account in demo["accounts"]:
        if account["department"] == DEPARTMENT and account["role"] == "nodal":
            found["nodal"] = account["token"]
        if account["username"] == f"{DEPARTMENT}-l1-{BLOCK}":
            found["officer"] = account["token"]
        if account["username"] == f"{DEPARTMENT}-l1-d-23":
            found["other"] = account["token"]
    return found


class Lifecycle:
    """Create → assign → resolve → search."""

    def __init__(self, base: str, actors: dict):
        self.api, self.actors = Api(base), actors

    def create(self, number: int, area: str = AREA) -> str:
        key = uuid.uuid4()
        answer = self.api.call(
            "POST", "/api/v1/complaints/", self.actors["client"],
            {"category": CATEGORY, "area": area, "text": f"Bill too high {number}",
             # Somebody new each time, for whom a row is written too.
             "citizen": {"phone": f"+9197{key.int % 100_000_000:08d}", "name": "Bench"}},
            {"Idempotency-Key": key.hex},
        )  # fmt: skip
        return answer["number"]

    def act(self, number: str, who: str, **body) -> dict:
        return self.api.call("POST", f"/api/v1/complaints/{number}/actions/", self.actors[who], body)

    def __call__(self, number: int) -> None:
        complaint = self.create(number)
        # The district's desk for towns, a colleague of the same level: routing never chooses it for a village.
        self.act(complaint, "nodal", action="reassign", assignee=f"{DEPARTMENT}-l1-d-23")
        self.act(complaint, "other", action="resolve", text="Bill corrected")
        found = self.api.call("GET", f"/api/v1/complaints/?text={complaint}", self.actors["other"])
        if [row["number"] for row in found["results"]] != [complaint]:
            raise RuntimeError(f"search did not find {complaint}")


def beside_bare(portal: Portal, options) -> dict:
    """Registrations, and the same rows by a view that does nothing else, under the same gunicorn: in turns.

    First while the workers stand still, so that both do the same; then with everything that follows from a registration
    going on beside it on the same cores (routing, readers, messages), of which the bare view has nothing.
    """
    one = Lifecycle(portal.base, people(portal.var))
    one.create(0)
    settle(portal)
    prepare_tables(portal.environment)
    with _bare_view(portal.environment) as api:
        loads = [one.create, lambda _number: api.call("POST", "/register/", body={"text": "x"})]
        portal.pause_workers()
        registrations, bare = in_turns(loads, options)
        portal.go_on()
        settle(portal)
        followed, bare_beside = in_turns(loads, options, partial(settle, portal))
    return {
        "registrations_alone_a_second": round(registrations.rate, 1),
        "bare_view_a_second": round(bare.rate, 1),
        "registration_to_bare_view": round(registrations.rate / bare.rate, 2) if bare.done else None,
        "registrations_followed_a_second": round(followed.rate, 1),
        "registration_followed_to_bare_view": round(followed.rate / bare_beside.rate, 2) if bare_beside.done else None,
        **failed("registrations_beside_bare", registrations, followed),
        **failed("bare_view", bare, bare_beside),
    }


@contextmanager
def _bare_view(environment: dict) -> Iterator[Api]:
    port = embedded.free_port()
    server = subprocess.Popen(
        [sys.executable, "-m", "gunicorn", "benchmarks.bare_view", "--bind", f"127.0.0.1:{port}", "--workers", "2",
         "--no-control-socket"],
        cwd=ROOT, env={**os.environ, **environment, "DJANGO_SETTINGS_MODULE": ""},
    )  # fmt: skip
    try:
        time.sleep(2)
        yield Api(f"http://127.0.0.1:{port}")
    finally:
        server.terminate()
        server.wait(20)


TABLES = """
    DROP TABLE IF EXISTS bench_complaint, bench_event, bench_citizen, bench_history;
    DROP TABLE IF EXISTS bench_pattern_complaint, bench_pattern_event, bench_pattern_citizen, bench_pattern_history;
    DROP SEQUENCE IF EXISTS bench_number;
    CREATE SEQUENCE bench_number;
    CREATE TABLE bench_complaint (LIKE grievance_complaint INCLUDING ALL);
    CREATE TABLE bench_event (LIKE grievance_event INCLUDING ALL);
    CREATE TABLE bench_citizen (LIKE citizens_user INCLUDING ALL);
    CREATE TABLE bench_history (LIKE citizens_userevent INCLUDING ALL);
    CREATE TABLE bench_pattern_complaint AS SELECT * FROM grievance_complaint ORDER BY id DESC LIMIT 1;
    CREATE TABLE bench_pattern_event AS SELECT * FROM grievance_event WHERE action = 'register' ORDER BY id DESC LIMIT 1;
    CREATE TABLE bench_pattern_citizen AS SELECT * FROM citizens_user WHERE kind = 'citizen' ORDER BY id DESC LIMIT 1;
    CREATE TABLE bench_pattern_history AS SELECT * FROM citizens_userevent WHERE kind = 'citizen' ORDER BY pgh_id DESC LIMIT 1;
"""


def prepare_tables(environment: dict) -> None:
    psql(environment, TABLES)


def measure_pgbench(environment: dict, options) -> float:
    """Transactions a second of the inserts of complaint and event, sent by pgbench."""
    names = {}
    for table in ("bench_complaint", "bench_event"):
        names[table] = psql(
            environment,
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns"
            f" WHERE table_name = '{table}' AND column_name NOT IN ('id', 'number', 'idempotency_key', 'complaint_id')",
        )
    complaint, event = names["bench_complaint"], names["bench_event"]
    script = (
        "BEGIN;\n"
        f"INSERT INTO bench_complaint (number, idempotency_key, {complaint}) SELECT lpad(nextval('bench_number')::text, 11, '0'),"
        f" gen_random_uuid()::text, {complaint} FROM bench_pattern_complaint RETURNING id \\gset\n"
        f"INSERT INTO bench_event (complaint_id, {event}) SELECT :id, {event} FROM bench_pattern_event;\n"
        "COMMIT;\n"
    )
    folder = Path(tempfile.mkdtemp())
    try:
        (folder / "register.sql").write_text(script)
        done = subprocess.run(
            [embedded.client_binaries() / "pgbench", "-n", "-c", str(options.clients), "-j", "2", "-T", str(int(options.seconds)),
             "-f", folder / "register.sql", "-d", environment["DATABASE_URL"]],
            capture_output=True, text=True, check=True,
        )  # fmt: skip
    finally:
        shutil.rmtree(folder)
    return float(re.search(r"tps = ([\d.]+)", done.stdout).group(1))


if __name__ == "__main__":
    sys.exit(main())
