"""The workflow's table, row by row: who may, from where, to where, and what it needs."""

import datetime

import pytest
import time_machine
from django.db import IntegrityError, connection, transaction
from django.utils import timezone

from grievance import access, workflow
from grievance.errors import ChangedMeanwhile, Invalid, KeyReused, NotAllowedNow, NotPermitted
from grievance.models import Complaint, State
from grievance.table import TABLE
from tests.factories import CategoryFactory, told


def act(complaint, action, posting_or_user, **data):
    user = getattr(posting_or_user, "officer", posting_or_user)
    return workflow.change(complaint, action, user=user, **data)


def test_the_whole_story_from_filing_to_satisfied_close(world):
    complaint = world.assigned()
    assert (complaint.state, complaint.level, complaint.assignee) == (State.ASSIGNED, 1, world.l1)

    complaint = act(complaint, "accept", world.l1)
    complaint = act(complaint, "ask", world.l1, text="Which ward?")
    assert (complaint.state, complaint.due_at) == (State.AWAITING_CITIZEN, None)
    complaint = act(complaint, "answer", world.citizen, text="Ward 4")
    assert complaint.due_at is not None
    complaint = act(complaint, "resolve", world.l1, text="Mended")
    complaint = act(complaint, "not_satisfied", world.citizen, text="Still dry")
    assert (complaint.state, complaint.level, complaint.assignee) == (State.ASSIGNED, 2, world.l2)
    assert (complaint.reopen_count, complaint.round) == (1, 2)
    complaint = act(complaint, "resolve", world.l2, text="New pipe")
    complaint = act(complaint, "satisfied", world.citizen, rating=4)

    assert (complaint.state, complaint.outcome, complaint.rating) == (State.CLOSED, "satisfied", 4)
    actions = list(complaint.events.values_list("action", flat=True))
    assert actions == [
        "register",
        "route",
        "accept",
        "ask",
        "answer",
        "resolve",
        "not_satisfied",
        "resolve",
        "satisfied",
    ]


@pytest.mark.parametrize("action", [name for name, rule in TABLE.items() if "system" not in rule.who])
def test_a_stranger_may_do_nothing(world, action):
    complaint = world.assigned()

    for user in (world.stranger, world.roads_l1.officer):
        assert not access.may(user, action, complaint)
        with pytest.raises((NotPermitted, NotAllowedNow)):
            workflow.change(complaint, action, user=user, text="x")


@pytest.mark.parametrize("action", [name for name, rule in TABLE.items() if rule.who == ("system",)])
def test_people_cannot_do_what_is_the_systems(world, action):
    complaint = world.in_progress()

    with pytest.raises((NotPermitted, NotAllowedNow)):
        workflow.change(complaint, action, user=world.l1.officer)


def test_an_action_from_the_wrong_state_names_what_is_allowed(world):
    complaint = world.assigned()

    with pytest.raises(NotAllowedNow) as refused:
        act(complaint, "ask", world.l1, text="Which ward?")

    assert "accept" in refused.value.allowed


def test_what_an_action_needs_is_asked_for_by_name(world):
    complaint = world.in_progress()

    with pytest.raises(Invalid) as refused:
        act(complaint, "resolve", world.l1, text="  ")

    assert "text" in refused.value.errors


def test_proof_is_needed_where_the_category_asks_for_it(world):
    world.no_water.needs_proof = True
    world.no_water.save()
    complaint = world.in_progress()

    with pytest.raises(Invalid) as refused:
        act(complaint, "resolve", world.l1, text="Done")

    assert "files" in refused.value.errors


def test_the_second_officer_is_told_what_changed(world):
    complaint = world.in_progress()
    seen = complaint.event_count
    act(complaint, "update", world.l1, text="On the way", version=seen)

    with pytest.raises(ChangedMeanwhile) as refused:
        act(complaint, "update", world.l1, text="Also me", version=seen)

    assert [event.action for event in refused.value.events] == ["update"]


def test_the_same_key_is_the_same_complaint(world):
    first, again = world.register(key="k"), world.register(key="k")

    assert first.number == again.number
    assert Complaint.objects.count() == 1
    with pytest.raises(KeyReused):
        world.register(key="k", text="Something else")


def test_after_two_transfers_only_triage_moves_it(world):
    complaint = world.assigned()
    complaint = act(complaint, "transfer", world.l1, department="pwd", reason="wrong_department")
    assert complaint.assignee == world.roads_l1
    complaint = act(complaint, "transfer", world.roads_l1, department="jal-shakti", reason="wrong_department")

    with pytest.raises((NotPermitted, NotAllowedNow)):
        act(complaint, "transfer", world.l1, department="pwd", reason="wrong_department")
    registered_at = complaint.registered_at
    complaint = act(complaint, "transfer", world.triage, department="pwd", reason="wrong_department")
    assert complaint.registered_at == registered_at


def test_a_confidential_complaint_is_never_transferred_to_where_nobody_of_its_line_is(world):
    category = CategoryFactory(department=world.water, confidential=True, line="181")
    counsellor = world.posting(world.water, 1, world.state, line="181")
    complaint = world.assigned(category=category)

    with pytest.raises(Invalid) as refused:
        act(complaint, "transfer", counsellor, department="pwd", reason="wrong_department")

    assert "department" in refused.value.errors
    complaint.refresh_from_db()
    assert complaint.assignee == counsellor


def test_a_confidential_complaint_handed_to_another_line_is_that_lines(world):
    ours = CategoryFactory(department=world.water, confidential=True, line="181")
    CategoryFactory(department=world.roads, confidential=True, line="deaddiction", code="theirs")
    counsellor = world.posting(world.water, 1, world.state, line="181")
    other = world.posting(world.roads, 1, world.state, line="deaddiction")
    complaint = world.assigned(category=ours)

    complaint = act(complaint, "transfer", counsellor, department="pwd", category="theirs", reason="wrong_department")

    assert complaint.assignee == other
    assert access.sees(other.officer, complaint)
    assert not access.sees(counsellor.officer, complaint)


def test_a_complaint_found_to_be_about_an_officer_is_transferred_above_the_first_level(world):
    conduct = CategoryFactory(department=world.water, about_officer=True, start_level=2, code="conduct")
    complaint = world.assigned()

    complaint = act(
        complaint, "transfer", world.l1, department="jal-shakti", category=conduct.code, reason="wrong_department"
    )

    assert complaint.assignee == world.l2
    assert not access.sees(world.l1.officer, complaint)


def test_a_complaint_about_the_highest_officer_goes_through_triage_to_the_highest_of_another_department(world):
    conduct = CategoryFactory(department=world.water, about_officer=True, start_level=2)
    complaint = world.assigned(category=conduct, about_post=world.l4.post)
    assert complaint.in_triage

    roads_l4 = world.posting(world.roads, 4, world.state)
    complaint = act(complaint, "transfer", world.triage, department="pwd", reason="wrong_department")
    assert complaint.assignee == roads_l4

    complaint = act(complaint, "transfer", world.triage, department="jal-shakti", reason="wrong_department")
    assert complaint.in_triage
    assert not access.sees(world.l4.officer, complaint)


def test_overdue_complaint_climbs_exactly_once_a_level(world):
    complaint = world.assigned()
    with pytest.raises(Invalid):
        workflow.change(complaint, "escalate")

    with time_machine.travel(complaint.due_at + datetime.timedelta(seconds=1), tick=False):
        complaint = workflow.change(complaint, "escalate")
        assert (complaint.level, complaint.assignee) == (2, world.l2)
        with pytest.raises(Invalid):
            workflow.change(complaint, "escalate")


def test_at_the_highest_level_it_is_breached_and_stays(world):
    complaint = world.assigned()
    for _level in (1, 2, 3):
        with time_machine.travel(complaint.due_at + datetime.timedelta(seconds=1), tick=False):
            complaint = workflow.change(complaint, "escalate")

    with time_machine.travel(complaint.due_at + datetime.timedelta(seconds=1), tick=False):
        complaint = workflow.change(complaint, "breach")
    assert complaint.breached_at
    assert complaint.assignee == world.l4


def test_rejection_takes_two_people(world):
    complaint = world.assigned()
    complaint = act(complaint, "propose_reject", world.l3, reason="no_facts", text="Nothing to go by")
    assert complaint.state == State.ASSIGNED

    with pytest.raises((NotPermitted, NotAllowedNow)):
        act(complaint, "approve_reject", world.l3)
    complaint = act(complaint, "approve_reject", world.triage)
    assert complaint.outcome == "rejected"


def test_a_proposed_rejection_lapses_when_the_officer_begins(world):
    complaint = world.assigned()
    complaint = act(complaint, "propose_reject", world.l3, reason="no_facts", text="Nothing to go by")

    complaint = act(complaint, "accept", world.l1)

    assert not complaint.proposals.filter(decision="").exists()
    complaint = act(complaint, "propose_special_close", world.l4, text="By order")
    assert complaint.proposals.get(decision="").kind == "special_close"


def test_special_close_waits_for_the_citizens_objection(world):
    complaint = world.in_progress()
    complaint = act(complaint, "propose_special_close", world.l4, text="By order")
    complaint = act(complaint, "approve_special_close", world.cm_office)
    with pytest.raises(Invalid):
        workflow.change(complaint, "special_close")

    objected = act(complaint, "object", world.citizen, text="No")
    assert objected.close_after is None
    with pytest.raises(Invalid):
        workflow.change(objected, "special_close")


def test_special_close_happens_after_three_days_of_silence(world):
    complaint = world.in_progress()
    complaint = act(complaint, "propose_special_close", world.l4, text="By order")
    complaint = act(complaint, "approve_special_close", world.cm_office)

    notice = complaint.events.get(action="approve_special_close")
    with time_machine.travel(timezone.now() + datetime.timedelta(days=3, minutes=1), tick=False):
        with pytest.raises(Invalid):
            workflow.change(complaint, "special_close")
        told(notice, sent_at=notice.at)
        complaint = workflow.change(complaint, "special_close")
    assert complaint.outcome == "unsatisfied"


def test_a_merged_citizen_follows_the_survivor(world):
    survivor, other = world.in_progress(), world.in_progress(citizen=world.stranger)

    merged = act(other, "merge", world.l1, into=survivor)

    assert merged.outcome == "duplicate"
    assert list(survivor.followers.values_list("citizen", flat=True)) == [world.stranger.pk]


def test_reopening_is_for_thirty_days_and_never_after_withdrawal(world):
    closed = world.closed()
    withdrawn = act(world.assigned(), "withdraw", world.citizen)

    assert access.may(world.citizen, "reopen", closed)
    assert not access.may(world.citizen, "reopen", withdrawn)
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31), tick=False):
        assert not access.may(world.citizen, "reopen", closed)
    reopened = act(closed, "reopen", world.citizen, text="It broke again")
    assert (reopened.state, reopened.level) == (State.ASSIGNED, 2)


def test_only_the_citizen_or_an_agent_on_the_phone_gives_the_verdict(world):
    complaint = world.resolved()

    for posting in (world.l1, world.l2, world.l4, world.nodal, world.cm_office, world.triage):
        assert not access.may(posting.officer, "satisfied", complaint)
    assert access.may(world.agent.officer, "satisfied", complaint)
    assert access.may(world.citizen, "satisfied", complaint)


def test_pausing_and_resuming_neither_gives_nor_takes_time(world):
    with time_machine.travel(datetime.datetime(2026, 11, 23, 11, tzinfo=datetime.UTC), tick=False) as clock:
        complaint = world.in_progress()
        due = complaint.due_at
        complaint = act(complaint, "ask", world.l1, text="Which ward?")
        complaint = act(complaint, "answer", world.citizen, text="4")
        assert complaint.due_at == due
        complaint = act(complaint, "ask", world.l1, text="And the street?")
        clock.shift(datetime.timedelta(days=1))
        complaint = act(complaint, "answer", world.citizen, text="Main")
        assert complaint.due_at == due + datetime.timedelta(days=1)


@pytest.mark.django_db(transaction=True)
def test_the_database_refuses_a_change_without_an_event():
    from tests.factories import World

    complaint = World().assigned()

    with pytest.raises(IntegrityError, match="without an event"), transaction.atomic():
        Complaint.objects.filter(pk=complaint.pk).update(state="closed", outcome="satisfied", due_at=None)


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "sql", ["UPDATE grievance_event SET text = 'x'", "DELETE FROM grievance_event", "TRUNCATE grievance_event CASCADE"]
)
def test_the_database_refuses_to_touch_the_log(sql):
    from tests.factories import World

    World().assigned()

    with pytest.raises(Exception, match="Cannot|cannot"), transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
