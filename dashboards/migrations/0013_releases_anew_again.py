from django.db import migrations


class Migration(migrations.Migration):
    """What was published while one covering row was enough is forgotten; the task publishes it anew."""

    dependencies = [("dashboards", "0012_sums_of_years")]

    operations = [migrations.RunSQL("DELETE FROM dashboards_release", migrations.RunSQL.noop)]
