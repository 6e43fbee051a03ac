"""Runs the whole portal: servers, migrations, reference data, web, worker and beat, until it is told to stop.

`script/server` starts it. One line says where the portal is once `/readyz` answers. Children that die are
started again; all stop within ten seconds of Ctrl-C or SIGTERM, and die with this process however it ends.
"""

# What is started here is ours, named by us; preexec_fn is safe because no other thread runs here.
# ruff: noqa: S603, PLW1509

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

from . import embedded, queues

ROOT = Path(__file__).resolve().parent.parent
ALREADY_RUNNING = 3
NEEDED = ("django", "psycopg2", "redis", "celery", "gunicorn", "environ")
READY_SECONDS = 150
# Together with the servers' own time to stop this stays below the ten seconds that are promised.
STOP_SECONDS = 4
# A child that ends this often before the portal was ready has a fault that waiting does not mend.
MOST_ENDS_BEFORE_READY = 3


# The usual port of each server, and how an address of it may begin.
USABLE = {"DATABASE_URL": (5432, ("postgresql", "postgres")), "REDIS_URL": (6379, ("redis", "rediss"))}


# What is started here where its address is not given.
OWN = {"DATABASE_URL": "the database", "REDIS_URL": "the broker"}


class Stop(Exception):
    """A sentence for the person at the terminal; nothing is wrong with the program."""


def say(text: str) -> None:
    print(text, flush=True)


def main() -> int:
    """The exit code: 0 stopped as asked, 1 could not start, 3 one runs already."""
    var = Path(os.environ.get("SEVA_VAR") or ROOT / "var").resolve()
    try:
        var.mkdir(parents=True, exist_ok=True)
        lock = (var / "server.lock").open("a+")
    except OSError as error:
        say(f"The folder {var} cannot be written ({error.strerror}): run as its owner, or set SEVA_VAR to another.")
        return 1
    try:
        fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        lock.seek(0)
        say(f"Seva Sankalp runs already from this folder: {lock.read().strip() or 'it is just starting'}.")
        return ALREADY_RUNNING
    lock.truncate(0)
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
        self.port = os.environ.get("PORT") or "8000"
        self.bind = os.environ.get("BIND") or "127.0.0.1"
        host = "127.0.0.1" if self.bind == "0.0.0.0" else self.bind  # noqa: S104 - compared, not bound
        self.address = f"http://{host}:{self.port}"
        self.servers = embedded.Servers()
        self.children: dict[str, subprocess.Popen] = {}
        self.restarts: dict[str, tuple[int, float]] = {}
        self.environment: dict[str, str] = {}
        self.stopping = self.ready = False

    def asked_to_stop(self, *_args) -> None:
        self.stopping = True
        raise Stop("")

    # Starting

    def start(self) -> None:
        self._check_modules()
        self._check_port()
        self.environment = self._make_environment()
        given = {name: os.environ.get(name, "") for name in ("DATABASE_URL", "REDIS_URL")}
        for name, url in given.items():
            if url:
                _check_usable(name, url)
        if own := [words for name, words in OWN.items() if not given[name]]:
            say(f"Starting {' and '.join(own)} …")
        self.servers = embedded.start(self.var, postgres=not given["DATABASE_URL"], valkey=not given["REDIS_URL"])
        self.environment["DATABASE_URL"] = given["DATABASE_URL"] or self.servers.database_url
        self.environment["REDIS_URL"] = given["REDIS_URL"] or self.servers.redis_url
        self._prepare()
        self._write_environment()
        say("Starting web, worker and beat …")
        for name in self._commands():
            self._launch(name)
        self._wait_until_ready()
        self.ready = True
        say(f"Seva Sankalp is ready at {self.address}")

    def _check_modules(self) -> None:
        missing = [name for name in NEEDED if importlib.util.find_spec(name) is None]
        if missing:
            raise Stop(f"Python modules are missing ({', '.join(missing)}): delete the folder .venv and start again.")

    def _check_port(self) -> None:
        if not (self.port.isdecimal() and 0 < int(self.port) < 65536):
            raise Stop(f"PORT is {self.port!r}: it must be a number from 1 to 65535.")
        # Where a predecessor was killed, its environment still lies here and its web may be just ending.
        patience = STOP_SECONDS if (self.var / "environment.json").exists() else 0
        deadline = time.monotonic() + patience
        while error := self._port_error():
            if time.monotonic() >= deadline:
                raise Stop(
                    f"Port {self.port} cannot be used on {self.bind} ({error.strerror or error}): "
                    "stop what listens there or set PORT."
                )
            time.sleep(0.2)

    def _port_error(self) -> OSError | None:
        with socket.socket() as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            try:
                probe.bind((self.bind, int(self.port)))
            except OSError as error:
                return error
        return None

    def _make_environment(self) -> dict[str, str]:
        environment = {
            "DJANGO_SETTINGS_MODULE": "config.settings",
            "SEVA_VAR": str(self.var),
            "SEVA_DEMO": os.environ.get("SEVA_DEMO", "1"),
            "BASE_URL": os.environ.get("BASE_URL", self.address),
            "ALLOWED_HOSTS": self._allowed_hosts(),
        }
        for name in ("SECRET_KEY", "LOG_KEY"):
            environment[name] = os.environ.get(name) or self._own_secret(name, environment["SEVA_DEMO"])
        return environment

    def _allowed_hosts(self) -> str:
        """What is given, and the address at which this process asks `/readyz`."""
        given = [host for host in os.environ.get("ALLOWED_HOSTS", "localhost,[::1]").split(",") if host]
        return ",".join(dict.fromkeys([*given, urlsplit(self.address).hostname]))

    def _own_secret(self, name: str, demo: str) -> str:
        if demo.lower() not in {"1", "true", "yes", "on"}:
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
        # In a session of its own: Ctrl-C is answered by this process, not by a traceback of that one.
        process = subprocess.Popen(
            command, cwd=ROOT, env={**os.environ, **self.environment}, start_new_session=True,
            preexec_fn=die_with(signal.SIGTERM),
        )  # fmt: skip
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
        # One more where lists are written: that takes a process for minutes, never two (`grievance/desk/exports.py`).
        tasks = os.environ.get("CELERY_CONCURRENCY", "2")
        # gunicorn's heartbeat files belong in memory: a slow disk must not look like a hung worker.
        heartbeats = next(folder for folder in ("/dev/shm", "/tmp") if Path(folder).is_dir())  # noqa: S108
        return {
            "web": [*python, "gunicorn", "config.wsgi", "--bind", f"{self.bind}:{self.port}", "--workers", workers,
                    "--timeout", "60", "--graceful-timeout", "5", "--max-requests", "20000",
                    "--max-requests-jitter", "2000", "--worker-tmp-dir", heartbeats,
                    "--no-control-socket", "--logger-class", "config.gunicorn_log.Logger"],
            **{name: [*python, "celery", "--quiet", "-A", "config", "worker", "--hostname", f"{name}@%h",
                      "-Q", ",".join(listened), "--concurrency", str(int(tasks) + (queues.EXPORTS in listened)),
                      "--loglevel", "WARNING", "--without-gossip", "--without-mingle"]
               for name, listened in queues.LISTENERS.items()},
            "beat": [*python, "celery", "--quiet", "-A", "config", "beat", "--loglevel", "WARNING", "--pidfile", ""],
        }  # fmt: skip

    def _launch(self, name: str) -> None:
        folder = self.var / "log"
        folder.mkdir(exist_ok=True)
        with (folder / f"{name}.log").open("ab") as log:
            # Without its servers a task cannot end well, and nothing is lost with it: an orphaned worker just goes.
            end = signal.SIGKILL if name in queues.LISTENERS else signal.SIGTERM
            self.children[name] = subprocess.Popen(
                self._commands()[name], cwd=ROOT, env={**os.environ, **self.environment}, stdin=subprocess.DEVNULL,
                stdout=log, stderr=log, start_new_session=True, preexec_fn=die_with(end),
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
                answer = error.read(5000).decode(errors="replace")
                if found := _what_is_wrong(answer):
                    say(f"It runs, but not all is well: {found}")
                    return
            except OSError as error:
                answer = str(error)
            time.sleep(0.2)
        raise Stop(f"The portal did not become ready ({answer}); see {self.var.name}/log/.")

    # Running

    def watch(self) -> None:
        """Starts again what dies, until asked to stop."""
        while True:
            time.sleep(0.5)
            self._revive()

    def _revive(self) -> None:
        for name in self.servers.died():
            if self._may_start_again(name):
                say(f"{name} ended unexpectedly and is started again.")
                self.servers.restart(name)
        for name, process in list(self.children.items()):
            if process.poll() is not None and self._may_start_again(name):
                log = f"{self.var.name}/log/{name}.log"
                say(f"{name} ended (code {process.returncode}) and is started again; see {log}")
                # What a killed process left behind must not work on beside its successor.
                _kill_group(process)
                self._launch(name)

    def _may_start_again(self, name: str) -> bool:
        """Whether it is time. What keeps dying is given longer pauses; what lived for a minute begins anew."""
        count, not_before = self.restarts.get(name, (0, 0.0))
        now = time.monotonic()
        if now < not_before:
            return False
        count = 1 if now - not_before > 60 else count + 1
        if not self.ready and count > MOST_ENDS_BEFORE_READY:
            raise Stop(f"{name} does not start; the reason stands at the end of {self.var.name}/log/{name}.log.")
        self.restarts[name] = (count, now + min(0.5 * 2**count, 30))
        return True

    # Stopping

    def stop(self) -> None:
        """Beat first, then worker and web, the servers last."""
        for name in (signal.SIGINT, signal.SIGTERM, signal.SIGHUP):
            signal.signal(name, signal.SIG_IGN)
        if self.children:
            say("Stopping …")
        for name in ("beat", *queues.LISTENERS, "web", "preparation"):
            if name in self.children:
                with suppress(ProcessLookupError):
                    self.children[name].terminate()
        deadline = time.monotonic() + STOP_SECONDS
        for process in self.children.values():
            with suppress(subprocess.TimeoutExpired):
                process.wait(max(0.1, deadline - time.monotonic()))
            _kill_group(process)
            process.wait()
        self.servers.stop()
        with suppress(FileNotFoundError):
            (self.var / "environment.json").unlink()


def _what_is_wrong(answer: str) -> str:
    """Where all servers and processes are there, what `/readyz` says beside: that is mended while the portal runs."""
    try:
        checks = json.loads(answer)["checks"]
    except (ValueError, KeyError, TypeError):
        return ""
    needed = ("database", "broker", "beat", *queues.LISTENERS)
    if not isinstance(checks, dict) or any(checks.get(name) != "ok" for name in needed):
        return ""
    return "; ".join(f"{name}: {said}" for name, said in checks.items() if said != "ok")


def die_with(end: signal.Signals):
    """For a child: it gets this signal when this process ends, even if that happened just now."""
    parent, libc = os.getpid(), ctypes.CDLL(None)

    def arrange() -> None:
        libc.prctl(embedded.PR_SET_PDEATHSIG, end)
        if os.getppid() != parent:
            os._exit(1)

    return arrange


def _kill_group(process: subprocess.Popen) -> None:
    """Kills what is left of a child and its own children."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(process.pid, signal.SIGKILL)


def _check_usable(name: str, url: str) -> None:
    """One sentence when DATABASE_URL or REDIS_URL leads nowhere; never its password, nor a part of it."""
    default, schemes = USABLE[name]
    try:
        parts = urlsplit(url)
        if parts.scheme not in schemes:
            raise Stop(f"{name} must begin with {' or '.join(f'{scheme}://' for scheme in schemes)}.")
        host, port = parts.hostname or "127.0.0.1", parts.port or default
    except ValueError:
        raise Stop(
            f"{name} is not an address: it must be like scheme://user:password@host:port/name, "
            "with %-codes for special characters in the password."
        ) from None
    try:
        # A socket's path instead of a host is for the driver to try.
        if not host.lower().startswith("%2f"):
            socket.create_connection((host, port), 5).close()
    except OSError as error:
        raise Stop(f"{name} points to {host}:{port}, which cannot be reached ({error.strerror or error}).") from None
    if refusal := _refusal(name, url):
        raise Stop(f"{name} points to {host}:{port}, which refuses: {refusal}.")


def _refusal(name: str, url: str) -> str:
    """Why the server at this address does not let us in; empty when it does."""
    import psycopg2  # noqa: PLC0415 - not before the check that it is there
    import redis  # noqa: PLC0415

    try:
        if name == "DATABASE_URL":
            psycopg2.connect(url, connect_timeout=5).close()
        else:
            redis.Redis.from_url(url, socket_timeout=5, socket_connect_timeout=5).ping()
    except psycopg2.Error as error:
        # Only the server's own words: the library's may repeat parts of the address.
        return str(error).strip().rpartition("FATAL:")[2].strip() if "FATAL:" in str(error) else "no PostgreSQL answers"
    except redis.RedisError as error:
        wrong = any(word in str(error) for word in ("WRONGPASS", "NOAUTH"))
        return "the password is wrong" if wrong else "no Valkey or Redis answers"
    except ValueError:
        return "not an address of this kind"
    return ""


def fingerprint(*patterns: str) -> str:
    """A hash over the contents of the files these patterns find below the project."""
    found = hashlib.sha256()
    for path in sorted(path for pattern in patterns for path in ROOT.glob(pattern) if path.is_file()):
        found.update(str(path.relative_to(ROOT)).encode())
        found.update(path.read_bytes())
    return found.hexdigest()


if __name__ == "__main__":
    sys.exit(main())
