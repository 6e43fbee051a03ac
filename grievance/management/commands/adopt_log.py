"""After a restore into another server: fits the log's transaction numbers to this server's."""

from django.core.management.base import BaseCommand

from grievance import readers


class Command(BaseCommand):
    help = (
        "Shifts the transaction numbers of the event log below those of this server, so that readers find what is"
        " written from now on. Run it after restoring a backup into another PostgreSQL; elsewhere it changes nothing."
    )

    def handle(self, *args, **options):
        shift = readers.adopt_log()
        self.stdout.write(f"Shifted by {shift}." if shift else "The log is of this server: nothing to do.")
