"""Every reader of the settings is run: by beat alone, by the one bell, and whatever happens to the others."""

import pytest
from celery import current_app
from django.conf import settings

from channels import message_templates
from config import health, queues
from grievance import doorbell, readers, tasks
from tests.crowd import still_writing
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


def test_a_reader_that_fails_keeps_no_other_from_reading(settings):
    settings.READERS = {"broken": {"handle": "tests.readers.effects.fail"}, **settings.READERS}
    World().register()

    tasks.follow_readers()

    assert {name for name, lag in readers.lags().items() if lag} == {"broken"}
    # It waits after its failure, and nobody rings for it meanwhile.
    assert not readers.behind()


def test_what_was_still_being_written_is_rung_for_again():
    world = World()
    with still_writing(world.register) as commit:
        world.register()
        health.valkey().flushdb()
        doorbell.forget()
        tasks.follow_readers()
        assert rings() == 1

        commit()
        health.valkey().flushdb()
        doorbell.forget()
        tasks.follow_readers()
    assert rings() == 0
    assert set(readers.lags().values()) == {0}


def rings() -> int:
    return health.valkey().llen(queues.READERS)
