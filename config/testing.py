"""`script/test`: linters, then the tests, against an own PostgreSQL and Valkey that end with the run."""

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


def main(arguments: list[str]) -> int:
    """The exit code of the first thing that fails, else 0."""
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    var = Path(tempfile.mkdtemp(prefix="seva-test-"))
    say("Starting servers for the tests …")
    try:
        servers = embedded.start(
            var, postgres=not os.environ.get("DATABASE_URL"), valkey=not os.environ.get("REDIS_URL")
        )
    except embedded.CannotStart as reason:
        say(str(reason))
        return 1
    try:
        environment = {**os.environ, **_environment(servers, var)}
        messages.compile_all()
        if not arguments and (failed := _lint(environment)):
            return failed
        return _run("tests", ["pytest", *(arguments or ["-n", "2", "--dist", "loadfile"])], environment)
    except KeyboardInterrupt:
        return 130
    finally:
        servers.stop()
        for folder in (embedded.data_folder(var), var):
            shutil.rmtree(folder, ignore_errors=True)


def _environment(servers: embedded.Servers, var: Path) -> dict[str, str]:
    return {
        "DATABASE_URL": servers.database_url or os.environ.get("DATABASE_URL", ""),
        "REDIS_URL": servers.redis_url or os.environ.get("REDIS_URL", ""),
        "SECRET_KEY": "tests-only-tests-only-tests-only-tests-only-tests-only-12345",
        "LOG_KEY": "tests-only",
        "SEVA_DEMO": "1",
        "SEVA_VAR": str(var),
        "DJANGO_SETTINGS_MODULE": "config.settings",
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
