"""PostgreSQL's own programs, pg_dump and pg_restore, of a version that fits the server."""

# The programs are PostgreSQL's, named by us.
# ruff: noqa: S603

import os
import re
import shutil
import subprocess
from contextlib import suppress
from pathlib import Path

from . import embedded


class NoProgram(Exception):
    """Which program is missing, in one sentence."""


def program(name: str, server_version: int) -> Path:
    """The wheel's program, or the one on PATH where the wheel's is missing or older than the server (its major
    version, for example 18). Raises NoProgram."""
    seen = []
    for candidate in _candidates(name):
        major = _major(candidate)
        if major >= server_version:
            return candidate
        seen.append(str(major))
    found = f"only version {', '.join(seen)} was found" if seen else "it was not found"
    raise NoProgram(
        f"{name} of version {server_version} or newer is needed and {found}: install PostgreSQL's client programs."
    )


def _candidates(name: str) -> list[Path]:
    found = []
    with suppress(embedded.CannotStart):
        found.append(embedded.client_binaries() / name)
    if on_path := shutil.which(name):
        found.append(Path(on_path))
    return [path for path in found if path.exists()]


def _major(candidate: Path) -> int:
    said = subprocess.run([candidate, "--version"], capture_output=True, text=True, check=False).stdout
    found = re.search(r"(\d+)(?:\.\d+|devel|beta\d|rc\d)", said)
    return int(found.group(1)) if found else 0


def run(command: list, database: dict) -> None:
    """Runs a program against the database of the settings. Raises CalledProcessError with what it said.

    The password goes through the environment: a command line is seen by everyone on the machine.
    """
    given = {"PGHOST": "HOST", "PGPORT": "PORT", "PGUSER": "USER", "PGPASSWORD": "PASSWORD", "PGDATABASE": "NAME"}
    connection = {name: str(database[key]) for name, key in given.items() if database.get(key)}
    subprocess.run(
        [str(part) for part in command], env={**os.environ, **connection, "LC_ALL": "C.UTF-8"}, check=True,
        capture_output=True, text=True, stdin=subprocess.DEVNULL,
    )  # fmt: skip
