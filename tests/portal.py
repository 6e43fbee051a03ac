"""A whole portal of its own for tests: real servers, gunicorn, Celery worker and beat, demo people."""

import fcntl
import json
import os
import secrets
import shutil
import signal
import subprocess
import sys
import tempfile
import time
import urllib.request
from contextlib import closing
from pathlib import Path

import psycopg2

from config import embedded
from config.embedded import data_folder, free_port

ROOT = Path(__file__).resolve().parent.parent


class RunningPortal:
    """`config.supervisor` in a folder and on a port of its own.

    In a test run its tables, static files and people are copies of what was made once for the run, which is most of
    a first start's time; not so with `from_nothing`.
    """

    def __init__(self, *, from_nothing: bool = False, **environment):
        self.var = Path(tempfile.mkdtemp(prefix="seva-portal-"))
        if not from_nothing and (made := os.environ.get("SEVA_PREPARED")):
            embedded.copy(_prepared(Path(made)), self.var)
        self.port = free_port()
        self.url = f"http://127.0.0.1:{self.port}"
        inherited = {key: value for key, value in os.environ.items()
                     if key not in {"DATABASE_URL", "REDIS_URL", "SECRET_KEY", "LOG_KEY", "BASE_URL"}}  # fmt: skip
        self.environment = {**inherited, "PORT": str(self.port), "SEVA_VAR": str(self.var), "SEVA_DEMO": "1",
                            "DJANGO_SETTINGS_MODULE": "config.settings", **environment}  # fmt: skip
        self.output = (self.var / "output.txt").open("w+")
        self.process = subprocess.Popen(
            [sys.executable, "-m", "config.supervisor"], cwd=ROOT, env=self.environment,
            stdout=self.output, stderr=subprocess.STDOUT, start_new_session=True,
        )  # fmt: skip

    def wait_until_ready(self, seconds: float = 240) -> "RunningPortal":
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline and self.process.poll() is None:
            try:
                with urllib.request.urlopen(f"{self.url}/readyz", timeout=2):
                    return self
            except OSError:
                time.sleep(0.2)
        raise AssertionError(f"the portal did not start:\n{self.said()}")

    def said(self) -> str:
        """What it printed so far."""
        return (self.var / "output.txt").read_text()

    def manage(self, *arguments: str) -> str:
        """Runs a management command of this portal and returns what it printed."""
        done = subprocess.run(
            [sys.executable, "manage.py", *arguments], cwd=ROOT, env=self.environment, capture_output=True, text=True,
            timeout=120,
        )  # fmt: skip
        if done.returncode:
            raise AssertionError(f"manage.py {arguments[0]}: {done.stdout}{done.stderr}")
        return done.stdout

    def outbox(self, to: str) -> list[str]:
        """The texts kept for a phone number, oldest first: read from the database, for a command takes two seconds to
        begin, and whoever signs in asks twice."""
        kept = self.in_database("SELECT body FROM channels_keptmessage WHERE address = %s ORDER BY id", to)
        return [body for (body,) in kept]

    def in_database(self, statement: str, *values) -> list[tuple]:
        """Runs a statement in this portal's database; the rows it gives."""
        connection = psycopg2.connect(embedded.running_environment(self.var)["DATABASE_URL"])
        with closing(connection), connection, connection.cursor() as cursor:
            cursor.execute(statement, values)
            return cursor.fetchall() if cursor.description else []

    def demo(self) -> dict:
        return json.loads((self.var / "demo.json").read_text(encoding="utf-8"))

    def account(self, **wanted) -> dict:
        """The first demo account with these values."""
        accounts = self.demo()["accounts"]
        return next(a for a in accounts if all(a[key] == value for key, value in wanted.items()))

    def stop(self) -> float:
        """Stops it as Ctrl-C does; returns how many seconds that took."""
        began = time.monotonic()
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
            self.process.wait(30)
        taken = time.monotonic() - began
        self.output.close()
        for folder in (data_folder(self.var), self.var):
            shutil.rmtree(folder, ignore_errors=True)
        return taken


def _prepared(folder: Path) -> Path:
    """An installation as its first start leaves it; whoever needs it first makes it, the others wait."""
    with folder.with_suffix(".lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not (folder / "demo.json").exists():
            shutil.rmtree(folder, ignore_errors=True)
            folder.mkdir()
            if migrated := os.environ.get("SEVA_MIGRATED"):
                embedded.copy(Path(migrated), folder)
            keys = {name: secrets.token_urlsafe(60) for name in ("SECRET_KEY", "LOG_KEY")}
            (folder / "secrets.json").write_text(json.dumps(keys))
            (folder / "secrets.json").chmod(0o600)
            servers = embedded.start(folder)
            try:
                addresses = {"DATABASE_URL": servers.database_url, "REDIS_URL": servers.redis_url}
                own = {"SEVA_VAR": str(folder), "SEVA_DEMO": "1", "DJANGO_SETTINGS_MODULE": "config.settings"}
                subprocess.run([sys.executable, "-m", "config.preparation"], cwd=ROOT, check=True, capture_output=True,
                               env={**os.environ, **keys, **addresses, **own})  # fmt: skip
            finally:
                servers.stop()
    return folder
