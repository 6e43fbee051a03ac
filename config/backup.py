"""`script/backup [FOLDER]`: database, files and checksums in one archive, while the portal runs.

LOG_KEY and SECRET_KEY are not in it: whoever has a backup must not be able to sign a log. docs/backup.md says
what to keep beside it.
"""

import argparse
import datetime
import subprocess
import sys
import tempfile
from pathlib import Path

from . import archive, postgres_tools
from .command_line import adopt_running_portal
from .supervisor import ROOT, say

FORMAT = 1
# What the manifest counts: a restored database must have as many.
COUNTED = ("grievance.Complaint", "grievance.Event", "grievance.Attachment", "channels.Delivery", "citizens.User",
           "departments.Posting")  # fmt: skip


def main(arguments: list[str]) -> int:
    """0, or 1 after a sentence."""
    parser = argparse.ArgumentParser(prog="script/backup", description=__doc__)
    parser.add_argument("folder", nargs="?", type=Path, help="where the archive goes (backups/ in the portal's folder)")
    options = parser.parse_args(arguments)
    adopt_running_portal()
    import django  # noqa: PLC0415 - not before the environment is known

    django.setup()
    from django.conf import settings  # noqa: PLC0415

    folder = options.folder or settings.VAR_DIR / "backups"
    try:
        folder.mkdir(parents=True, exist_ok=True)
        path = make(folder)
    except OSError as error:
        say(f"The backup could not be written: {error.strerror or error}.")
        return 1
    except postgres_tools.NoProgram as reason:
        say(str(reason))
        return 1
    except subprocess.CalledProcessError as error:
        say(f"pg_dump failed: {error.stderr.strip().splitlines()[-1:]}")
        return 1
    say(f"{path} ({path.stat().st_size / 1e6:.1f} MB). Keep LOG_KEY and SECRET_KEY elsewhere: they are not in it.")
    return 0


def make(folder: Path) -> Path:
    """Makes one archive and returns its path."""
    from django.conf import settings  # noqa: PLC0415
    from django.db import connection, transaction  # noqa: PLC0415

    now = datetime.datetime.now(datetime.UTC)
    path = folder / f"seva-sankalp-{now:%Y%m%d-%H%M%S}.tar"
    with tempfile.TemporaryDirectory(dir=folder, prefix=".backup-") as draft:
        dump = Path(draft) / archive.DUMP
        with transaction.atomic():
            manifest = {"format": FORMAT, "made_at": now.isoformat(), "version": _version(), **_contents()}
            _dump(connection, dump, settings.DATABASES["default"])
        # The files come after the rows that name them: what was uploaded since is more, never less.
        archive.write(path, dump, settings.MEDIA_ROOT, manifest)
    return path


def _dump(connection, dump: Path, database: dict) -> None:
    """Dumps what this transaction sees: the manifest's counts are those of the dump, though the portal runs."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_export_snapshot()")
        [snapshot] = cursor.fetchone()
    program = postgres_tools.program("pg_dump", connection.pg_version // 10_000)
    postgres_tools.run(
        [program, "--format=custom", "--no-owner", "--no-privileges", f"--snapshot={snapshot}", f"--file={dump}"],
        database,
    )


def _contents() -> dict:
    """What the archive holds, as of this transaction, in which it becomes one unchanging view."""
    from django.db import connection  # noqa: PLC0415
    from django.db.migrations.recorder import MigrationRecorder  # noqa: PLC0415

    from config.time_limits import take_time  # noqa: PLC0415
    from grievance import log  # noqa: PLC0415
    from grievance.models import Event  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ, READ ONLY")
    # While pg_dump runs this transaction waits.
    take_time()
    last = Event.objects.order_by("-pk").values("pk", "complaint__number", "seq", "hash").first()
    return {
        "counts": counts(),
        "last_event": last,
        "key_check": log.key_check(),
        "migrations": sorted(map("/".join, MigrationRecorder(connection).applied_migrations())),
        "postgresql": connection.pg_version // 10_000,
    }


def counts() -> dict[str, int]:
    """How many rows there are of what counts."""
    from django.apps import apps  # noqa: PLC0415

    return {name: apps.get_model(name).objects.count() for name in COUNTED}


def _version() -> str:
    found = subprocess.run(
        ["git", "rev-parse", "--short", "HEAD"], cwd=ROOT, capture_output=True, text=True, check=False  # noqa: S607
    )  # fmt: skip
    return found.stdout.strip() or "unknown"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
