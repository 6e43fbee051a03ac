"""/healthz and /readyz."""

import time

import pytest
import redis

from config import embedded, health


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
