from django.db import migrations, models

COUNTED = (
    "registered", "disposed", "satisfied", "rejected", "no_reply", "special_close", "withdrawn", "breached", "asked",
    "late", "answered", "praised", "reopened", "transferred", "escalated", "ran_out", "called", "lapsed",
)  # fmt: skip
NOTHING = "0, 0, 0, 0, 0, 0, '', '', confidential"
KEY = "cube, grain, day, department, district, category, area, posting, level, channel, kind, confidential"
# The whole state (16) is the sum of the districts (9), and by the day of registration that of all places (1).
ADD_UP = f"""
    INSERT INTO dashboards_tally ({KEY}, {", ".join(COUNTED)})
    SELECT 16, grain, day, {NOTHING}, {", ".join(f"sum({name})" for name in COUNTED)}
    FROM dashboards_tally WHERE (cube = 9 AND grain IN ('d', 'm')) OR (cube = 1 AND grain = 'c')
    GROUP BY grain, day, confidential
    HAVING {" OR ".join(f"sum({name}) <> 0" for name in COUNTED)}
"""
LEAVE_OUT = "DELETE FROM dashboards_tally WHERE cube = 16"


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0008_fine_roll_ups_by_month")]

    operations = [
        migrations.RemoveIndex(model_name="tally", name="tally_still_open"),
        migrations.AddIndex(
            model_name="tally",
            index=models.Index(
                fields=["cube", "department", "day"],
                name="tally_open_since",
                condition=models.Q(("grain", "c"), models.Q(("registered", models.F("disposed")), _negated=True)),
            ),
        ),
        migrations.RunSQL(ADD_UP, LEAVE_OUT),
    ]
