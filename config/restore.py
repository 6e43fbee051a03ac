"""`script/restore FILE`: loads a backup into an empty database and proves that it holds.

Checks the archive first, then loads rows and files, then verifies the log and recounts the figures. Messages stay
frozen until an administrator releases them: what was sent after the backup was made would be sent again.

Without DATABASE_URL it restores into this folder's own PostgreSQL, for the next `script/server`.
"""

import argparse
import fcntl
import json
import os
import subprocess
import sys
import tempfile
from contextlib import ExitStack
from pathlib import Path

from . import archive, backup, embedded, postgres_tools
from .supervisor import ROOT, say

# Nothing rings here, but the settings want to know where the broker would be.
NO_BROKER = "redis://127.0.0.1:1/0"
FREEZE = "restored from the backup of {made_at}"


class Refused(Exception):
    """Why this backup is not restored here, in one sentence."""


def main(arguments: list[str]) -> int:
    """0 when log and figures hold, 1 after a sentence."""
    parser = argparse.ArgumentParser(prog="script/restore", description=__doc__)
    parser.add_argument("file", type=Path)
    options = parser.parse_args(arguments)
    var = Path(os.environ.get("SEVA_VAR") or ROOT / "var").resolve()
    try:
        with archive.reading(options.file) as (tar, manifest), ExitStack() as until_done:
            say(f"The archive of {manifest['made_at']} is whole.")
            _prepare(var, until_done)
            return restore(tar, manifest)
    except archive.Damaged as reason:
        say(f"{options.file.name}: {reason}. Nothing was restored.")
    except OSError as error:
        say(f"{options.file}: {error.strerror or error}.")
    except (Refused, embedded.CannotStart, postgres_tools.NoProgram) as reason:
        say(str(reason))
    except subprocess.CalledProcessError as error:
        say(f"pg_restore failed: {' '.join(error.stderr.strip().splitlines()[-1:])}. Drop the database and begin anew.")
    return 1


def _prepare(var: Path, until_done: ExitStack) -> None:
    """The environment of the installation that the backup becomes."""
    var.mkdir(parents=True, exist_ok=True)
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["SEVA_VAR"] = str(var)
    os.environ.setdefault("SEVA_DEMO", "1")
    os.environ.setdefault("REDIS_URL", NO_BROKER)
    kept = var / "secrets.json"
    secrets = json.loads(kept.read_text()) if kept.exists() else {}
    for name in ("SECRET_KEY", "LOG_KEY"):
        os.environ.setdefault(name, secrets.get(name, ""))
        if not os.environ[name]:
            raise Refused(f"{name} is not set: it is not in the backup, give the one that was kept beside it.")
    if not os.environ.get("DATABASE_URL"):
        lock = until_done.enter_context((var / "server.lock").open("a+"))
        try:
            fcntl.flock(lock, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise Refused("The portal runs from this folder: stop it, or set SEVA_VAR to another.") from None
        servers = embedded.start(var, valkey=False)
        until_done.callback(servers.stop)
        os.environ["DATABASE_URL"] = servers.database_url


def restore(tar, manifest: dict) -> int:
    """Loads, freezes and checks; the exit code."""
    import django  # noqa: PLC0415 - not before the environment is known

    django.setup()
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import transaction  # noqa: PLC0415

    from channels import deliveries  # noqa: PLC0415
    from config.time_limits import take_time  # noqa: PLC0415
    from grievance import log, readers  # noqa: PLC0415

    same_key = log.key_check() == manifest["key_check"]
    _check_empty(manifest, settings.MEDIA_ROOT)
    say("Loading the rows …")
    _load(tar, settings.DATABASES["default"])
    for name in manifest["files"]:
        if name.startswith(archive.FILES):
            archive.unpack(tar, name, settings.MEDIA_ROOT / name.removeprefix(archive.FILES), mode=0o640)
    with transaction.atomic():
        take_time()
        there = backup.counts()
    call_command("migrate", verbosity=0)
    readers.adopt_log()
    deliveries.freeze(FREEZE.format(**manifest))
    say(f"{len(manifest['files']) - 1} files and {there['grievance.Complaint']} complaints are there.")
    holds = [_holds("verify_log"), _holds("check_figures")]
    if there != manifest["counts"]:
        say(f"The counts differ from the backup's: {there}, not {manifest['counts']}.")
    if not same_key:
        say("LOG_KEY is not the one this log was signed with: give that one and run manage.py verify_log again.")
    good = all(holds) and same_key and there == manifest["counts"]
    say("Messages are frozen until an administrator releases them." + (" The backup is restored." if good else ""))
    return 0 if good else 1


def _check_empty(manifest: dict, media: Path) -> None:
    from django.db import OperationalError, connection  # noqa: PLC0415
    from django.db.migrations.loader import MigrationLoader  # noqa: PLC0415

    if manifest["format"] != backup.FORMAT:
        raise Refused(f"The archive is of format {manifest['format']}, which this version does not know.")
    try:
        tables = connection.introspection.table_names()
    except OperationalError as error:
        raise Refused(f"The database cannot be used: {str(error).strip().splitlines()[-1]}") from None
    if tables:
        raise Refused(f"The database is not empty ({len(tables)} tables): a backup is restored into an empty one only.")
    if media.exists() and any(path.is_file() for path in media.rglob("*")):
        raise Refused(f"The folder {media} holds files: a backup is restored beside no others.")
    known = {"/".join(key) for key in MigrationLoader(None).disk_migrations}
    if newer := set(manifest["migrations"]) - known:
        raise Refused(f"The backup is of a newer version than this one ({sorted(newer)[0]}): install that first.")


def _load(tar, database: dict) -> None:
    from django.db import connection  # noqa: PLC0415

    program = postgres_tools.program("pg_restore", connection.pg_version // 10_000)
    with tempfile.TemporaryDirectory() as folder:
        dump = Path(folder) / archive.DUMP
        archive.unpack(tar, archive.DUMP, dump)
        command = [program, "--no-owner", "--no-privileges", "--exit-on-error", "--dbname", database["NAME"], dump]
        postgres_tools.run(command, database)


def _holds(command: str) -> bool:
    from django.core.management import CommandError, call_command  # noqa: PLC0415

    try:
        call_command(command)
    except CommandError as error:
        say(str(error))
        return False
    return True


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
