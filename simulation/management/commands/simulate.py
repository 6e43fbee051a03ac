"""Plays a living state in virtual time. Refuses outside demo mode."""

import datetime
from dataclasses import fields

from django.conf import settings
from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.dateparse import parse_datetime

from config.progress import Progress
from departments.models import Posting
from simulation import plan, play, workers


class Command(BaseCommand):
    help = (
        "Plays citizens and officers through the real workflow in virtual time that ends this morning. The same seed "
        "on a fresh database gives the same outcomes. Only in demo mode (SEVA_DEMO=1)."
    )

    def add_arguments(self, parser):
        parser.add_argument("--days", type=int, default=30, help="how many days pass (30)")
        parser.add_argument("--complaints-per-day", type=int, default=20, help="filed a day on average (20)")
        parser.add_argument("--seed", type=int, default=1, help="the same seed plays the same (1)")
        parser.add_argument("--until", help="when virtual time ends, as 2026-11-25T00:00+05:30 (midnight today)")
        for share in fields(plan.Shares):
            name = share.name.replace("_", "-")
            parser.add_argument(f"--{name}", type=float, default=share.default,
                                help=f"share of all registered ({share.default})")  # fmt: skip

    def handle(self, *args, days, complaints_per_day, seed, until=None, **options):
        if not settings.DEMO:
            raise CommandError("This is not a demo installation (SEVA_DEMO is not 1): nothing is simulated here.")
        if days < 1 or complaints_per_day < 1:
            raise CommandError("Give at least one day and one complaint a day.")
        shares = plan.Shares(**{share.name: options[share.name] for share in fields(plan.Shares)})
        try:
            shares.check()
        except ValueError as error:
            raise CommandError(str(error)) from None
        wanted = play.Wanted(days, complaints_per_day, seed, _end(until), shares)
        if not Posting.objects.current(timezone.localdate(wanted.start)).exists():
            raise CommandError("No officer was posted when virtual time begins: choose fewer days.")
        with workers.standing_still():
            result = play.play(wanted, Progress(self.stderr, "the time has passed"))
        self._say(result)

    def _say(self, result: play.Result) -> None:
        self.stdout.write(
            f"{result.complaints} complaints, {result.actions.total()} events: {result.disposed:.1%} disposed, "
            f"{result.satisfied:.1%} of all satisfied."
        )
        for title, counts in (("Ends", result.outcomes), ("Actions", result.actions)):
            listed = ", ".join(f"{name} {count}" for name, count in sorted(counts.items()))
            self.stdout.write(f"{title}: {listed}")
        self.stdout.write(f"Refused by the workflow: {result.refused}. Digest: {result.digest}")


def _end(until: str | None) -> datetime.datetime:
    if until is None:
        return timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0).astimezone(datetime.UTC)
    try:
        end = parse_datetime(until)
    except ValueError:
        end = None
    if end is None:
        raise CommandError("--until is a date and time like 2026-11-25T00:00+05:30.")
    end = end if timezone.is_aware(end) else timezone.make_aware(end)
    if end > timezone.now():
        raise CommandError("--until lies in the future: the portal's own clock would find events to come.")
    return end.astimezone(datetime.UTC)
