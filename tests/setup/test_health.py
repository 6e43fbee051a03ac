"""/healthz and /readyz."""

import datetime
import re
import time

import pytest
import redis
import time_machine
from django.utils import timezone

from config import embedded, health
from grievance import readers
from grievance.models import ReaderPosition
from tests.factories import World


def test_the_web_process_answers(client):
    assert client.get("/healthz").json() == {"status": "ok"}


@pytest.mark.django_db
def test_it_is_not_ready_without_worker_and_beat(client):
    health.valkey().delete(health.WORKER, health.MESSENGER, health.BEAT)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["database"] == "ok"
    assert answer.json()["checks"]["worker"] == "no sign of life"


@pytest.mark.django_db
def test_life_shown_before_a_restart_does_not_make_it_ready(client):
    health.mark(health.WORKER)
    health.mark(health.BEAT)

    health.forget()

    assert client.get("/readyz").status_code == 503


@pytest.mark.django_db
def test_it_is_ready_when_all_show_life(client):
    health.mark(health.WORKER)
    health.mark(health.MESSENGER)
    health.mark_beat(time.time())

    assert client.get("/readyz").status_code == 200


@pytest.mark.django_db
def test_a_broker_that_does_not_answer_is_named(client, monkeypatch):
    nobody = redis.Redis(port=embedded.free_port(), socket_connect_timeout=1)
    monkeypatch.setattr(health, "valkey", lambda: nobody)

    answer = client.get("/readyz")

    assert answer.status_code == 503
    assert answer.json()["checks"]["broker"] == "does not answer"


# Readers read only what is committed.
@pytest.mark.django_db(transaction=True)
def test_a_reader_that_nobody_runs_makes_it_red_by_its_name(client):
    World().register()
    for reader in readers.every():
        if reader.name != "search":
            while readers.follow(reader.name):
                pass
    assert said_of_readers(client) == "ok"

    with time_machine.travel(timezone.now() + datetime.timedelta(seconds=2 * health.READER_SECONDS)):
        assert re.fullmatch(r"search has not read for 12\d s", said_of_readers(client))
        # One that reads on, though it has much to catch up with, is at work.
        ReaderPosition.objects.create(name="search", moved_at=timezone.now())
        assert said_of_readers(client) == "ok"


def said_of_readers(client) -> str:
    return client.get("/readyz").json()["checks"]["readers"]
