import django.contrib.postgres.fields
from django.db import migrations, models

# The fine cubes as they were packed first; `dashboards.packed` says what an entry means.
FINE_COUNTS, FINE_DURATIONS = "(5, 6, 7, 8)", "(13, 14, 15)"
KEY = "department, district, category, area, posting, level, channel, kind, confidential"
COUNTED = (
    "registered", "disposed", "satisfied", "rejected", "no_reply", "special_close", "withdrawn", "breached", "asked",
    "late", "answered", "praised", "reopened", "transferred", "escalated", "ran_out", "called", "lapsed",
)  # fmt: skip
EACH = ", ".join(f"({place}, {name})" for place, name in enumerate(COUNTED))
MONTH = "date_trunc('month', day)::date"
DAY = "extract(day FROM day)::integer"

# The table is written anew, not changed: what the rows of days took is given back at once.
PUT_COUNTS_ASIDE = f"""
    CREATE TEMPORARY TABLE counts_aside ON COMMIT DROP AS
    WITH packed AS (
        SELECT cube, 'm' AS grain, {MONTH} AS day, {KEY},
               array_agg((n * 1024 + ({DAY} << 5) + what)::integer ORDER BY dashboards_tally.day, what) AS days
        FROM dashboards_tally CROSS JOIN LATERAL (VALUES {EACH}) AS each(what, n)
        WHERE cube IN {FINE_COUNTS} AND grain = 'd' AND n <> 0
        GROUP BY cube, {MONTH}, {KEY}
    )
    SELECT tally.*, packed.days
    FROM dashboards_tally AS tally LEFT JOIN packed USING (cube, grain, day, {KEY})
    WHERE NOT (tally.cube IN {FINE_COUNTS} AND tally.grain = 'd');
    TRUNCATE dashboards_tally
"""
PUT_DURATIONS_ASIDE = f"""
    CREATE TEMPORARY TABLE durations_aside ON COMMIT DROP AS
    SELECT cube, CASE WHEN fine THEN 'm' ELSE grain END AS grain, since AS day, {KEY},
           array_agg(count::bigint * {1 << 18} + (on_day << 13) + what ORDER BY on_day, what) AS days
    FROM (
        SELECT *, CASE WHEN fine THEN {MONTH} ELSE day END AS since, CASE WHEN fine THEN {DAY} ELSE 0 END AS on_day,
               ((array_position(ARRAY['disposed', 'level2', 'level3', 'level4'], measure::text) - 1) << 10) + bucket
                   AS what
        FROM (SELECT *, cube IN {FINE_DURATIONS} AS fine FROM dashboards_duration) AS duration
        WHERE (NOT fine OR grain = 'd') AND count <> 0
    ) AS entry
    GROUP BY cube, 2, since, {KEY}
"""
# Going back, the reader begins the log anew.
FORGET = "DELETE FROM grievance_readerposition WHERE name = 'figures'; TRUNCATE dashboards_tally"


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0007_orders_lapse"), ("grievance", "0001_initial")]

    operations = [
        migrations.RunSQL(PUT_COUNTS_ASIDE, migrations.RunSQL.noop),
        migrations.AddField(
            model_name="tally",
            name="days",
            field=django.contrib.postgres.fields.ArrayField(
                base_field=models.IntegerField(),
                help_text="The days of a packed cube's month: dashboards.packed.",
                null=True,
                size=None,
            ),
        ),
        migrations.RunSQL("INSERT INTO dashboards_tally SELECT * FROM counts_aside", FORGET),
        migrations.RunSQL(PUT_DURATIONS_ASIDE, migrations.RunSQL.noop),
        migrations.DeleteModel(name="Duration"),
        migrations.CreateModel(
            name="Duration",
            fields=[
                ("cube", models.PositiveSmallIntegerField()),
                ("grain", models.CharField(max_length=1)),
                ("day", models.DateField()),
                ("department", models.IntegerField(default=0)),
                ("district", models.IntegerField(default=0)),
                ("category", models.IntegerField(default=0)),
                ("area", models.IntegerField(default=0)),
                ("posting", models.IntegerField(default=0)),
                ("level", models.PositiveSmallIntegerField(default=0)),
                ("channel", models.CharField(default="", max_length=12)),
                ("kind", models.CharField(default="", max_length=10)),
                ("confidential", models.BooleanField(default=False)),
                (
                    "pk",
                    models.CompositePrimaryKey(
                        "cube", "grain", "day", "department", "district", "category", "area", "posting", "level",
                        "channel", "kind", "confidential",
                        blank=True, editable=False, primary_key=True, serialize=False,
                    ),
                ),
                (
                    "days",
                    django.contrib.postgres.fields.ArrayField(base_field=models.BigIntegerField(), size=None),
                ),
            ],
            options={
                "verbose_name": "duration",
                "verbose_name_plural": "durations",
                "indexes": [
                    models.Index(fields=["cube", "grain", "department", "day"], name="duration_department"),
                    models.Index(
                        condition=models.Q(("category", 0), _negated=True),
                        fields=["cube", "grain", "category", "day"],
                        name="duration_category",
                    ),
                    models.Index(
                        condition=models.Q(("posting", 0), _negated=True),
                        fields=["posting", "grain", "day"],
                        name="duration_posting",
                    ),
                ],
            },
        ),
        migrations.RunSQL(
            f"INSERT INTO dashboards_duration (cube, grain, day, {KEY}, days)"
            f" SELECT cube, grain, day, {KEY}, days FROM durations_aside",
            migrations.RunSQL.noop,
        ),
    ]
