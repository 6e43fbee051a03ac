"""Puts old months of messages away."""

import datetime

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from channels import partitions

KEPT = 13


class Command(BaseCommand):
    help = (
        "Detaches the months of messages that are older than this many months and moves their tables to the schema "
        f"“{partitions.ARCHIVE}”, where pg_dump copies them out (--table 'archive.*') and DROP TABLE ends them."
    )

    def add_arguments(self, parser):
        parser.add_argument("--keep-months", type=int, default=KEPT, help=f"how many whole months stay ({KEPT})")

    def handle(self, *args, keep_months, **options):
        before = partitions.first_of(timezone.localdate(), -keep_months) if 0 <= keep_months < 1000 else None
        try:
            moved = partitions.put_away(before or datetime.date.max)
        except ValueError:
            fewest = partitions.FEWEST_MONTHS_KEPT
            raise CommandError(f"At least {fewest} months stay: what was sent must be shown when one closes.") from None
        except partitions.StillWaiting as month:
            raise CommandError(f"Messages of {month} still wait to be sent: nothing was put away.") from None
        self.stdout.write(", ".join(moved) or "Nothing is so old.")
