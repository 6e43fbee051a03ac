"""The portal as shipped, started for a measurement in a folder of its own, and what measurements share."""

import json
import os
import signal
import subprocess
import sys
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from config import embedded
from config.supervisor import ROOT, say

from .clients import Api

# A word of the command, and the kind of process it tells; the first that fits.
KINDS = (("gunicorn", "web"), (" beat", "beat"), ("messenger", "messenger"), ("celery", "worker"))
IN_A_TRANSACTION = """
    SELECT count(*) FROM pg_stat_activity
    WHERE datname = current_database() AND pid <> pg_backend_pid() AND xact_start IS NOT NULL
        AND backend_type = 'client backend'
"""


@dataclass(frozen=True)
class Portal:
    """A running portal: its address, its folder, and the environment of its processes."""

    base: str
    var: Path
    environment: dict[str, str]
    process: subprocess.Popen
    # From the command to `/readyz`.
    start_seconds: float

    def run(self, module: str, *arguments: str) -> None:
        """Runs a module of ours as one of the portal's processes would run it."""
        subprocess.run(
            [sys.executable, "-m", module, *arguments], cwd=ROOT, env={**os.environ, **self.environment}, check=True
        )

    def pause_workers(self) -> None:
        """Lets worker and beat stand still, so that what is measured is done by the measurement alone. None stands
        still in the middle of a transaction: what it had locked would stay locked."""
        while True:
            self._signal_workers(signal.SIGSTOP)
            # What was asked of the database is answered first.
            time.sleep(0.2)
            if psql(self.environment, IN_A_TRANSACTION) == "0":
                return
            self.go_on()
            time.sleep(0.3)

    def go_on(self) -> None:
        """Lets them work again."""
        self._signal_workers(signal.SIGCONT)

    def _signal_workers(self, number: int) -> None:
        for kind, folder in self.processes():
            if kind != "web":
                os.kill(int(folder.name), number)

    def processes(self) -> list[tuple[str, Path]]:
        """Its own processes, without the servers: the kind of each and its folder in /proc."""
        found = []
        for folder in Path("/proc").glob("[0-9]*"):
            try:
                ours = f"SEVA_VAR={self.var}\0".encode() in (folder / "environ").read_bytes()
                command = (folder / "cmdline").read_bytes().replace(b"\0", b" ").decode(errors="replace")
            except OSError:
                continue
            kind = next((kind for word, kind in KINDS if word in command), None)
            if ours and kind:
                found.append((kind, folder))
        return found


@contextmanager
def running_portal(name: str = "bench") -> Iterator[Portal]:
    """Starts the portal in the folder of that name and stops it at the end."""
    var, port = ROOT / "var" / name, embedded.free_port()
    environment = {**os.environ, "PORT": str(port), "SEVA_VAR": str(var), "SEVA_DEMO": "1"}
    for own in ("DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOG_KEY", "BASE_URL"):
        environment.pop(own, None)
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "-m", "config.supervisor"], cwd=ROOT, env=environment)
    try:
        base = f"http://127.0.0.1:{port}"
        _wait_until_ready(process, base)
        start_seconds = round(time.monotonic() - began, 1)
        yield Portal(base, var, embedded.running_environment(var), process, start_seconds)
    finally:
        process.send_signal(signal.SIGTERM)
        process.wait(60)


def _wait_until_ready(process, base: str) -> None:
    while process.poll() is None:
        try:
            Api(base).call("GET", "/readyz")
        except (OSError, RuntimeError):
            time.sleep(0.3)
        else:
            return
    raise SystemExit("the portal did not start")


def psql(environment: dict, sql: str) -> str:
    """Runs SQL as the database's owner and returns what it prints."""
    command = [embedded.client_binaries() / "psql", "-Atq", "-v", "ON_ERROR_STOP=1", "-d", environment["DATABASE_URL"]]
    done = subprocess.run([*command, "-c", sql], capture_output=True, text=True, check=False)
    if done.returncode:
        raise SystemExit(done.stderr)
    return done.stdout.strip()


def settle(portal: Portal, most: float = 120) -> None:
    """Waits until the readers have read and the messages have gone, so that the next measurement is alone."""
    end = time.monotonic() + most
    while time.monotonic() < end:
        waiting = psql(portal.environment, """
            SELECT (SELECT count(*) FROM grievance_complaint WHERE state = 'registered' AND triage_since IS NULL)
                 + (SELECT count(*) FROM grievance_readerposition AS reader
                    WHERE EXISTS (SELECT 1 FROM grievance_event e WHERE (e.xid, e.id) > (reader.xid, reader.event_id)))
                 + (SELECT count(*) FROM channels_delivery WHERE state = 'queued' AND available_at < now())
        """)  # fmt: skip
        if waiting == "0":
            break
        time.sleep(1)
    time.sleep(1)


def let_it_tidy_up(portal: Portal, most: float = 300) -> None:
    """After a bulk load the database writes it to disk and gathers its statistics, beside whatever is measured then.
    Waits until both are done, as they are on every other day."""
    settle(portal)
    psql(portal.environment, "VACUUM ANALYZE")
    psql(portal.environment, "CHECKPOINT")
    end = time.monotonic() + most
    at_work = "SELECT count(*) FROM pg_stat_activity WHERE backend_type = 'autovacuum worker'"
    while psql(portal.environment, at_work) != "0" and time.monotonic() < end:
        time.sleep(1)


def show(figures: dict, file: Path | None = None) -> None:
    """The figures as a table, and as JSON in a file."""
    width = max(map(len, figures))
    for name, value in figures.items():
        say(f"{name.replace('_', ' '):<{width}}  {value}")
    if file:
        file.write_text(json.dumps(figures, indent=1))
