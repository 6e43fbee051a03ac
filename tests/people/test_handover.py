"""People change: what an officer leaves behind goes into other hands, with its clock, each with an event."""

import datetime

import pytest
import time_machine
from django.utils import timezone

from channels import message_templates, notices
from channels.models import Delivery
from departments.models import Absence, Posting
from grievance import access, handover, log, routing, workflow
from grievance.desks import Desks
from grievance.errors import Invalid
from grievance.models import Complaint, Event, State
from tests.crowd import share
from tests.factories import OfficerFactory, PostingFactory, World, take_next_place_in_log


def yesterday() -> datetime.date:
    return timezone.localdate() - datetime.timedelta(days=1)


def end(posting) -> None:
    Posting.objects.filter(pk=posting.pk).update(ends_on=yesterday())


def sweep() -> int:
    desks, taken = Desks(), 0
    while count := handover.hand_over(desks, limit=3):
        taken += count
    return taken


def hand_overs(complaint) -> list:
    return list(complaint.events.filter(action="hand_over").order_by("seq"))


@pytest.fixture
def every_state(world) -> list[Complaint]:
    """One open complaint of every state that has an officer, all of the same one."""
    asked = workflow.change(world.in_progress(), "ask", user=world.l1.officer, text="Which ward?")
    return [world.assigned(), world.in_progress(), asked, world.resolved()]


def test_a_posting_that_ends_hands_all_that_is_open_to_its_successor(world, every_state):
    closed = world.closed()
    successor = PostingFactory(post=world.l1.post)
    assert sweep() == 0
    end(world.l1)

    assert sweep() == 4
    assert sweep() == 0

    for before in every_state:
        complaint = Complaint.objects.get(pk=before.pk)
        [event] = hand_overs(complaint)
        assert complaint.assignee == successor
        assert (event.data["from"], event.data["to"]) == (world.l1.pk, successor.pk)
        assert (complaint.state, complaint.level) == (before.state, before.level)
        kept = ("due_at", "level_since", "left_seconds", "paused_at", "clock_minutes", "calendar_version_id")
        assert [getattr(complaint, name) for name in kept] == [getattr(before, name) for name in kept]
        assert "successor in the same post" in routing.explain(complaint.why, "en")
        assert "उसी पद पर आए नए अधिकारी" in routing.explain(complaint.why, "hi")
    closed.refresh_from_db()
    assert closed.assignee == world.l1
    assert list(log.verify()) == []


def test_the_successor_goes_on_with_what_was_begun(world, every_state):
    _new, begun, asked, resolved = every_state
    successor = PostingFactory(post=world.l1.post)
    end(world.l1)
    sweep()

    workflow.change(begun, "resolve", user=successor.officer, text="Mended")
    answered = workflow.change(asked, "answer", user=world.citizen, text="4")
    assert answered.assignee == successor
    again = workflow.change(resolved, "not_satisfied", user=world.citizen, text="Dry")
    assert again.level == 2


def test_it_happens_on_the_day_after_the_last_day(world):
    complaint, successor = world.assigned(), PostingFactory(post=world.l1.post)
    last = timezone.localdate() + datetime.timedelta(days=2)
    Posting.objects.filter(pk=world.l1.pk).update(ends_on=last)
    at_night = datetime.datetime.combine(last, datetime.time(23, 59, 59), tzinfo=timezone.get_current_timezone())

    with time_machine.travel(at_night, tick=False) as now:
        assert sweep() == 0
        now.shift(datetime.timedelta(seconds=1))
        assert sweep() == 1
    complaint.refresh_from_db()
    assert complaint.assignee == successor


def test_a_vacant_post_owns_nothing_routing_finds_the_next(world):
    complaint, due = world.assigned(), world.assigned().due_at
    end(world.l1)

    assert sweep() == 2

    complaint.refresh_from_db()
    assert (complaint.assignee, complaint.level) == (world.l2, 2)
    assert abs(complaint.due_at - due) < datetime.timedelta(minutes=1)
    assert "does not hold that post any more" in routing.explain(complaint.why, "en")
    assert not Complaint.objects.exclude(state="closed").filter(assignee=world.l1).exists()


def test_without_anyone_triage_has_it_and_a_verdict_is_still_the_citizens(world, every_state):
    for posting in (world.l1, world.l2, world.l3, world.l4):
        end(posting)

    assert sweep() == 4
    assert sweep() == 0

    new, begun, asked, resolved = (Complaint.objects.get(pk=one.pk) for one in every_state)
    for complaint in (new, begun, asked):
        assert complaint.in_triage
        assert (complaint.assignee, complaint.due_at, complaint.left_seconds) == (None, None, None)
    assert (resolved.state, resolved.assignee) == (State.RESOLVED, None)
    resolved = workflow.change(resolved, "not_satisfied", user=world.citizen, text="Dry")
    assert resolved.in_triage
    assert list(log.verify()) == []


def test_an_account_shut_out_and_a_post_closed_hand_over_too(world):
    complaint = world.assigned()
    world.l1.officer.is_active = False
    world.l1.officer.save()
    assert sweep() == 1
    complaint.refresh_from_db()
    assert complaint.assignee == world.l2

    world.l2.post.is_active = False
    world.l2.post.save()
    assert sweep() == 1
    complaint.refresh_from_db()
    assert complaint.assignee == world.l3


def test_a_successor_on_leave_is_stood_in_for(world):
    complaint, successor, stand_in = world.assigned(), PostingFactory(post=world.l1.post), PostingFactory()
    today = timezone.localdate()
    Absence.objects.create(posting=successor, stand_in=stand_in, starts_on=today, ends_on=today)
    end(world.l1)

    sweep()

    complaint.refresh_from_db()
    assert complaint.assignee == successor
    assert access.may(stand_in.officer, "accept", complaint)
    assert "on leave" in routing.explain(complaint.why, "en")


def test_where_a_stand_in_steps_down_nothing_is_lost_with_them(world):
    today, stand_in = timezone.localdate(), PostingFactory(post__department=world.water, post__area=world.state)
    Absence.objects.create(posting=world.l1, stand_in=stand_in, starts_on=today, ends_on=today)
    complaint = world.assigned()
    end(stand_in)

    assert sweep() == 0

    assert complaint.assignee == world.l1
    assert world.assigned().assignee == world.l2


def test_a_complaint_about_the_successor_does_not_reach_them(world):
    complaint, accused = world.assigned(), OfficerFactory()
    Complaint.objects.filter(pk=complaint.pk).update(about_officer=accused)
    PostingFactory(post=world.l1.post, officer=accused)
    end(world.l1)

    sweep()

    complaint.refresh_from_db()
    assert complaint.assignee == world.l2


def test_one_that_cannot_be_written_stops_no_other(world):
    good, bad = world.assigned(), world.assigned()
    take_next_place_in_log(bad)
    end(world.l1)

    assert sweep() == 1

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.assignee, bad.assignee) == (world.l2, world.l1)


def test_nothing_is_taken_from_who_holds_the_post(world):
    complaint = world.assigned()

    with pytest.raises(Invalid):
        workflow.change(complaint, "hand_over")


def test_the_new_officer_hears_of_running_work_and_the_citizen_of_nothing(world, every_state):
    message_templates.load()
    successor = PostingFactory(post=world.l1.post)
    end(world.l1)
    sweep()
    notices.make_deliveries(list(Event.objects.filter(action="hand_over")))

    heard = Delivery.objects.all()
    assert {delivery.recipient for delivery in heard} == {successor.officer}
    assert {delivery.event.complaint for delivery in heard} == set(every_state[:2])


@pytest.mark.django_db(transaction=True)
def test_several_workers_hand_over_without_doing_it_twice():
    world = World()
    for _number in range(30):
        world.register()
    workflow.route_registered()
    PostingFactory.create_batch(2, post=world.l1.post)
    end(world.l1)

    assert share(lambda: handover.hand_over(limit=4)) == 30

    assert [complaint.events.filter(action="hand_over").count() for complaint in Complaint.objects.all()] == [1] * 30
    assert list(log.verify()) == []
