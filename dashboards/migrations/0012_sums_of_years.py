from django.db import migrations

COUNTED = (
    "registered", "disposed", "satisfied", "rejected", "no_reply", "special_close", "withdrawn", "breached", "asked",
    "late", "answered", "praised", "reopened", "transferred", "escalated", "ran_out", "called", "lapsed",
)  # fmt: skip
GROUP = "department, district, category, area, posting, level, channel, kind, confidential"
# Of all cubes but the finest (8) a year is the sum of its months.
ADD_UP = f"""
    INSERT INTO dashboards_tally (cube, grain, day, {GROUP}, {", ".join(COUNTED)})
    SELECT cube, 'y', date_trunc('year', day)::date AS year, {GROUP}, {", ".join(f"sum({name})" for name in COUNTED)}
    FROM dashboards_tally WHERE grain = 'm' AND cube <> 8
    GROUP BY cube, year, {GROUP}
    HAVING {" OR ".join(f"sum({name}) <> 0" for name in COUNTED)}
"""
LEAVE_OUT = "DELETE FROM dashboards_tally WHERE grain = 'y'"


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0011_durations_of_the_state")]

    operations = [migrations.RunSQL(ADD_UP, LEAVE_OUT)]
