"""The two reports every state begins with; administrators change them or switch them off."""

from django.db import migrations


def begin(apps, _schema_editor):
    schedules = apps.get_model("channels", "ReportSchedule").objects
    schedules.create(report="state", every="day")
    schedules.create(report="department", every="week", weekday=1)


class Migration(migrations.Migration):
    dependencies = [("channels", "0006_reports_by_email")]

    operations = [migrations.RunPython(begin, migrations.RunPython.noop)]
