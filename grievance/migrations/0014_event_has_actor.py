"""Checked beside whoever goes on writing events: at a state's size the check of all rows takes a while."""

from django.contrib.postgres.operations import AddConstraintNotValid, ValidateConstraint
from django.db import migrations, models


class Migration(migrations.Migration):
    atomic = False

    dependencies = [
        ("grievance", "0013_heads_of_the_log"),
    ]

    operations = [
        AddConstraintNotValid(
            model_name="event",
            constraint=models.CheckConstraint(
                condition=models.Q(
                    models.Q(
                        ("actor__isnull", False),
                        models.Q(("actor_role__in", ["", "system"]), _negated=True),
                    ),
                    models.Q(("actor__isnull", True), ("actor_role", "system"), ("channel", "system")),
                    _connector="OR",
                ),
                name="event_has_actor",
            ),
        ),
        ValidateConstraint(model_name="event", name="event_has_actor"),
    ]
