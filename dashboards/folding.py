"""The reader that folds events into the daily roll-ups."""

from collections import Counter

from django.db import connection
from django.utils import timezone

from grievance import readers
from grievance.models import Event

from .figures import READER, differences
from .models import DailyCount

ADD = """
    INSERT INTO dashboards_dailycount (day, figure, department_id, district_id, category_id, level, channel, count)
    VALUES {rows}
    ON CONFLICT (day, figure, department_id, district_id, category_id, level, channel)
    DO UPDATE SET count = dashboards_dailycount.count + excluded.count
"""


def fold() -> int:
    """Takes the next events; returns how many there were."""
    return readers.follow(READER)


def add_up(events: list[Event]) -> None:
    """Adds what the events change to the counts of their business days."""
    counts = Counter()
    for event in events:
        if "moved" in event.data:
            day = timezone.localdate(event.at)
            for key, difference in differences(event.data["moved"]).items():
                counts[day, *key] += difference
    rows = [(*key, count) for key, count in sorted(counts.items(), key=str) if count]
    if rows:
        places = ", ".join(["(%s, %s, %s, %s, %s, %s, %s, %s)"] * len(rows))
        with connection.cursor() as cursor:
            cursor.execute(ADD.format(rows=places), [value for row in rows for value in row])


def empty() -> None:
    """Forgets all counts: before the reader begins the log anew."""
    DailyCount.objects.all().delete()
