"""Proves that nothing in the event log was altered, removed, inserted, reordered or cut off."""

from contextlib import suppress
from pathlib import Path

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction

from config.progress import Progress
from config.time_limits import take_time
from grievance import log, log_heads, numbers
from grievance.models import Complaint


class Command(BaseCommand):
    help = "Checks the hash chain of every complaint and names each break."

    def add_arguments(self, parser):
        parser.add_argument("--number", help="only this complaint")
        parser.add_argument(
            "--heads", metavar="FILE", type=Path,
            help="instead: hold the log against a file of daily heads that was downloaded from /open-data/ before",
        )  # fmt: skip

    def handle(self, *args, number=None, heads=None, **options):
        if heads:
            self._against(heads)
            return
        complaints = self._with(number) if number else None
        self._name_all(log.verify(complaints, Progress(self.stderr, "the log is read")))
        with transaction.atomic():
            take_time()
            count = (Complaint.objects if complaints is None else complaints).count()
        self.stdout.write(self.style.SUCCESS(f"The log of {count} complaints holds."))

    def _with(self, number: str):
        """The complaint of this number, however it is spaced."""
        with suppress(numbers.Mistyped):
            found = Complaint.objects.filter(number=numbers.clean(number))
            if found.exists():
                return found
        raise CommandError(f"There is no complaint {number}. Without --number all of the log is checked.")

    def _against(self, path: Path) -> None:
        try:
            published = log_heads.parse(path.read_text(encoding="utf-8"))
        except (OSError, ValueError) as error:
            raise CommandError(f"{path} cannot be read as heads of the log: {error}") from None
        self._name_all(log_heads.verify(published))
        days = f"{published[0].day} to {published[-1].day}"
        self.stdout.write(self.style.SUCCESS(f"The log holds what was published of {days}."))

    def _name_all(self, faults) -> None:
        count = 0
        for found in faults:
            self.stdout.write(self.style.ERROR(str(found)))
            count += 1
        if count:
            raise CommandError(f"The log is broken in {count} places.")
