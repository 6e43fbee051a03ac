from django.db import migrations


class Migration(migrations.Migration):
    """What was published under a weaker rule of suppression is forgotten; the task publishes it anew."""

    dependencies = [("dashboards", "0009_sums_of_the_state")]

    operations = [migrations.RunSQL("DELETE FROM dashboards_release", migrations.RunSQL.noop)]
