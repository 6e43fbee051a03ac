"""No ping-pong: where a complaint lay and how long, who may still move it, and what waits in triage too long."""

import datetime

import pytest
import time_machine
from django.urls import reverse
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from grievance import access, clock, ladder, workflow
from grievance.desk import timeline
from grievance.errors import ChangeRefused
from grievance.models import Complaint
from tests.factories import CitizenFactory, PostingFactory

DAY = datetime.timedelta(days=1)
MONDAY = datetime.datetime(2026, 11, 2, 6, tzinfo=datetime.UTC)


def path_of(complaint) -> list[tuple]:
    complaint = Complaint.objects.get(pk=complaint.pk)
    stops = timeline.path(complaint, timeline.events_of(complaint))
    return [(stop.title, stop.level, stop.days) for stop in stops]


@pytest.fixture
def now():
    with time_machine.travel(MONDAY, tick=False) as moving:
        yield moving


def title(posting) -> str:
    return posting.post.title


@pytest.fixture(autouse=True)
def _english():
    from django.utils.translation import override

    with override("en"):
        yield


def test_the_path_has_every_desk_with_its_days(world, now):
    complaint = world.assigned()
    now.shift(2 * DAY)
    colleague = PostingFactory(post__department=world.water, post__level=1, post__area=world.block)
    complaint = workflow.change(complaint, "reassign", user=world.nodal.officer, assignee=colleague)
    now.shift(1 * DAY)
    complaint = workflow.change(complaint, "transfer", user=colleague.officer, department="pwd", reason="wrong_department")
    now.move_to(complaint.due_at + datetime.timedelta(seconds=1))
    ladder.climb_overdue()
    complaint.refresh_from_db()
    at_l1 = (complaint.events.get(action="escalate").at.date() - (MONDAY + 3 * DAY).date()).days
    now.shift(4 * DAY)
    complaint = workflow.change(complaint, "resolve", user=world.roads_l2.officer, text="Done")
    now.shift(5 * DAY)
    workflow.change(complaint, "not_satisfied", user=world.citizen, text="No")
    now.shift(6 * DAY)

    # Nobody of the roads is at level 3 or 4: triage.
    assert path_of(complaint) == [
        (title(world.l1), 1, 2), (title(colleague), 1, 1), (title(world.roads_l1), 1, at_l1),
        (title(world.roads_l2), 2, 4), ("The citizen, for the verdict", None, 5), ("Triage desk", 2, 6),
    ]  # fmt: skip


def test_what_was_closed_is_no_desks_time(world, now):
    complaint = world.resolved()
    now.shift(3 * DAY)
    workflow.change(complaint, "satisfied", user=world.citizen, rating=4)
    # Who looks at it afterwards does not make it older.
    now.shift(2 * DAY)
    workflow.change(complaint, "note", user=world.l1.officer, text="Filed")
    assert path_of(complaint) == [(title(world.l1), 1, 0), ("The citizen, for the verdict", None, 3)]
    assert timeline.age(Complaint.objects.get(pk=complaint.pk)) == 3

    now.shift(5 * DAY)
    workflow.change(complaint, "reopen", user=world.citizen, text="Broke again")
    now.shift(DAY)

    assert path_of(complaint)[2:] == [("Closed", None, 7), (title(world.l2), 2, 1)]
    assert timeline.age(Complaint.objects.get(pk=complaint.pk)) == 11


def test_a_history_longer_than_the_page_loses_no_stop(world, now, monkeypatch):
    complaint = world.resolved()
    workflow.change(complaint, "not_satisfied", user=world.citizen, text="No")
    whole = path_of(complaint)
    for number in range(6):
        workflow.change(complaint, "note", user=world.l2.officer, text=f"Note {number}")
    monkeypatch.setattr(timeline, "MOST_EVENTS", 3)

    assert path_of(complaint) == whole


STEPS = ["accept", "resolve", "transfer", "reassign", "satisfied", "not_satisfied", "reopen", "climb", "note"]


@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(steps=st.lists(st.tuples(st.sampled_from(STEPS), st.integers(0, 9)), max_size=14))
def test_whatever_happened_the_days_add_up_and_the_age_never_resets(world, steps):
    with time_machine.travel(MONDAY, tick=False) as now:
        complaint = world.assigned(citizen=CitizenFactory())
        for action, days in steps:
            complaint.refresh_from_db()
            people = [complaint.assignee.officer if complaint.assignee else world.triage.officer, complaint.citizen,
                      world.nodal.officer, world.triage.officer]  # fmt: skip
            data = {"resolve": {"text": "x"}, "transfer": {"department": "pwd", "reason": "wrong_department"},
                    "reassign": {"assignee": world.roads_l1}, "satisfied": {"rating": 3}, "not_satisfied": {"text": "x"},
                    "reopen": {"text": "x"}, "note": {"text": "x"}}.get(action, {})  # fmt: skip
            if action == "climb":
                ladder.climb_overdue()
            user = next((one for one in people if access.may(one, action, complaint)), None)
            if user:
                try:
                    workflow.change(complaint, action, user=user, **data)
                except ChangeRefused:
                    pass
            now.shift(days * DAY)
        complaint.refresh_from_db()

        assert complaint.registered_at == MONDAY
        assert sum(days for _title, _level, days in path_of(complaint)) == timeline.age(complaint)


def test_after_two_transfers_the_page_offers_it_to_triage_alone(world, desk_of):
    complaint = world.assigned()
    for desk, to in ((world.l1, "pwd"), (world.roads_l1, "jal-shakti")):
        sent = desk_of(desk).act(complaint, "transfer", department=to, reason="wrong_department")
        assert sent.status_code == 302
        complaint.refresh_from_db()
    assert (complaint.transfer_count, complaint.assignee) == (2, world.l1)

    address = reverse("desk_act", args=[complaint.number, "transfer"])
    for posting in (world.l1, world.nodal):
        assert address not in desk_of(posting).open(complaint).content.decode()
        refused = desk_of(posting).act(complaint, "transfer", department="pwd", reason="wrong_department")
        assert refused.status_code == 409
    triage = desk_of(world.triage)
    assert address in triage.open(complaint).content.decode()
    assert triage.act(complaint, "transfer", department="pwd", reason="wrong_department").status_code == 302

    moved = Complaint.objects.get(pk=complaint.pk)
    assert (moved.transfer_count, moved.department, moved.registered_at) == (3, world.roads, complaint.registered_at)


def in_triage(world) -> Complaint:
    complaint = world.register(category=world.pothole, area=world.state)
    workflow.route_registered()
    complaint.refresh_from_db()
    return complaint


def test_triage_has_one_working_day_of_its_own(world, now):
    now.move_to(MONDAY - 3 * DAY)  # a Friday, half past eleven
    complaint = in_triage(world)

    assert complaint.due_at is None
    assert complaint.triage_due_at == MONDAY - 2 * DAY  # Saturday, not the second one
    assert clock.is_working_day((MONDAY - 2 * DAY).date())


def test_what_is_late_in_triage_is_red_and_counted(world, now, desk_of):
    late = in_triage(world)
    now.shift(3 * DAY)
    in_triage(world)
    desk = desk_of(world.triage)

    page = desk.inbox(view="triage")
    shown = {view.name: (count, late) for view, count, late in page.context["views"]}
    assert shown["triage"] == (2, 1)
    tones = {row["complaint"].number: row["face"].tone for row in page.context["rows"]}
    assert tones[late.number] == "late"
    assert sorted(tones.values()) == ["late", "off"]
    assert "1 late" in page.content.decode()
    assert "In triage, 2 days late" in page.content.decode()


def test_given_to_an_officer_the_triage_clock_is_over(world, now):
    complaint = in_triage(world)
    complaint = workflow.change(complaint, "reassign", user=world.triage.officer, assignee=world.roads_l1)

    assert (complaint.triage_since, complaint.triage_due_at) == (None, None)
    assert complaint.due_at
    withdrawn = workflow.change(in_triage(world), "withdraw", user=world.citizen)
    assert withdrawn.triage_due_at is None
