"""A second PostgreSQL that streams from the tests' own, and a PgBouncer before it: real ones, for one module each."""

import os
import shutil
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

import psycopg2
import pytest
from django.db import connections

from config import embedded


class Standby:
    """A server that streams from the tests' server; `settings` is what Django connects with."""

    def __init__(self, var: Path, primary: dict):
        self.home, self.account = embedded._home(var)
        self.binaries = embedded._postgres_binaries(self.home, self.account)
        self.data, self.port = self.home / "postgres", embedded.free_port()
        copied = embedded._run(
            [self.binaries / "pg_basebackup", "-D", self.data, "-R", "-X", "stream", "-c", "fast",
             "-h", primary["HOST"], "-p", primary["PORT"], "-U", primary["USER"]],
            self.home, self.account, env={"PGPASSWORD": primary["PASSWORD"]},
        )  # fmt: skip
        assert copied.returncode == 0, copied.stderr
        self.settings = {**primary, "PORT": str(self.port)}
        self.process = None

    def start(self) -> None:
        options = [part for key, value in embedded.POSTGRES_SETTINGS.items() for part in ("-c", f"{key}={value}")]
        command = [self.binaries / "postgres", "-D", self.data, "-p", self.port, "-k", "", *options]
        self.process = embedded._launch("standby", command, self.home, self.account, signal.SIGINT)
        embedded._wait(self.process, self._answers, self.home)

    def _answers(self) -> bool:
        try:
            self.say("SELECT 1")
        except psycopg2.OperationalError:
            return False
        return True

    def say(self, sql: str):
        """Runs SQL on the standby itself."""
        given = {"host": "HOST", "port": "PORT", "user": "USER", "password": "PASSWORD", "dbname": "NAME"}
        standby = psycopg2.connect(**{name: self.settings[key] for name, key in given.items()})
        try:
            with standby.cursor() as cursor:
                cursor.execute(sql)
                return cursor.fetchone()[0]
        finally:
            standby.close()

    def kill(self) -> None:
        self.process.kill()
        self.process.wait()

    def stop(self) -> None:
        if self.process.poll() is None:
            self.kill()
        shutil.rmtree(self.home, ignore_errors=True)


@contextmanager
def pgbouncer(var: Path, server: dict, *, servers: int = 3) -> Iterator[int]:
    """The port of a PgBouncer in transaction pooling, with so many connections to the server for all clients."""
    program = shutil.which("pgbouncer", path=f"{os.environ.get('PATH', '')}:/usr/sbin:/usr/local/sbin")
    if program is None:
        pytest.skip("there is no pgbouncer here")
    home, account = embedded._home(var)
    port = embedded.free_port()
    configuration = home / "pgbouncer.ini"
    configuration.write_text(
        f"[databases]\n* = host={server['HOST']} port={server['PORT']} user={server['USER']} "
        f"password={server['PASSWORD']}\n"
        f"[pgbouncer]\nlisten_addr = 127.0.0.1\nlisten_port = {port}\nunix_socket_dir =\nauth_type = any\n"
        f"pool_mode = transaction\ndefault_pool_size = {servers}\nmax_client_conn = 100\n"
    )
    configuration.chmod(0o644)
    process = embedded._launch("pgbouncer", [program, configuration], home, account, signal.SIGINT)
    try:
        embedded._wait(process, lambda: _listens(port), home)
        yield port
    finally:
        process.kill()
        process.wait()
        shutil.rmtree(home, ignore_errors=True)


def _listens(port: int) -> bool:
    import socket

    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) == 0


def own_settings() -> dict:
    """What the tests connect with."""
    return dict(connections["default"].settings_dict)


def eventually(condition, seconds: float = 20) -> bool:
    end = time.monotonic() + seconds
    while time.monotonic() < end:
        if condition():
            return True
        time.sleep(0.05)
    return False


