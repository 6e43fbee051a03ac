"""Fills an empty database with the state's years, at the state's scale. All of it is synthetic and says so."""

import datetime
import time

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone

from config.progress import Progress
from grievance.words import indian
from simulation.history import loading
from simulation.history.plan import Plan

DAYS_A_YEAR = 365.25


class Command(BaseCommand):
    help = (
        "Writes synthetic complaints with their whole histories by COPY: as many, so many of them disposed of and so "
        "many to satisfaction as asked for. Killed, the same command goes on. Refused where real complaints are."
    )

    def add_arguments(self, parser):
        parser.add_argument("--complaints", type=int, required=True, help="how many, for example 604557")
        parser.add_argument("--disposed", type=int, help="how many of them are disposed of (98%%)")
        parser.add_argument("--satisfied", type=int, help="how many to the citizen's satisfaction (70%%)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed makes the same histories (1)")
        parser.add_argument("--years", type=float, default=5, help="how many years, ending yesterday (5)")
        parser.add_argument("--processes", type=int, default=2, help="how many processes work on it (2)")

    def handle(self, *args, complaints, disposed, satisfied, seed, years, processes, **options):
        if settings.PGBOUNCER:
            # Its locks belong to a session, and there each transaction may have another one.
            raise CommandError("Load past PgBouncer: give DATABASE_URL of the server itself, and PGBOUNCER=0.")
        began = time.monotonic()
        disposed = round(complaints * 0.98) if disposed is None else disposed
        satisfied = min(round(complaints * 0.7), disposed) if satisfied is None else satisfied
        now = timezone.localtime()
        ends = now.replace(hour=0, minute=0, second=0, microsecond=0)
        if not 0 < years <= 50:
            raise CommandError("Give the years as a number, at most 50.")
        begins = ends - datetime.timedelta(days=round(years * DAYS_A_YEAR))
        plan = Plan(complaints, disposed, satisfied, seed, begins, ends, now)
        try:
            plan.check()
            books = loading.load(
                plan, processes=max(1, processes), progress=Progress(self.stderr, "it is written"),
                counted=Progress(self.stderr, "it is counted and found by the search"),
            )  # fmt: skip
        except (ValueError, loading.Refused) as error:
            raise CommandError(str(error)) from None
        self.stdout.write(
            f"{indian(books.complaints)} synthetic complaints: {indian(books.disposed)} disposed of, "
            f"{indian(books.satisfied)} to satisfaction; {time.monotonic() - began:.0f} s."
        )
