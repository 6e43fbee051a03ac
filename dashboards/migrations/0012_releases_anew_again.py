from django.db import migrations


class Migration(migrations.Migration):
    """What was published while one covering row was enough is forgotten; the task publishes it anew."""

    dependencies = [("dashboards", "0011_durations_of_the_state")]

    operations = [migrations.RunSQL("DELETE FROM dashboards_release", migrations.RunSQL.noop)]
