"""`script/test`: linters, then the tests, against own PostgreSQLs and Valkeys that end with the run."""

import json
import os
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from pathlib import Path

from . import embedded, messages
from .supervisor import ROOT, die_with, say

LINTERS = {
    "ruff": ["ruff", "check", "."],
    "djlint": ["djlint", "templates", "--lint", "--quiet"],
    "import-linter": ["lint-imports", "--no-cache"],
}
# One more than the processors of a small machine: tests of real processes mostly wait, for a beat, a lease, a start.
WORKERS = 3
# These servers end with the run: nothing of theirs needs to reach the disk. Portals that tests kill start their own.
NOTHING_TO_KEEP = {"fsync": "off", "synchronous_commit": "off", "full_page_writes": "off"}


def main(arguments: list[str]) -> int:
    """The exit code of the first thing that fails, else 0."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    var = Path(tempfile.mkdtemp(prefix="seva-test-"))
    started: list[embedded.Servers] = []
    say("Starting servers for the tests …")
    try:
        environment = {**os.environ, **_environment(var)}
        # A database and broker of one's own serve one worker; ours serve one each.
        workers = 0 if "DATABASE_URL" in os.environ or "REDIS_URL" in os.environ or arguments else WORKERS
        addresses = []
        if not os.environ.get("DATABASE_URL"):
            environment["SEVA_MIGRATED"] = str(_migrated(var / "migrated", environment, started))
        for worker in range(max(workers, 1)):
            started.append(_servers(var / str(worker), environment.get("SEVA_MIGRATED")))
            addresses.append(_addresses(started[-1]))
        environment |= addresses[0] | {"SEVA_TEST_SERVERS": json.dumps(addresses)}
        messages.compile_all()
        if not arguments and (failed := _lint(environment)):
            return failed
        # The order is that of tests/conftest.py: what takes long begins first.
        all_of_them = ["-n", str(workers), "--dist", "loadfile", "--no-loadscope-reorder"]
        return _run("tests", ["pytest", *(arguments or all_of_them)], environment)
    except embedded.CannotStart as reason:
        say(str(reason))
        return 1
    except KeyboardInterrupt:
        return 130
    finally:
        for servers in started:
            servers.stop()
        own = [folder for folder in var.iterdir() if folder.is_dir()]
        for folder in (*map(embedded.data_folder, own), var):
            shutil.rmtree(folder, ignore_errors=True)


def _migrated(folder: Path, environment: dict, started: list[embedded.Servers]) -> Path:
    """An installation with its tables and nothing in them. To migrate takes half a minute of a processor: the workers'
    databases, and the portals that tests start, are copies of this one (tests/conftest.py, tests/portal.py)."""
    folder.mkdir()
    servers = embedded.start(folder, settings=NOTHING_TO_KEEP)
    started.append(servers)
    subprocess.run(
        [sys.executable, "manage.py", "migrate", "--verbosity", "0"], cwd=ROOT, check=True,
        env={**environment, **_addresses(servers)}, preexec_fn=die_with(signal.SIGTERM),
    )  # fmt: skip
    servers.stop()
    started.remove(servers)
    return folder


def _servers(folder: Path, migrated: str | None) -> embedded.Servers:
    folder.mkdir()
    if migrated:
        embedded.copy(Path(migrated), folder)
    postgres, valkey = (not os.environ.get(name) for name in ("DATABASE_URL", "REDIS_URL"))
    return embedded.start(folder, postgres=postgres, valkey=valkey, settings=NOTHING_TO_KEEP)


def _addresses(servers: embedded.Servers) -> dict[str, str]:
    return {
        "DATABASE_URL": servers.database_url or os.environ.get("DATABASE_URL", ""),
        "REDIS_URL": servers.redis_url or os.environ.get("REDIS_URL", ""),
    }


def _environment(var: Path) -> dict[str, str]:
    return {
        "SECRET_KEY": "tests-only-tests-only-tests-only-tests-only-tests-only-12345",
        "LOG_KEY": "tests-only",
        "SEVA_DEMO": "1",
        "SEVA_VAR": str(var),
        # What portals that tests start are copies of; the first of them makes it (tests/portal.py).
        "SEVA_PREPARED": str(var / "prepared"),
        "DJANGO_SETTINGS_MODULE": "config.settings",
        "PYTHONPATH": str(ROOT),
        "PYTEST_PLUGINS": "tests.own_servers",
        # A run starts a hundred interpreters: none compiles again what another has.
        "PYTHONDONTWRITEBYTECODE": "",
    }


def _lint(environment: dict) -> int:
    for name, command in LINTERS.items():
        if failed := _run(name, command, environment):
            return failed
    return 0


def _run(name: str, command: list[str], environment: dict) -> int:
    say(f"== {name}")
    program = Path(sys.executable).parent / command[0]
    began = time.monotonic()
    failed = subprocess.run(  # noqa: S603 - our own commands
        [str(program), *command[1:]], cwd=ROOT, env=environment, check=False, preexec_fn=die_with(signal.SIGTERM)
    ).returncode
    say(f"== {name}: {'failed' if failed else 'good'} after {time.monotonic() - began:.0f} s")
    return failed


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
