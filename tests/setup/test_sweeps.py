"""Sweeps are watched: whoever has not run for three periods is named on /readyz, whatever happens to Valkey."""

import datetime
import time

import pytest
import time_machine
from celery.schedules import crontab, schedule
from django.conf import settings as project
from django.utils import timezone

from config import health, queues, sweeps
from grievance import doorbell
from grievance.models import SweepRun

CLIMB = "grievance.tasks.climb_overdue"


@pytest.fixture
def _all_alive(db):
    health.valkey().flushdb()
    sweeps._marked.clear()
    _show_life(began=time.time() - 3600)
    for task in sweeps.schedules():
        sweeps.mark(task)


def _show_life(began: float) -> None:
    """Signs of life of the workers, and of a beat that has rung since `began`."""
    for sign in (health.WORKER, health.MESSENGER):
        health.mark(sign)
    health.mark_beat(began)


def checks(client) -> dict:
    return client.get("/readyz").json()["checks"]


@pytest.mark.usefixtures("_all_alive")
def test_a_sweep_that_has_not_run_for_three_periods_is_named(client):
    assert client.get("/readyz").status_code == 200

    SweepRun.objects.filter(task=CLIMB).update(ran_at=timezone.now() - datetime.timedelta(seconds=89))
    assert client.get("/readyz").status_code == 200
    SweepRun.objects.filter(task=CLIMB).update(ran_at=timezone.now() - datetime.timedelta(seconds=91))
    answer = client.get("/readyz")
    assert answer.status_code == 503
    assert answer.json()["checks"]["sweeps"] == f"{CLIMB} has not run for 91 s"


@pytest.mark.usefixtures("_all_alive")
@pytest.mark.parametrize("task", sweeps.schedules())
def test_every_sweep_is_late_as_soon_as_its_third_period_is_over(client, task):
    period = sweeps.schedules()[task].run_every
    with time_machine.travel(timezone.now(), tick=False) as moment:
        for other in sweeps.schedules():
            SweepRun.objects.filter(task=other).update(ran_at=timezone.now() + datetime.timedelta(days=1))
        SweepRun.objects.filter(task=task).update(ran_at=timezone.now())
        moment.shift(sweeps.PERIODS * period)
        _show_life(began=time.time() - datetime.timedelta(days=2).total_seconds())
        assert checks(client)["sweeps"] == "ok"

        moment.shift(datetime.timedelta(milliseconds=1))
        assert checks(client)["sweeps"] == f"{task} has not run for {round(3 * period.total_seconds())} s"
        assert client.get("/readyz").status_code == 503


@pytest.mark.usefixtures("_all_alive")
def test_one_that_never_ran_is_late_once_beat_has_rung_for_three_periods(client):
    SweepRun.objects.filter(task=CLIMB).delete()
    assert "climb_overdue has not run for 3600 s" in checks(client)["sweeps"]

    health.mark_beat(time.time() - 60)
    assert checks(client)["sweeps"] == "ok"


@pytest.mark.usefixtures("_all_alive")
def test_flushing_valkey_makes_no_sweep_late(client):
    health.valkey().flushdb()
    assert checks(client)["sweeps"] == "unknown: no beat rings"

    health.mark_beat(time.time() - 3600)
    assert checks(client)["sweeps"] == "ok"


def test_a_sweep_of_certain_hours_is_late_after_the_third_that_it_missed(settings, db):
    settings.CELERY_BEAT_SCHEDULE = {"digest": {"task": "digest", "schedule": crontab(hour=8, minute=0)}}
    ran = datetime.datetime(2026, 11, 25, 8, 0, 5, tzinfo=timezone.get_default_timezone())
    SweepRun.objects.create(task="digest", ran_at=ran)

    for hours, late in ((70, False), (73, True)):
        with time_machine.travel(ran + datetime.timedelta(hours=hours), tick=False):
            assert bool(sweeps.late(0)) is late, hours


def test_a_run_is_written_down_twice_a_period_at_most(settings, db, django_assert_num_queries):
    settings.CELERY_BEAT_SCHEDULE = {"x": {"task": "x", "schedule": schedule(1000)}}
    sweeps._marked.clear()
    with django_assert_num_queries(1):
        for _run in range(50):
            sweeps.mark("x")
            sweeps.mark("a task that beat does not ring")


def test_every_task_has_a_queue_that_someone_listens_to():
    from config import celery_app

    celery_app.loader.import_default_modules()
    ours = [name for name in celery_app.tasks if not name.startswith("celery.")]
    assert {entry["task"] for entry in project.CELERY_BEAT_SCHEDULE.values()} <= set(ours)
    for name in ours:
        assert celery_app.amqp.router.route({}, name)["queue"].name in queues.EVERY
        task = celery_app.tasks[name]
        assert task.acks_late
        assert task.ignore_result
        assert task.time_limit or celery_app.conf.task_time_limit


def test_a_task_that_finds_much_works_in_turns_and_rings_for_the_next(monkeypatch):
    monkeypatch.setattr(doorbell, "TURN_SECONDS", 0.05)
    health.valkey().flushdb()
    batches = 0

    def step():
        nonlocal batches
        batches += 1
        time.sleep(0.02)
        return 10

    assert doorbell.in_turns(doorbell.ROUTE, step) == batches * 10
    assert 2 <= batches <= 6
    assert health.valkey().llen(queues.ROUTING) == 1


def test_a_sweep_that_is_full_rings_for_others_to_share(world, monkeypatch):
    from grievance import ladder, tasks
    from grievance.models import Complaint

    health.valkey().flushdb()
    for _number in range(3):
        world.assigned()
    Complaint.objects.update(due_at=timezone.now() - datetime.timedelta(seconds=1))
    tasks.climb_overdue()
    assert health.valkey().llen(queues.SWEEPS) == 0

    Complaint.objects.update(due_at=timezone.now() - datetime.timedelta(seconds=1))
    monkeypatch.setattr(ladder, "BATCH", 3)
    tasks.climb_overdue()
    assert health.valkey().llen(queues.SWEEPS) == 1


def test_a_ring_on_its_way_is_asked_for_once_and_stands_when_another_task_begins_before_it():
    health.valkey().flushdb()
    for _commit in range(3):
        doorbell.ring(doorbell.ROUTE)
    assert health.valkey().llen(queues.ROUTING) == 1
    # Beat let one begin: what comes meanwhile is found by the one on its way.
    doorbell.heard(doorbell.ROUTE)
    doorbell.forget()
    doorbell.ring(doorbell.ROUTE)
    assert health.valkey().llen(queues.ROUTING) == 1
    # That one begins: what comes now rings anew, in this process too.
    time.sleep(doorbell.GATHER_SECONDS)
    doorbell.heard(doorbell.ROUTE)
    doorbell.ring(doorbell.ROUTE)
    assert health.valkey().llen(queues.ROUTING) == 2


def test_a_clock_set_back_keeps_no_process_from_ringing(monkeypatch):
    health.valkey().flushdb()
    doorbell.ring(doorbell.ROUTE)
    health.valkey().flushdb()
    earlier = time.time() - 3600
    monkeypatch.setattr(doorbell.time, "time", lambda: earlier)
    doorbell.ring(doorbell.ROUTE)
    assert health.valkey().llen(queues.ROUTING) == 1
