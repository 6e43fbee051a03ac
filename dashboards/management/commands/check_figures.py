"""Recounts every figure from complaints and events and compares it with what the pages show."""

import datetime

from django.core.management.base import BaseCommand, CommandError

from config.progress import Progress
from dashboards import folding, recount


def _day(word: str) -> datetime.date:
    return datetime.date.fromisoformat(word)


class Command(BaseCommand):
    help = "Folds what is new, recounts from complaints and events, and names every difference."

    def add_arguments(self, parser):
        parser.add_argument(
            "--repair",
            type=_day,
            metavar="YYYY-MM-DD",
            help="First count this day's month anew from the log, and what became of those registered in it.",
        )
        parser.add_argument("--repair-all", action="store_true", help="First count all months anew from the log.")

    def handle(self, *args, repair=None, repair_all=False, **options):
        while folding.fold():
            pass
        if repair:
            folding.rebuild_month(repair)
        if repair_all:
            folding.rebuild(progress=lambda month: self.stdout.write(f"{month:%Y-%m} counted anew"))
        wrong = sorted(recount.differences(Progress(self.stderr, "the figures are recounted")), key=str)
        for difference in wrong:
            self.stdout.write(self.style.ERROR(str(difference)))
        if wrong:
            raise CommandError(
                f"{len(wrong)} figures differ from the complaints. What names a day or a month, also of registration "
                "(c), is mended by --repair and a day of that month; --repair-all counts everything anew."
            )
        self.stdout.write(self.style.SUCCESS("All figures equal a recount of complaints and events."))
