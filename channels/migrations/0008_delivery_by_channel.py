from django.db import migrations, models


class Migration(migrations.Migration):
    dependencies = [
        ("channels", "0007_first_reports_by_email"),
    ]

    operations = [
        migrations.AddIndex(
            model_name="delivery",
            index=models.Index(fields=["channel", "-id"], name="channels_de_channel_67b6d9_idx"),
        ),
    ]
