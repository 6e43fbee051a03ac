"""Beat alone, without a single ring, keeps every reader of the settings reading."""

import pytest
from celery import current_app
from django.conf import settings

from channels import message_templates
from grievance import readers
from tests.factories import World

# Readers read only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def test_beat_runs_every_reader_of_the_settings():
    message_templates.load()
    world = World()
    world.register()
    assert all(lag > 0 for lag in readers.lags().values())

    current_app.loader.import_default_modules()
    for entry in settings.CELERY_BEAT_SCHEDULE.values():
        current_app.tasks[entry["task"]](*entry.get("args", ()))

    assert readers.lags() == {reader.name: 0.0 for reader in readers.every()}
