"""The end of each complaint's log gets a seal."""

from django.db import migrations, models

from grievance import log


def seal_what_is_there(apps, schema_editor):
    complaints = apps.get_model("grievance", "Complaint").objects
    for complaint in complaints.only("number", "event_count", "head_hash").iterator():
        seal = log.seal(complaint.number, complaint.event_count, complaint.head_hash)
        complaints.filter(pk=complaint.pk).update(seal=seal)


class Migration(migrations.Migration):
    dependencies = [("grievance", "0001_initial")]

    operations = [
        migrations.AddField("complaint", "seal", models.CharField(blank=True, default="", max_length=64), preserve_default=False),
        migrations.RunPython(seal_what_is_there, migrations.RunPython.noop, elidable=True),
    ]
