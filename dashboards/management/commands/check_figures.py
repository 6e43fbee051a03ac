"""Recounts every figure from the complaints and compares it with what the pages show."""

from collections import Counter

from django.core.management.base import BaseCommand, CommandError
from django.db import transaction
from django.db.models import Sum

from dashboards import figures, folding
from dashboards.models import DailyCount


class Command(BaseCommand):
    help = "Folds what is new, recounts from the complaints, and names every difference."

    def handle(self, *args, **options):
        while folding.fold():
            pass
        with transaction.atomic():
            recounted, folded = figures.recount(), _folded()
        wrong = [
            (key, folded[key], recounted[key])
            for key in recounted.keys() | folded.keys()
            if folded[key] != recounted[key]
        ]
        for key, shown, counted in sorted(wrong, key=str):
            self.stdout.write(self.style.ERROR(f"{key}: shown {shown}, counted {counted}"))
        if wrong:
            raise CommandError(f"{len(wrong)} figures differ from the complaints.")
        self.stdout.write(self.style.SUCCESS(f"All {len(recounted)} figures equal a recount."))


def _folded() -> Counter:
    keys = ("figure", "department", "district", "category", "level", "channel")
    rows = DailyCount.objects.order_by().values_list(*keys).annotate(n=Sum("count"))
    return Counter({row[:-1]: row[-1] for row in rows if row[-1]})
