"""Deliveries: in order, at decent hours, not too many, once, and standing still when told to."""

import datetime
import os
import random
import signal
import subprocess
import sys
import threading

import pytest
import time_machine
from django.core.management import call_command
from django.db import connection
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from channels import deliveries, holding, message_templates, notices
from channels.gateways import Message, http
from channels.gateways.demo import DemoGateway
from channels.models import Delivery, DeliverySwitch, KeptMessage
from citizens.models import User
from grievance import workflow
from tests.administration.conftest import signed_in
from tests.crowd import all_at_once, still_writing
from tests.factories import CitizenFactory, World
from tests.messages.gateway import DIES, Gateway
from tests.portal import ROOT

pytestmark = pytest.mark.django_db(transaction=True)

IST = timezone.get_default_timezone()
NOON = datetime.datetime(2026, 11, 25, 12, tzinfo=IST)
NIGHT = datetime.datetime(2026, 11, 25, 23, 30, tzinfo=IST)
MORNING = datetime.datetime(2026, 11, 26, 8, tzinfo=IST)
HOUR = datetime.timedelta(hours=1)


def follow():
    while notices.follow():
        pass


def make(world, count=1, *, recipient=None, complaint=None, **more) -> list[Delivery]:
    """Messages in the queue, to the citizen and about nothing where nothing is said."""
    recipient, first, now = recipient or world.citizen, Delivery.objects.count(), timezone.now()
    made = [
        Delivery(**{"recipient": recipient, "complaint": complaint, "template": "update", "audience": "citizen",
                    "channel": "sms", "language": "hi", "address": str(recipient.phone), "body": f"Message {n}",
                    "key": f"k-{n}", "available_at": now, "created_at": now, **more})
        for n in range(first, first + count)
    ]  # fmt: skip
    deliveries.make(made)
    return list(Delivery.objects.filter(key__in=[delivery.key for delivery in made]).order_by("id"))


def send_all(most=100) -> None:
    for _batch in range(most):
        if not deliveries.send_waiting():
            return
    raise AssertionError("it does not end")


# Order -------------------------------------------------------------------------------------------


def test_a_later_message_never_overtakes_an_earlier_one_of_the_same_complaint(world, gateway):
    """The first fails again and again: what was made after it waits, what belongs to others does not."""
    complaint, other = world.register(), world.register(citizen=world.stranger)
    gateway.answers = [500, 200, 500, 503]
    first, second, third = make(world, 3, complaint=complaint)
    (stranger,) = make(world, recipient=world.stranger, complaint=other)

    with time_machine.travel(timezone.now(), tick=False) as clock:
        send_all()
        assert gateway.keys() == [stranger.key]
        (late,) = make(world, complaint=complaint)
        for _hour in range(6):
            clock.shift(HOUR)
            send_all()

    assert gateway.keys() == [stranger.key, first.key, second.key, third.key, late.key]


def test_one_that_was_given_up_holds_nobody_up(world, gateway):
    gateway.answers = [400]
    first, second = make(world, 2, complaint=world.register())

    send_all()

    assert gateway.keys() == [second.key]
    first.refresh_from_db()
    assert first.state == "failed"


@pytest.mark.parametrize("seed", range(5))
def test_the_order_holds_whatever_the_gateway_answers(world, gateway, seed):
    chance = random.Random(seed)
    complaints = [world.register() for _number in range(4)]
    made = {complaint.pk: [] for complaint in complaints}
    gateway.answers = [chance.choice([200, 200, 500, 429, DIES]) for _answer in range(30)]

    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _round in range(10):
            complaint = chance.choice(complaints)
            made[complaint.pk] += [d.key for d in make(world, chance.randint(1, 3), complaint=complaint)]
            send_all()
            clock.shift(datetime.timedelta(seconds=chance.randint(1, 40)))
        for _hour in range(12):
            clock.shift(HOUR)
            send_all()

    for keys in made.values():
        first_times = list(dict.fromkeys(message["key"] for message in gateway.taken if message["key"] in keys))
        assert first_times == keys
    assert not Delivery.objects.exclude(state="sent").exists()


def test_the_steps_of_a_complaint_are_told_in_their_order_by_a_gateway_of_our_own(world):
    complaint = world.in_progress()
    workflow.change(complaint, "resolve", user=world.l1.officer, text="Done")
    follow()
    send_all()

    told = KeptMessage.objects.filter(address=str(world.citizen.phone)).order_by("id").values_list("key", flat=True)
    made = Delivery.objects.filter(recipient=world.citizen).order_by("id").values_list("key", flat=True)
    assert list(told) == list(made)
    assert len(made) == 3


# Quiet hours and the day's number -----------------------------------------------------------------


@pytest.fixture
def _quiet(settings):
    settings.QUIET_HOURS = "21:00-08:00"


@pytest.mark.usefixtures("_quiet")
def test_at_night_an_sms_waits_for_the_morning_and_an_emergencys_does_not(world, gateway):
    with time_machine.travel(NIGHT, tick=False) as clock:
        (usual,) = make(world)
        (urgent,) = make(world, urgent=True)
        (mail,) = make(world, channel="email", address="citizen@example.org")
        send_all()
        assert gateway.keys() == [urgent.key]
        assert KeptMessage.objects.filter(key=mail.key).exists()
        usual.refresh_from_db()
        assert (usual.state, usual.held, usual.available_at, usual.attempts) == ("queued", "quiet", MORNING, 0)

        clock.move_to(MORNING)
        send_all()
    assert gateway.keys() == [urgent.key, usual.key]
    usual.refresh_from_db()
    assert (usual.state, usual.held) == ("sent", "")


@pytest.mark.usefixtures("_quiet")
def test_of_many_that_wait_at_night_a_turn_holds_some_and_lets_no_other_go(world, gateway, monkeypatch):
    monkeypatch.setattr(holding, "HELD_AT_ONCE", 2)
    with time_machine.travel(NIGHT, tick=False):
        usual = make(world) + make(world) + make(world)
        (urgent,) = make(world, urgent=True)

        deliveries.send_waiting("sms")

        assert gateway.keys() == [urgent.key]
        held = [Delivery.objects.get(pk=delivery.pk).held for delivery in usual]
        assert held == ["quiet", "quiet", ""]
        send_all()
    assert gateway.keys() == [urgent.key]


@pytest.mark.usefixtures("_quiet")
def test_what_becomes_urgent_while_others_are_held_for_the_night_is_not_held(world):
    with time_machine.travel(NIGHT, tick=False):
        (usual,) = make(world)
        become_urgent = Delivery.objects.filter(pk=usual.pk).update
        with still_writing(lambda: become_urgent(urgent=True)) as commit:
            threading.Timer(0.5, commit).start()
            assert holding.hold_for_the_night("sms", timezone.now())
    usual.refresh_from_db()
    assert (usual.urgent, usual.held) == (True, "")


@pytest.mark.usefixtures("_quiet")
def test_messages_of_an_emergency_are_urgent_and_take_along_what_waits_before_them(world, gateway):
    with time_machine.travel(NIGHT, tick=False):
        complaint = world.register()
        follow()
        send_all()
        assert gateway.keys() == []
        world.no_water.emergency = True
        world.no_water.save()
        workflow.route_registered()
        follow()
        send_all()

    assert Delivery.objects.filter(complaint=complaint, urgent=False).count() == 0
    told = Delivery.objects.filter(complaint=complaint, recipient=world.citizen).order_by("id")
    assert gateway.keys() == [delivery.key for delivery in told]


@given(st.datetimes(datetime.datetime(2026, 1, 1), datetime.datetime(2027, 12, 31)),
       st.times(), st.times())  # fmt: skip
def test_quiet_hours_end_in_the_future_within_a_day_and_at_the_hour_that_was_set(moment, begins, ends):
    from django.test import override_settings

    now = moment.replace(tzinfo=IST)
    with override_settings(QUIET_HOURS=f"{begins:%H:%M}-{ends:%H:%M}"):
        until = holding.quiet_until(now)
        if until is None:
            return
        assert now < until <= now + datetime.timedelta(days=1)
        assert timezone.localtime(until).strftime("%H:%M") == f"{ends:%H:%M}"
        assert holding.quiet_until(until) is None


def test_beyond_the_days_number_a_citizens_messages_wait_for_the_next_day(world, gateway, settings):
    settings.MESSAGES_A_DAY = 10
    with time_machine.travel(NOON, tick=False) as clock:
        mine = make(world, 13)
        (urgent,) = make(world, urgent=True)
        officers = make(world, 12, recipient=world.l1.officer, audience="officer", address="+919812300000")
        strangers = make(world, 2, recipient=world.stranger)
        send_all()
        today = set(gateway.keys())
        assert today == {d.key for d in [*mine[:10], urgent, *officers, *strangers]}
        waiting = Delivery.objects.filter(state="queued")
        assert {(d.held, timezone.localtime(d.available_at).date()) for d in waiting} == {
            ("cap", NOON.date() + datetime.timedelta(days=1))
        }

        clock.move_to(MORNING)
        send_all()
    assert gateway.keys()[-3:] == [d.key for d in mine[10:]]


def test_the_days_number_is_exact_for_many_workers_and_both_media(world, settings):
    settings.MESSAGES_A_DAY = 10
    make(world, 20)
    make(world, 20, channel="email", address="citizen@example.org")

    all_at_once(*[send_all] * 4)

    assert Delivery.objects.filter(state="sent").count() == 10
    assert Delivery.objects.filter(held="cap").count() == 30


def test_a_whole_batch_costs_a_bounded_number_of_statements(world, settings, django_assert_max_num_queries):
    settings.MESSAGES_A_DAY, settings.QUIET_HOURS = 10, "21:00-08:00"
    complaints = [world.register(citizen=CitizenFactory()) for _number in range(20)]
    for complaint in complaints:
        make(world, 2, recipient=complaint.citizen, complaint=complaint)

    # Begin and end, lock, switch, what is due, what stands before it, the day's two counts, keep, record.
    with time_machine.travel(NOON + HOUR * 24 * 400, tick=False), django_assert_max_num_queries(11):
        assert deliveries.send_waiting("sms") == 40


# A gateway in trouble ------------------------------------------------------------------------------


def test_a_gateway_that_dies_between_accept_and_answer_gets_it_again_with_the_same_key(world, gateway):
    gateway.answers = [DIES]
    (message,) = make(world)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        send_all()
        clock.shift(HOUR)
        send_all()

    assert gateway.keys() == [message.key, message.key]
    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 2)


def test_a_dead_gateway_loses_nothing_and_is_asked_less_and_less(world, gateway, settings):
    closed = Gateway()
    closed.close()
    settings.SMS_GATEWAY_URL = closed.url
    make(world, 3)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _minute in range(10):
            send_all()
            clock.shift(datetime.timedelta(minutes=1))
        attempts = set(Delivery.objects.values_list("state", "attempts"))
        assert {state for state, _count in attempts} == {"queued"}
        assert all(3 <= count <= 9 for _state, count in attempts)
        settings.SMS_GATEWAY_URL = gateway.url
        clock.shift(HOUR * 2)
        send_all()

    assert sorted(gateway.keys()) == sorted(Delivery.objects.values_list("key", flat=True))


def test_what_always_fails_ends_as_a_dead_letter_that_can_be_tried_again(world, gateway):
    (message,) = make(world)
    gateway.answers = [500] * 50
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _hour in range(30):
            send_all()
            clock.shift(HOUR * 2)
        message.refresh_from_db()
        assert (message.state, message.attempts) == ("failed", deliveries.MOST_ATTEMPTS)

        gateway.answers = []
        chief = signed_in(User.objects.create_superuser("chief", "a very long password"))
        assert "HTTP 500" in chief.get("/admin/channels/delivery/?state__exact=failed").content.decode()
        chief.post("/admin/channels/delivery/", {"action": "retry", "_selected_action": [message.pk]})
        send_all()
    assert gateway.keys() == [message.key]


def test_with_a_slow_gateway_a_batch_ends_long_before_its_lease(world, gateway, monkeypatch):
    """Whoever sends slowly gives back what it has no time for, uncounted."""
    assert deliveries.LEASE.total_seconds() / 2 > deliveries.SENDING_SECONDS + http.TIMEOUT_SECONDS
    monkeypatch.setattr(deliveries, "SENDING_SECONDS", 0.5)
    gateway.answers = [0.4, 0.4, 0.4]
    made = make(world, 6)

    deliveries.send_waiting("sms")

    assert gateway.keys() == [d.key for d in made[:2]]
    assert list(Delivery.objects.order_by("id").values_list("state", "attempts", "locked_by")) == [
        ("sent", 1, None)] * 2 + [("queued", 0, None)] * 4  # fmt: skip
    send_all()
    assert gateway.keys() == [d.key for d in made]


def test_a_sender_killed_while_the_gateway_answers_leaves_its_message_to_another(world, gateway):
    gateway.answers = [30.0]
    (message,) = make(world)
    database = connection.settings_dict
    address = "postgresql://{USER}:{PASSWORD}@{HOST}:{PORT}/{NAME}".format(**database)
    program = "import django; django.setup()\nfrom channels import deliveries\ndeliveries.send_waiting('sms')\n"
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT,
        env={**os.environ, "DATABASE_URL": address, "SMS_GATEWAY_URL": gateway.url,
             "SMS_GATEWAY": "channels.gateways.http.HttpSmsGateway"},
    )  # fmt: skip
    assert gateway.begun.wait(30)
    process.send_signal(signal.SIGKILL)
    process.wait()

    with time_machine.travel(timezone.now(), tick=False) as clock:
        send_all()
        assert len(gateway.taken) == 1
        clock.shift(deliveries.LEASE + datetime.timedelta(seconds=1))
        send_all()
        send_all()
    # At least once: the gateway took the first before its sender died, and can see that the second is the same.
    assert gateway.keys() == [message.key, message.key]
    message.refresh_from_db()
    assert message.state == "sent"


def test_an_outcome_is_kept_although_the_database_went_away_meanwhile(world, gateway, cut):
    gateway.answers = [0.5]
    (message,) = make(world)
    killer = threading.Thread(target=lambda: gateway.begun.wait(10) and cut())
    killer.start()

    deliveries.send_waiting("sms")
    killer.join()
    with time_machine.travel(timezone.now() + HOUR):
        send_all()

    message.refresh_from_db()
    assert (message.state, message.attempts) == ("sent", 1)
    assert gateway.keys() == [message.key]


def test_our_own_gateway_keeps_a_message_that_comes_again_once(world):
    message = Message("sms", "+919812345678", "Words", key="the-key")
    DemoGateway().send(message)
    DemoGateway().send_many([message, message])
    code = Message("sms", "+919812345678", "123456 is your code")
    DemoGateway().send(code)
    DemoGateway().send(code)

    assert KeptMessage.objects.filter(key="the-key").count() == 1
    assert KeptMessage.objects.filter(key="").count() == 2


def test_a_batch_that_cannot_be_kept_together_is_sent_one_by_one(world, monkeypatch):
    made = make(world, 5)
    together = DemoGateway.send_many

    def refuses_many(gateway, messages):
        if len(messages) > 1:
            raise RuntimeError
        return together(gateway, messages)

    monkeypatch.setattr(DemoGateway, "send_many", refuses_many)
    send_all()

    assert list(KeptMessage.objects.order_by("id").values_list("key", flat=True)) == [d.key for d in made]


# Frozen --------------------------------------------------------------------------------------------


def test_frozen_nothing_is_sent_until_an_administrator_releases_it(world, gateway, client):
    old, older = make(world, 2)
    deliveries.freeze("restored from the backup of 25 November")
    deliveries.freeze("a second time")
    assert deliveries.send_waiting() == 0
    answer = client.get("/readyz").json()
    assert "restored from the backup" in answer["warnings"]["deliveries"]
    assert "deliveries" not in answer["checks"]
    (new,) = make(world)

    administrator = User.objects.create_superuser("chief", "a very long password")
    chief = signed_in(administrator)
    assert "restored from the backup" in chief.get("/admin/channels/deliveryswitch/").content.decode()
    chief.post("/admin/channels/deliveryswitch/", {"action": "release_without_the_old", "_selected_action": [1]})
    send_all()

    assert gateway.keys() == [new.key]
    assert set(Delivery.objects.filter(state="failed")) == {old, older}
    switch = DeliverySwitch.objects.get()
    assert (switch.frozen_at, switch.released_by) == (None, administrator)
    assert client.get("/readyz").json()["warnings"] == {}


def test_what_happened_before_the_restore_and_is_read_only_after_it_is_given_up_too(world, gateway):
    """The old portal read it and sent its message."""
    message_templates.load()
    before = world.register()
    deliveries.freeze("restored from the backup of 25 November")
    after = world.register()
    follow()

    assert deliveries.release(give_up=True) == Delivery.objects.filter(complaint=before).count() > 0
    send_all()

    assert set(Delivery.objects.filter(state="failed").values_list("complaint", flat=True)) == {before.pk}
    assert set(gateway.keys()) == set(Delivery.objects.filter(complaint=after, channel="sms").values_list("key", flat=True))


def test_released_without_giving_up_what_waited_is_sent(world, gateway):
    made = make(world, 3)
    deliveries.freeze("by an administrator")
    send_all()
    assert deliveries.release() == 3
    send_all()

    assert gateway.keys() == [d.key for d in made]


def test_an_officer_cannot_touch_the_switch(world):
    deliveries.freeze("test")
    officer = signed_in(world.l1.officer)
    answer = officer.post("/admin/channels/deliveryswitch/", {"action": "release", "_selected_action": [1]})
    assert answer.status_code == 404
    assert deliveries.frozen()


def test_the_outbox_and_the_log_still_work(world):
    world.assigned()
    follow()
    send_all()
    call_command("verify_log")


def test_several_workers_send_each_message_once(gateway):
    message_templates.load()
    world = World()
    for _number in range(15):
        world.register(citizen=CitizenFactory())
    workflow.route_registered()
    follow()

    all_at_once(*[send_all] * 4)

    # What stood behind one that another worker was just sending comes a moment later.
    with time_machine.travel(timezone.now() + HOUR, tick=False):
        send_all()
    sms = Delivery.objects.filter(channel="sms")
    assert sorted(gateway.keys()) == sorted(sms.values_list("key", flat=True))
