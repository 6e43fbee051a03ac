"""History in place before a measurement, and how the load stands to a bare COPY of the same rows.

The bare COPY goes into copies of the tables with the same indexes, without triggers and foreign keys, from files that
hold the very rows the load wrote. Both on the same database, one after the other.
"""

import argparse
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from config import embedded
from config.supervisor import say

from .portal import Portal, psql, running_portal, show

# What a load writes, and where COPY has it from: the people of the demo, and those who act, are none of its citizens.
CITIZENS = (
    "(SELECT citizen.* FROM citizens_user citizen JOIN simulation_historyload load"
    " ON citizen.id BETWEEN load.first_citizen AND load.first_citizen + load.citizens - 1)"
)
WRITTEN = {"citizens_user": CITIZENS} | {
    name: name for name in ("grievance_complaint", "grievance_event", "grievance_escalation", "grievance_proposal")
}


def fill(portal: Portal, complaints: int) -> None:
    """Puts so many synthetic complaints in place; where they are there already, nothing is done."""
    there = int(psql(portal.environment, "SELECT coalesce(sum(complaints), 0) FROM simulation_historyload"
                     " WHERE finished_at IS NOT NULL"))  # fmt: skip
    if there < complaints:
        portal.run("django", "load_history", "--complaints", str(complaints))


def load_beside_copy(portal: Portal, complaints: int, processes: int = 2) -> dict:
    """Loads a history into an empty database, then copies the same rows barely. Seconds of both, and what the
    writing of the history reaches of the bare COPY's speed."""
    began = time.monotonic()
    portal.run("django", "load_history", "--complaints", str(complaints), "--processes", str(processes))
    whole = time.monotonic() - began
    # Without the figures and the search, which are made from it afterwards: COPY does neither.
    writing = float(psql(portal.environment, "SELECT extract(epoch FROM max(batch.done_at) - min(load.moment))"
                         " FROM simulation_historybatch batch JOIN simulation_historyload load ON load.id = load_id"))  # fmt: skip
    bare = _bare_copy(portal.environment)
    return {
        "history_complaints": complaints,
        "history_written_seconds": round(writing, 1),
        "history_counted_and_indexed_seconds": round(whole - writing, 1),
        "bare_copy_seconds": round(bare, 1),
        "history_a_second": round(complaints / writing),
        "history_to_bare_copy": round(bare / writing, 2),
    }


def _bare_copy(environment: dict) -> float:
    seconds = 0.0
    with tempfile.TemporaryDirectory() as folder:
        for table, source in WRITTEN.items():
            file, copy = Path(folder) / table, f"bare_{table}"
            _copy(environment, f"\\copy {source} TO '{file}'")
            psql(environment, f"DROP TABLE IF EXISTS {copy}; CREATE TABLE {copy} (LIKE {table} INCLUDING ALL)")
            began = time.monotonic()
            _copy(environment, f"\\copy {copy} FROM '{file}'")
            seconds += time.monotonic() - began
            psql(environment, f"DROP TABLE {copy}")
            file.unlink()
    return seconds


def _copy(environment: dict, command: str) -> None:
    subprocess.run(
        [embedded.client_binaries() / "psql", "-q", "-v", "ON_ERROR_STOP=1", "-d", environment["DATABASE_URL"], "-c",
         command],
        check=True,
    )  # fmt: skip


def main() -> int:
    """Prints how the load stands to the bare COPY."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--complaints", type=int, default=100_000)
    parser.add_argument("--json", type=Path)
    options = parser.parse_args()
    with running_portal() as portal:
        portal.pause_workers()
        say(f"Loading {options.complaints} complaints …")
        figures = load_beside_copy(portal, options.complaints)
    show(figures, options.json)
    return 0


if __name__ == "__main__":
    sys.exit(main())
