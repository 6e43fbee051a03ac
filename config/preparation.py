"""Brings an installation to where it can run: schema, catalogues, static files, reference data, demo people.

Each step says that it begins. Steps whose inputs did not change since they last ran are skipped, so a
second start takes seconds.
"""

import json
import sys
from pathlib import Path

from .supervisor import fingerprint, say


def main() -> int:
    """Runs the steps; one sentence and exit code 1 when the database cannot be used."""
    import django  # noqa: PLC0415 - the supervisor's helpers above work without it
    from django.conf import settings  # noqa: PLC0415
    from django.core.management import call_command  # noqa: PLC0415
    from django.db import OperationalError  # noqa: PLC0415

    from . import messages  # noqa: PLC0415

    messages.compile_all()
    django.setup()
    try:
        done = _Done(settings.VAR_DIR / "prepared.json", _database())
        done.once("Creating the tables …", fingerprint("*/migrations/*.py", "requirements.txt"),
                  lambda: call_command("migrate", verbosity=0))  # fmt: skip
        # Asks one question where the database was not restored from another server.
        call_command("adopt_log", stdout=_Quiet())
    except OperationalError as error:
        say(f"The database cannot be used: {str(error).strip().splitlines()[-1]}")
        return 1
    if not _finds_hindi():
        say(
            "This database's locale is blind to Devanagari, so Hindi words are not found: "
            "create it with LOCALE 'C.UTF-8'."
        )
    done.once("Collecting static files …", fingerprint("static/**/*", "requirements.txt"),
              lambda: call_command("collectstatic", interactive=False, verbosity=0))  # fmt: skip
    done.once("Loading the reference data …", fingerprint("departments/reference/*"),
              lambda: call_command("load_reference", stdout=_Quiet()))  # fmt: skip
    if settings.DEMO:
        people = fingerprint("departments/reference/*", "grievance/demo.py")
        if not (settings.VAR_DIR / "demo.json").exists():
            done.forget("Making the demo's people …")
        done.once("Making the demo's people …", people, lambda: call_command("load_demo", stdout=_Quiet()))
    from . import health  # noqa: PLC0415 - not before the settings

    health.forget()
    return 0


def _database() -> str:
    """Which database this is, however it is addressed today; one that was made anew is another."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT system_identifier, oid FROM pg_control_system(), pg_database WHERE datname = current_database()"
        )
        return "/".join(map(str, cursor.fetchone()))


def _finds_hindi() -> bool:
    """With the locale "C" PostgreSQL makes no trigrams of Devanagari."""
    from django.db import connection  # noqa: PLC0415

    with connection.cursor() as cursor:
        cursor.execute("SELECT cardinality(show_trgm('पेंशन')) > 0")
        return bool(cursor.fetchone()[0])


class _Quiet:
    def write(self, text):
        return len(text)


class _Done:
    """What was done to which database, by a fingerprint of what went in."""

    def __init__(self, path: Path, database: str):
        self.path, self.database = path, database
        self.steps = json.loads(path.read_text()) if path.exists() else {}

    def once(self, title: str, inputs: str, step) -> None:
        if self.steps.get(title) == [self.database, inputs]:
            return
        say(title)
        step()
        self.steps[title] = [self.database, inputs]
        self.path.write_text(json.dumps(self.steps))

    def forget(self, title: str) -> None:
        self.steps.pop(title, None)


if __name__ == "__main__":
    sys.exit(main())
