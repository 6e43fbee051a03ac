"""Counts the closings that became figures of their own in the events that were folded before they were."""

from django.conf import settings
from django.db import migrations

CLOSINGS = {"rejected": "rejected", "no_reply": "no_reply", "special_close": "unsatisfied"}
# An event moves its complaint out of the first standing of `moved` and into the second.
COUNT = """
    INSERT INTO dashboards_dailycount (day, figure, department_id, district_id, category_id, level, channel, count)
    SELECT day, %(figure)s, (standing ->> 0)::bigint, (standing ->> 1)::bigint, (standing ->> 2)::bigint,
           (standing ->> 3)::smallint, standing ->> 4, sum(sign)
    FROM (
        SELECT (event.at AT TIME ZONE %(zone)s)::date AS day, event.data -> 'moved' -> side.place AS standing, side.sign
        FROM grievance_event AS event
        JOIN grievance_readerposition AS position
          ON position.name = 'figures' AND (event.xid, event.id) <= (position.xid, position.event_id)
        CROSS JOIN (VALUES (0, -1), (1, 1)) AS side (place, sign)
        WHERE event.data ? 'moved'
    ) AS moves
    WHERE standing ->> 5 = 'closed' AND standing ->> 6 = %(outcome)s
    GROUP BY 1, 2, 3, 4, 5, 6, 7
    HAVING sum(sign) <> 0
"""


def count_what_was_folded(apps, schema_editor):
    with schema_editor.connection.cursor() as cursor:
        for figure, outcome in CLOSINGS.items():
            cursor.execute(COUNT, {"figure": figure, "outcome": outcome, "zone": settings.TIME_ZONE})


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0002_initial"), ("grievance", "0001_initial")]

    operations = [migrations.RunPython(count_what_was_folded, migrations.RunPython.noop, elidable=True)]
