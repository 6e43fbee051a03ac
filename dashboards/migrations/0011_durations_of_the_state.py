from django.db import migrations

NOTHING = "0, 0, 0, 0, 0, 0, '', '', confidential"
KEY = "cube, grain, day, department, district, category, area, posting, level, channel, kind, confidential"
# Entries of the same kind (their lowest 18 bits, see `dashboards.packed`) of all districts (11) are added up.
ADD_UP = f"""
    INSERT INTO dashboards_duration ({KEY}, days)
    SELECT 17, grain, day, {NOTHING}, array_agg(n * {1 << 18} + kind_of_entry ORDER BY kind_of_entry)
    FROM (
        SELECT grain, day, confidential, entry & {(1 << 18) - 1} AS kind_of_entry, sum(entry >> 18)::bigint AS n
        FROM dashboards_duration CROSS JOIN LATERAL unnest(days) AS entry
        WHERE cube = 11
        GROUP BY grain, day, confidential, kind_of_entry
    ) AS entries
    WHERE n <> 0
    GROUP BY grain, day, confidential
"""
LEAVE_OUT = "DELETE FROM dashboards_duration WHERE cube = 17"


class Migration(migrations.Migration):
    dependencies = [("dashboards", "0010_releases_anew")]

    operations = [migrations.RunSQL(ADD_UP, LEAVE_OUT)]
