"""Runs the whole portal: servers, migrations, reference data, web, worker and beat, until it is told to stop.

`script/server` starts it. One line says where the portal is once `/readyz` answers. Children that die are
started again; all stop within ten seconds of Ctrl-C or SIGTERM, and die with this process however it ends.
"""

import ctypes
import fcntl
import hashlib
import importlib.util
import json
import os
import secrets
import signal
import socket
import subprocess
import sys
import time
import urllib.error
import urllib.request
from contextlib import suppress
from pathlib import Path
from urllib.parse import urlsplit

from . import embedded

ROOT = Path(__file__).resolve().parent.parent
ALREADY_RUNNING = 3
NEEDED = ("django", "psycopg2", "redis", "celery", "gunicorn", "environ")
READY_SECONDS = 150
STOP_SECONDS = 8


class Stop(Exception):
    """A sentence for the person at the terminal; nothing is wrong with the program."""


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    """The exit code: 0 stopped as asked, 1 could not start, 3 one runs already."""
    var = Path(os.environ.get("SEVA_VAR") or ROOT / "var").resolve()
    var.mkdir(parents=True, exist_ok=True)
    lock = (var / "server.lock").open("a+")
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        say(f"Seva Sankalp runs already from this folder: {lock.read().strip() or 'it is just starting'}.")
        return ALREADY_RUNNING
    portal = Portal(var, lock)
    for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
        signal.signal(name, portal.asked_to_stop)
    try:
        portal.start()
        portal.watch()
    except (Stop, embedded.CannotStart) as reason:
        if not portal.stopping:
            say(str(reason))
            return 1
    finally:
        portal.stop()
    return 0


class Portal:
    """The processes of one installation."""

    def __init__(self, var: Path, lock):
        self.var, self.lock = var, lock
        self.port = int(os.environ.get("PORT") or 8000)
        self.bind = os.environ.get("BIND") or "127.0.0.1"
        self.address = f"http://127.0.0.1:{self.port}"
        self.servers = embedded.Servers()
        self.children: dict[str, subprocess.Popen] = {}
        self.restarts: dict[str, tuple[int, float]] = {}
        self.environment: dict[str, str] = {}
        self.stopping = False

    def asked_to_stop(self, *_args) -> None:
        self.stopping = True
        raise Stop("")

    # Starting

    def start(self) -> None:
        self._check_modules()
        self._check_port()
        say("Starting the database and the broker …")
        given = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
        for name, url in given.items():
            if url:
                _check_reachable(name, url)
        self.servers = embedded.start(self.var, postgres=not given["DATABASE_URL"], valkey=not given["REDIS_URL"])
        self.environment = self._make_environment(given)
        self._prepare()
        self._write_environment()
        say("Starting web, worker and beat …")
        for name in self._commands():
            self._launch(name)
        self._wait_until_ready()
        say(f"Seva Sankalp is ready at {self.address}")

    def _check_modules(self) -> None:
        missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise Stop(f"Python modules are missing ({', '.join(missing)}): delete the folder .venv and start again.")

    def _check_port(self) -> None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.bind, self.port))
            except OSError as error:
                raise Stop(
                    f"Port {self.port} cannot be used ({error.strerror}): stop what listens there or set PORT."
                ) from None

    def _make_environment(self, given: dict) -> dict[str, str]:
        environment = {
            "DATABASE_URL": given["DATABASE_URL"] or self.servers.database_url,
            "REDIS_URL": given["REDIS_URL"] or self.servers.redis_url,
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SEVA_VAR": str(self.var),
            "SEVA_DEMO": os.environ.get("SEVA_DEMO", "1"),
            "BASE_URL": os.environ.get("BASE_URL", self.address),
        }
        for name in ("SECRET_KEY", "LOG_KEY"):
            environment[name] = os.environ.get(name) or self._own_secret(name, environment["SEVA_DEMO"])
        return environment

    def _own_secret(self, name: str, demo: str) -> str:
        if demo != "1":
            raise Stop(f"{name} is not set: outside the demo the secrets come from the environment.")
        path = self.var / "secrets.json"
        kept = json.loads(path.read_text()) if path.exists() else {}
        if name not in kept:
            kept[name] = secrets.token_urlsafe(60)
            with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
                json.dump(kept, file)
        return kept[name]

    def _prepare(self) -> None:
        """Migrations and data, in one process: each interpreter start would cost a second."""
        command = [sys.executable, "-m", "config.preparation"]
        process = subprocess.Popen(command, cwd=ROOT, env={**os.environ, **self.environment}, preexec_fn=_die_with_parent)
        self.children["preparation"] = process
        failed = process.wait()
        del self.children["preparation"]
        if failed:
            raise Stop("The portal could not be prepared; the reason stands above.")

    def _write_environment(self) -> None:
        path = self.var / "environment.json"
        with os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w") as file:
            json.dump({"pid": os.getpid(), "environment": self.environment}, file)
        self.lock.truncate(0)
        self.lock.write(self.address)
        self.lock.flush()

    def _commands(self) -> dict[str, list[str]]:
        python = [sys.executable, "-m"]
        workers = os.environ.get("WEB_CONCURRENCY", "2")
        return {
            "web": [*python, "gunicorn", "config.wsgi", "--bind", f"{self.bind}:{self.port}", "--workers", workers,
                    "--timeout", "60", "--graceful-timeout", "5", "--max-requests", "20000",
                    "--max-requests-jitter", "2000", "--worker-tmp-dir", "/dev/shm" if Path("/dev/shm").is_dir() else "/tmp",
                    "--no-control-socket"],
            "worker": [*python, "celery", "-A", "config", "worker", "--concurrency",
                       os.environ.get("CELERY_CONCURRENCY", "2"), "--loglevel", "WARNING",
                       "--without-gossip", "--without-mingle"],
            "beat": [*python, "celery", "-A", "config", "beat", "--loglevel", "WARNING",
                     "--schedule", str(self.var / "beat-schedule"), "--pidfile", ""],
        }  # fmt: skip

    def _launch(self, name: str) -> None:
        folder = self.var / "log"
        folder.mkdir(exist_ok=True)
        with (folder / f"{name}.log").open("ab") as log:
            self.children[name] = subprocess.Popen(
                self._commands()[name], cwd=ROOT, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, preexec_fn=_die_with_parent,
            )  # fmt: skip

    def _wait_until_ready(self) -> None:
        deadline = time.monotonic() + READY_SECONDS
        answer = ""
        while time.monotonic() < deadline:
            self._revive()
            try:
                with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):  # noqa: S310 - our own address
                    return
            except urllib.error.HTTPError as error:
                answer = error.read(500).decode(errors="replace")
            except OSError as error:
                answer = str(error)
            time.sleep(0.2)
        raise Stop(f"The portal did not become ready ({answer}); see {self.var.name}/log/.")

    # Running

    def watch(self) -> None:
        """Starts again what dies, until asked to stop; without its servers the portal ends."""
        while True:
            time.sleep(0.5)
            if died := self.servers.died():
                raise Stop(f"{' and '.join(died)} ended unexpectedly, so the portal stops; start it again.")
            self._revive()

    def _revive(self) -> None:
        for name, process in list(self.children.items()):
            if process.poll() is None:
                continue
            count, not_before = self.restarts.get(name, (0, 0.0))
            now = time.monotonic()
            if now < not_before:
                continue
            # A child that keeps dying is given longer pauses; one that lived for a minute begins anew.
            count = 1 if now - not_before > 60 else count + 1
            self.restarts[name] = (count, now + min(0.5 * 2**count, 30))
            say(f"{name} ended (code {process.returncode}) and is started again; see {self.var.name}/log/{name}.log")
            self._launch(name)

    # Stopping

    def stop(self) -> None:
        """Beat first, then worker and web, the servers last."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        if self.children:
            say("Stopping …")
        for name in ("beat", "worker", "web", "preparation"):
            if name in self.children:
                with suppress(ProcessLookupError):
                    self.children[name].terminate()
        deadline = time.monotonic() + STOP_SECONDS - 3
        for process in self.children.values():
            try:
                process.wait(max(0.1, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                with suppress(ProcessLookupError, PermissionError):
                    os.killpg(process.pid, signal.SIGKILL)
                process.wait()
        self.servers.stop()
        with suppress(FileNotFoundError):
            (self.var / "environment.json").unlink()


def _die_with_parent() -> None:
    ctypes.CDLL(None).prctl(embedded.PR_SET_PDEATHSIG, signal.SIGTERM)


def _check_reachable(name: str, url: str) -> None:
    """One sentence when nobody listens where DATABASE_URL or REDIS_URL points; never the password."""
    parts = urlsplit(url)
    default = {"DATABASE_URL": 5432, "REDIS_URL": 6379}[name]
    host, port = parts.hostname or "127.0.0.1", parts.port or default
    try:
        socket.create_connection((host, port), 5).close()
    except OSError as error:
        raise Stop(f"{name} points to {host}:{port}, which cannot be reached ({error.strerror or error}).") from None


def fingerprint(*patterns: str) -> str:
    """A hash over the contents of the files these patterns find below the project."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()):
        found.update(str(path.relative_to(ROOT)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
