"""The audit is not blind: each thing that must never happen is found when it is there."""

import datetime
import time

import pytest
import time_machine
from django.db import connection

from channels import message_templates, notices
from channels.models import Delivery
from grievance import ladder, workflow
from grievance.models import Escalation, Event
from tests.factories import World

from . import audit

KEY, OTHER = "k1", "k2"


@pytest.fixture
def run(world):
    """One complaint, filed, accepted, with its messages made and taken: nothing is wrong."""
    message_templates.load()
    complaint = world.register(text=f"Chaos {KEY}")
    workflow.route_registered()
    complaint.refresh_from_db()
    workflow.change(complaint, "accept", user=complaint.assignee.officer, channel="api")
    notices.make_deliveries(list(Event.objects.order_by("pk")))
    Delivery.objects.update(state="sent")
    return {
        "filed": {KEY: {"numbers": [complaint.number], "refused": None}},
        "acts": [[complaint.number, "accept", True]],
        "taken": [[key, 100.0, True] for key in Delivery.objects.values_list("key", flat=True)],
        "kills": [],
        "until": time.time() + 60,
    }


def test_nothing_wrong_is_nothing_found(run):
    for check in (audit.acknowledged, audit.one_a_key, audit.acts, audit.climbs, audit.log_holds, audit.messages,
                  audit.repeated):  # fmt: skip
        assert check(run)[1] == [], check.__name__


def test_an_acknowledged_complaint_that_is_lost(run):
    run["filed"][OTHER] = {"numbers": ["26000000099"], "refused": None}

    assert audit.acknowledged(run)[1] == ["26000000099: acknowledged, and lost"]


def test_two_complaints_of_one_key(run, world):
    world.register(text=f"Chaos {KEY}")

    assert audit.one_a_key(run)[1] == [f"Chaos {KEY}: 2 complaints"]


def test_two_numbers_for_one_key(run):
    run["filed"][KEY]["numbers"].append("26000000099")

    assert any("26000000099" in found for found in audit.one_a_key(run)[1])


def test_an_acknowledged_act_that_is_not_in_the_log_and_one_that_nobody_asked_for(run):
    [[number, _action, _done]] = run["acts"]

    run["acts"] = [[number, "resolve", True]]

    found = audit.acts(run)[1]
    assert any("resolve acknowledged 1 times, in the log 0" in line for line in found)
    assert any("accept in the log 1 times, asked for 0" in line for line in found)


def test_a_climb_without_its_row(run, world):
    complaint = world.assigned()
    with time_machine.travel(complaint.due_at + datetime.timedelta(seconds=1), tick=False):
        while ladder.climb_overdue():
            pass
    assert audit.climbs(run)[0] == 2
    assert audit.climbs(run)[1] == []

    Escalation.objects.filter(complaint=complaint).delete()

    assert audit.climbs(run)[1] == [f"{complaint.number}: climbed from level 1: 0 rows, 1 events"]


def test_what_was_sent_after_the_gateway_was_asked_is_not_missed_there(run):
    key, _at, _answered = run["taken"].pop()
    later = datetime.datetime.fromtimestamp(run["until"] + 1, datetime.UTC)
    Delivery.objects.filter(key=key).update(sent_at=later)
    assert audit.messages(run) == (1, [])

    run["until"] -= 3600
    assert audit.messages(run) == (0, [])


def test_a_message_that_never_went(run):
    run["taken"].pop()
    assert len(audit.messages(run)[1]) == 1

    Delivery.objects.all().delete()
    assert len(audit.messages(run)[1]) == 2


def test_a_message_that_went_twice_for_no_reason_and_one_that_had_a_reason(run):
    key = run["taken"][0][0]
    run["taken"].append([key, 160.0, True])
    assert len(audit.repeated(run)[1]) == 1

    run["kills"] = [[101.0, "bin/postgres"]]
    assert len(audit.repeated(run)[1]) == 1

    run["kills"] = [[101.0, "celery messenger@"]]
    assert audit.repeated(run) == (1, [])

    run["kills"] = []
    run["taken"][0][2] = False
    assert audit.repeated(run) == (0, [])
    assert audit.repeated_unanswered(run) == (1, [])


@pytest.mark.django_db(transaction=True)
def test_a_forged_event():
    World().assigned()
    with connection.cursor() as cursor:
        cursor.execute("SET session_replication_role = replica")
        cursor.execute("UPDATE grievance_event SET text = 'forged' WHERE action = 'route'")
        cursor.execute("SET session_replication_role = DEFAULT")

    assert any("altered" in found for found in audit.log_holds({})[1])
