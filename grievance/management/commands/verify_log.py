"""Proves that nothing in the event log was altered, removed, inserted, reordered or cut off."""

from django.core.management.base import BaseCommand, CommandError

from grievance import log
from grievance.models import Complaint


class Command(BaseCommand):
    help = "Checks the hash chain of every complaint and names each break."

    def add_arguments(self, parser):
        parser.add_argument("--number", help="only this complaint")

    def handle(self, *args, number=None, **options):
        complaints = Complaint.objects.filter(number=number) if number else None
        breaks = 0
        for found in log.verify(complaints):
            self.stdout.write(self.style.ERROR(str(found)))
            breaks += 1
        if breaks:
            raise CommandError(f"The log is broken in {breaks} places.")
        count = (Complaint.objects if complaints is None else complaints).count()
        self.stdout.write(self.style.SUCCESS(f"The log of {count} complaints holds."))
