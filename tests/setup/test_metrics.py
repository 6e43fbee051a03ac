"""/metrics: what the portal is behind with, for whoever holds the token, and nothing about anyone."""

import datetime

import pytest
import redis
from django.utils import timezone

from channels import deliveries
from channels.models import Delivery
from config import embedded, health, queues
from grievance import doorbell, readers
from grievance.models import Complaint, ReaderPosition, SweepRun
from tests.factories import CategoryFactory
from tests.messages.test_deliveries import make

MINUTE = datetime.timedelta(minutes=1)


def figures(client, **more) -> dict[str, float]:
    answer = client.get("/metrics", **more)
    assert answer.status_code == 200
    assert answer.headers["Content-Type"].startswith("text/plain")
    lines = [line for line in answer.content.decode().splitlines() if not line.startswith("#")]
    return {name: float(value) for name, value in (line.rsplit(" ", 1) for line in lines)}


def test_it_tells_what_waits_what_is_late_and_what_failed(world, client):
    health.valkey().flushdb()
    world.assigned()
    late = world.assigned()
    world.assigned(category=CategoryFactory(department=world.water, confidential=True, line="181"))
    past = timezone.now() - MINUTE
    Complaint.objects.filter(pk=late.pk).update(due_at=past, breached_at=past)
    waiting, dead, held = make(world, 3)
    Delivery.objects.filter(pk=waiting.pk).update(created_at=past)
    Delivery.objects.filter(pk=dead.pk).update(state="failed")
    Delivery.objects.filter(pk=held.pk).update(held="quiet", created_at=past - MINUTE)
    ReaderPosition.objects.create(name="messages", failed_at=past, failure="ValueError")
    SweepRun.objects.create(task="grievance.tasks.climb_overdue", ran_at=past)
    doorbell.ring(doorbell.ROUTE)
    deliveries.freeze("test")

    said = figures(client)

    assert said["seva_overdue_complaints"] == said["seva_breached_complaints"] == 1
    assert said["seva_unattended_complaints"] == 1
    assert 60 <= said['seva_oldest_undelivered_seconds{channel="sms"}'] < 100
    assert said['seva_oldest_undelivered_seconds{channel="email"}'] == 0
    assert said['seva_dead_letters{channel="sms"}'] == 1
    assert said["seva_held_messages"] == 1
    assert said["seva_deliveries_frozen"] == 1
    assert said['seva_reader_failing{reader="messages"}'] == 1
    assert said['seva_reader_lag_seconds{reader="messages"}'] >= 0
    assert {f'seva_reader_lag_seconds{{reader="{reader.name}"}}' for reader in readers.every()} <= set(said)
    assert 60 <= said['seva_sweep_age_seconds{sweep="grievance.tasks.climb_overdue"}'] < 100
    assert said["seva_broker_up"] == 1
    assert said['seva_queue_length{queue="routing"}'] == 1
    assert 0 < said['seva_queue_age_seconds{queue="routing"}'] < 60
    assert {f'seva_queue_age_seconds{{queue="{queue}"}}' for queue in queues.EVERY} <= set(said)


def test_it_costs_the_same_for_many_rows(world, client, django_assert_max_num_queries):
    make(world, 60)
    with django_assert_max_num_queries(16):
        figures(client)


def test_without_a_broker_it_tells_the_rest(db, client, monkeypatch):
    nobody = redis.Redis(port=embedded.free_port(), socket_connect_timeout=1)
    monkeypatch.setattr(health, "valkey", lambda: nobody)

    said = figures(client)

    assert said["seva_broker_up"] == 0
    assert said["seva_overdue_complaints"] == 0


@pytest.mark.parametrize(
    ("demo", "token", "request_", "code"),
    [
        (True, "", {}, 200),
        (True, "", {"REMOTE_ADDR": "10.1.2.3"}, 404),
        (True, "", {"REMOTE_ADDR": ""}, 404),
        (True, "", {"HTTP_X_FORWARDED_FOR": "10.1.2.3"}, 404),
        (False, "", {}, 404),
        (False, "", {"HTTP_AUTHORIZATION": "Bearer "}, 404),
        (False, "word", {}, 404),
        (False, "word", {"HTTP_AUTHORIZATION": "Bearer other"}, 404),
        (False, "word", {"HTTP_AUTHORIZATION": "Bearer wörd"}, 404),
        (False, "word", {"HTTP_AUTHORIZATION": "Bearer word", "REMOTE_ADDR": "10.1.2.3"}, 200),
        (True, "word", {}, 404),
    ],
)
def test_it_is_for_whoever_holds_the_token_and_for_the_demos_own_machine(
    db, client, settings, demo, token, request_, code
):
    settings.DEMO, settings.METRICS_TOKEN = demo, token
    assert client.get("/metrics", **request_).status_code == code
