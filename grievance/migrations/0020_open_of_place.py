from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [("grievance", "0019_event_checked_by_its_place")]

    operations = [
        migrations.AddIndex(
            model_name="complaint",
            index=models.Index(
                condition=models.Q(("state", "closed"), _negated=True),
                fields=["department", "area"],
                name="open_of_place",
            ),
        ),
    ]
