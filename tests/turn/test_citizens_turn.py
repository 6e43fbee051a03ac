"""When it is the citizen's turn: they are reminded and called, and nothing is closed over their head too early."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from channels import deliveries, message_templates, notices
from channels.models import Delivery
from dashboards import reading
from dashboards.reading import Selection
from grievance import access, call_backs, citizens_turn, log, readers, tasks, workflow
from grievance.errors import Invalid, NotAllowedNow
from grievance.models import CallBack, Complaint, State
from tests.crowd import all_at_once
from tests.factories import CitizenFactory, World

# Readers read only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)
MINUTE = datetime.timedelta(minutes=1)
START = datetime.datetime(2026, 11, 2, 6, tzinfo=datetime.UTC)


@pytest.fixture
def world():
    message_templates.load()
    return World()


@pytest.fixture
def clock():
    """A Monday morning; tests move it on."""
    with time_machine.travel(START, tick=False) as moving:
        yield moving


def sweeps() -> None:
    """What beat rings for, twice, because it may."""
    for _time in range(2):
        tasks.run_on_unanswered()
        tasks.remind_of_verdict()
        tasks.close_in_silence()


def send() -> None:
    while notices.follow():
        pass
    while deliveries.send_waiting():
        pass


def on_day(clock, number: int) -> None:
    """The sweeps and messages of a day after the start."""
    clock.move_to(START + number * DAY + MINUTE)
    sweeps()
    send()


def called(world, complaint, outcome="not_reached"):
    call_backs.claim(world.agent.officer, complaint.call_backs.get().pk)
    call_backs.record(world.agent.officer, complaint.call_backs.get().pk, outcome)


def actions(complaint) -> list[str]:
    """What happened since the resolution, without who looked at the phone number."""
    found = list(complaint.events.order_by("seq").values_list("action", flat=True))
    return [action for action in found[found.index("resolve") + 1 :] if action != "reveal"]


def fresh(complaint) -> Complaint:
    return Complaint.objects.get(pk=complaint.pk)


def test_silence_is_asked_about_thrice_before_it_closes_anything(world, clock):
    complaint = world.resolved(language="en")
    for day in range(1, 8):
        on_day(clock, day)
    assert actions(complaint) == ["remind", "remind"]
    assert [event.data["day"] for event in complaint.events.filter(action="remind").order_by("seq")] == [3, 7]
    assert Delivery.objects.filter(template="verdict_reminder", state="sent").count() == 2

    on_day(clock, 8)
    called(world, complaint)
    for day in range(9, 15):
        on_day(clock, day)
    assert fresh(complaint).state == State.RESOLVED

    on_day(clock, 15)
    complaint = fresh(complaint)
    assert (complaint.state, complaint.outcome) == (State.CLOSED, "no_reply")
    assert complaint.events.get(action="no_reply").data["attempts"] == [
        ["2026-11-05", "sms"], ["2026-11-09", "sms"], ["2026-11-10", "call"]]  # fmt: skip
    assert list(log.verify()) == []


def test_without_a_call_nothing_is_closed(world, clock):
    complaint = world.resolved()
    for day in (3, 7, 8, 15, 16, 60):
        on_day(clock, day)

    assert fresh(complaint).state == State.RESOLVED
    with pytest.raises(Invalid):
        workflow.change(complaint, "no_reply")


def test_a_reminder_that_never_went_is_no_attempt(world, clock):
    complaint = world.resolved()
    for day in (3, 7):
        clock.move_to(START + day * DAY + MINUTE)
        sweeps()
    while notices.follow():
        pass
    Delivery.objects.filter(template="verdict_reminder").update(state="failed")
    for day in (8, 9, 10):
        on_day(clock, day)
        called(world, complaint)
    on_day(clock, 16)
    assert fresh(complaint).state == State.RESOLVED

    # The gateway's trouble is over and an administrator has them sent: two channels now.
    deliveries.retry(Delivery.objects.all())
    send()
    on_day(clock, 17)
    assert fresh(complaint).outcome == "no_reply"


def test_the_effect_itself_refuses_to_close_too_early(world, clock):
    complaint = world.resolved()
    for day in (3, 7, 8):
        on_day(clock, day)
    called(world, complaint)

    clock.move_to(START + 14 * DAY)
    with pytest.raises(Invalid):
        workflow.change(complaint, "no_reply")
    clock.move_to(START + 15 * DAY)
    assert workflow.change(complaint, "no_reply").outcome == "no_reply"


def test_after_an_outage_one_reminder_goes_and_the_desk_still_calls(world, clock):
    complaint = world.resolved()

    on_day(clock, 40)

    assert actions(complaint) == ["remind"]
    assert complaint.call_backs.get().due_on == timezone.localdate() + DAY
    for day in (41, 42):
        on_day(clock, day)
        called(world, complaint)
    on_day(clock, 43)
    assert fresh(complaint).outcome == "no_reply"


def test_a_verdict_ends_reminders_and_calls(world, clock):
    complaint = world.resolved()
    for day in (3, 7, 8):
        on_day(clock, day)
    workflow.change(complaint, "satisfied", user=world.citizen, rating=5)

    on_day(clock, 20)

    assert actions(complaint) == ["remind", "remind", "satisfied"]
    assert complaint.call_backs.get().done_at
    assert not call_backs.waiting(world.agent.officer).exists()


def test_each_resolution_begins_its_own_count(world, clock):
    complaint = world.resolved()
    for day in (3, 7, 8):
        on_day(clock, day)
    called(world, complaint)
    complaint = workflow.change(complaint, "not_satisfied", user=world.citizen, text="Still dry")
    workflow.change(complaint, "resolve", user=complaint.assignee.officer, text="Now")

    on_day(clock, 23)

    assert fresh(complaint).state == State.RESOLVED


def closed_in_silence(world, clock) -> Complaint:
    complaint = world.resolved(language="en")
    for day in (3, 7, 8):
        on_day(clock, day)
    called(world, complaint)
    on_day(clock, 15)
    return fresh(complaint)


@pytest.mark.parametrize("days", [1, 29])
def test_a_late_answer_by_the_link_reopens(world, clock, client, days):
    complaint = closed_in_silence(world, clock)
    link = re.search(r"/v/\S+/", Delivery.objects.get(template="closed_no_reply").body).group()
    clock.shift(days * DAY)

    assert client.get(link).status_code == 200
    client.post(f"{link}?verdict=not_satisfied", {"text": "Still dry"})

    complaint = fresh(complaint)
    assert (complaint.state, complaint.level, complaint.reopen_count) == (State.ASSIGNED, 2, 1)
    assert list(log.verify()) == []


def test_a_late_satisfied_is_a_verdict_too(world, clock, client):
    complaint = closed_in_silence(world, clock)
    link = re.search(r"/v/\S+/", Delivery.objects.get(template="closed_no_reply").body).group()

    client.post(f"{link}?verdict=satisfied", {"rating": "4"})

    assert (fresh(complaint).state, fresh(complaint).outcome) == (State.CLOSED, "satisfied")
    assert "verdict=" not in client.get(link).content.decode()


def test_after_thirty_days_it_is_too_late(world, clock):
    complaint = closed_in_silence(world, clock)
    assert access.may(world.citizen, "reopen", complaint)

    clock.shift(31 * DAY)

    for action in ("reopen", "satisfied", "not_satisfied"):
        assert not access.may(world.citizen, action, complaint)


def test_only_silence_can_be_judged_afterwards(world):
    closed = world.closed()

    for action, data in (("satisfied", {"rating": 1}), ("not_satisfied", {"text": "No"})):
        with pytest.raises(NotAllowedNow):
            workflow.change(closed, action, user=world.citizen, **data)


def test_a_question_without_an_answer_runs_on_after_seven_days_with_a_message(world, clock):
    complaint = world.in_progress()
    workflow.change(complaint, "ask", user=world.l1.officer, text="Which ward?")
    left = fresh(complaint).left_seconds
    clock.move_to(START + 7 * DAY - MINUTE)
    sweeps()
    assert fresh(complaint).state == State.AWAITING_CITIZEN
    with pytest.raises(Invalid):
        workflow.change(complaint, "run_on")

    # The sweep comes two days late; the clock runs from the seventh day all the same.
    clock.move_to(START + 9 * DAY)
    sweeps()
    send()

    from grievance import clock as working_time

    complaint = fresh(complaint)
    over = START + 7 * DAY
    assert complaint.state == State.IN_PROGRESS
    assert complaint.due_at == working_time.add(over, left, working_time.calendar_for(complaint))
    assert complaint.events.filter(action="run_on").count() == 1
    said = set(Delivery.objects.filter(event__action="run_on").values_list("template", "audience"))
    assert said == {("answer_overdue", "citizen"), ("runs_on", "officer")}


def ordered_to_close(world) -> Complaint:
    complaint = world.in_progress()
    workflow.change(complaint, "propose_special_close", user=world.l4.officer, text="By order")
    return workflow.change(complaint, "approve_special_close", user=world.cm_office.officer)


def test_an_order_takes_effect_three_days_after_the_notice_went_out(world, clock):
    complaint = ordered_to_close(world)
    # The gateway is dead for two days: nobody could read the notice.
    clock.move_to(START + 2 * DAY)
    send()
    clock.move_to(START + 4 * DAY)
    sweeps()
    assert fresh(complaint).state == State.IN_PROGRESS

    clock.move_to(START + 5 * DAY + MINUTE)
    sweeps()

    assert fresh(complaint).outcome == "unsatisfied"
    assert complaint.events.filter(action="special_close").count() == 1


def test_an_objection_stops_the_order(world, clock):
    complaint = ordered_to_close(world)
    send()
    workflow.change(complaint, "object", user=world.citizen, text="It still leaks")

    on_day(clock, 4)

    assert fresh(complaint).state == State.IN_PROGRESS


def test_not_satisfied_is_an_objection_too(world, clock):
    complaint = ordered_to_close(world)
    send()
    workflow.change(complaint, "resolve", user=world.l1.officer, text="Done")
    workflow.change(complaint, "not_satisfied", user=world.citizen, text="No")

    on_day(clock, 4)

    assert fresh(complaint).is_open
    assert complaint.proposals.get().decision == "objected"


def unreachable_order(world) -> Complaint:
    """An order about a complaint of somebody who has neither a phone nor an e-mail that works."""
    complaint = ordered_to_close(world)
    while notices.follow():
        pass
    Delivery.objects.filter(template="objection_notice").update(state="failed")
    return complaint


def test_an_order_of_which_nobody_could_be_told_lapses_after_seven_days(world, clock):
    complaint = unreachable_order(world)
    before = fresh(complaint)
    clock.move_to(START + 7 * DAY - MINUTE)
    sweeps()
    assert fresh(complaint).close_after
    with pytest.raises(Invalid):
        workflow.change(complaint, "lapse")

    clock.move_to(START + 7 * DAY)
    sweeps()

    after = fresh(complaint)
    assert after.close_after is None
    assert (after.state, after.assignee, after.due_at, after.level) == (
        before.state, before.assignee, before.due_at, before.level)  # fmt: skip
    assert complaint.proposals.get().decision == "lapsed"
    assert complaint.events.filter(action="lapse").count() == 1
    assert list(log.verify()) == []
    # A new order may be proposed, once the citizen can be told.
    assert access.may(world.l4.officer, "propose_special_close", after)


@pytest.mark.parametrize(("language", "why"), [("hi", "सूचना नहीं भेजी जा सकी"), ("en", "no notice could be sent")])
def test_whoever_proposed_the_order_is_told_why_it_lapsed(world, clock, language, why):
    world.l4.officer.language = language
    world.l4.officer.save()
    unreachable_order(world)
    on_day(clock, 8)

    told = Delivery.objects.get(template="order_lapsed", channel="email")
    assert told.recipient == world.l4.officer
    assert why in told.body


def test_an_order_whose_notice_still_waits_does_not_lapse(world, clock):
    complaint = ordered_to_close(world)
    # Nobody reads the log for eight days, then the gateway is away: the citizen may yet be told.
    clock.move_to(START + 8 * DAY)
    sweeps()
    while notices.follow():
        pass
    sweeps()
    assert fresh(complaint).close_after
    send()
    clock.move_to(START + 11 * DAY + MINUTE)
    sweeps()

    assert fresh(complaint).outcome == "unsatisfied"


def test_a_lapsed_order_is_counted_apart(world, clock):
    unreachable_order(world)
    on_day(clock, 8)
    while readers.follow("figures"):
        pass

    counts = reading.total(Selection(confidential=True))
    assert (counts["lapsed"], counts["special_close"], counts["disposed"]) == (1, 0, 0)


def test_several_workers_remind_and_close_without_doing_it_twice(world):
    with time_machine.travel(timezone.now() - 20 * DAY):
        resolved = [world.resolved(citizen=CitizenFactory()) for _number in range(12)]
        ordered = [ordered_to_close(world) for _number in range(6)]
        send()

    def work():
        citizens_turn.remind_of_verdict(limit=2)
        sweeps()

    all_at_once(*[work] * 3)

    assert [c.events.filter(action="remind").count() for c in resolved] == [1] * 12
    assert CallBack.objects.count() == 12
    assert [c.events.filter(action="special_close").count() for c in ordered] == [1] * 6
    assert list(log.verify()) == []
