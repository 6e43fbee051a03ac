"""Complaints that are open already get the moments that new ones have from the start."""

from django.db import migrations

# The middle of the time, in days of the calendar instead of working time: near enough, once.
FILL = """
    UPDATE grievance_complaint SET warn_at = level_since + (due_at - level_since) / 2
        WHERE state IN ('assigned', 'in_progress') AND breached_at IS NULL AND due_at > now();
    UPDATE grievance_complaint SET remind_at = resolved_at + interval '3 days' WHERE state = 'resolved';
    UPDATE grievance_complaint SET triage_due_at = triage_since + interval '1 day'
        WHERE state = 'registered' AND triage_since IS NOT NULL;
"""


class Migration(migrations.Migration):
    dependencies = [("grievance", "0006_warnings_reminders_and_call_backs")]

    operations = [migrations.RunSQL(FILL, migrations.RunSQL.noop, elidable=True)]
