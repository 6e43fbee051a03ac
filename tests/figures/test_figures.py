"""Figures equal a recount at every moment, before and after folding."""

import datetime
import re

import pytest
import time_machine
from django.core.management import call_command
from django.utils import timezone
from django.utils.html import escape
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from channels import digests
from dashboards import figures, folding, reading
from departments.models import Posting
from grievance import access, handover, ladder, workflow
from grievance.errors import ChangeRefused
from grievance.filters import DeskFilter
from grievance.models import Complaint
from tests.factories import World, told

DAY = datetime.timedelta(days=1)
EVERYTHING = reading.Selection(confidential=True)
pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def world():
    return World()


def shown(name: str) -> int:
    return reading.total(EVERYTHING)[name]


def counted(name: str) -> int:
    return Complaint.objects.filter(figures.FIGURES[name].condition()).count()


def test_figures_are_exact_before_they_are_folded(world):
    world.closed()
    world.resolved()
    world.assigned()

    assert (shown("registered"), shown("disposed"), shown("satisfied")) == (3, 2, 1)
    while folding.fold():
        pass
    assert (shown("registered"), shown("disposed"), shown("satisfied")) == (3, 2, 1)


def test_reopening_takes_it_out_of_disposed_and_satisfied(world):
    complaint = world.closed()
    while folding.fold():
        pass

    workflow.change(complaint, "reopen", user=world.citizen, text="Broke again")

    assert (shown("registered"), shown("disposed"), shown("satisfied")) == (1, 0, 0)


def test_breached_is_one_thing_wherever_it_is_counted(world):
    """Also of a complaint that waits in triage again, because everybody who had it left."""
    with time_machine.travel(timezone.now() - 300 * DAY, tick=False):
        complaint = world.assigned()
    while ladder.climb_overdue():
        pass
    for posting in (world.l1, world.l2, world.l3, world.l4):
        Posting.objects.filter(pk=posting.pk).update(ends_on=timezone.localdate() - DAY)
    handover.hand_over()
    complaint.refresh_from_db()
    assert (complaint.state, complaint.breached_at is None) == ("registered", False)

    listed = {
        value: DeskFilter({"breached": value}, Complaint.objects.all()).qs.count() for value in ("true", "false")
    }
    assert (shown("breached"), counted("breached"), listed) == (1, 1, {"true": 1, "false": 0})
    of_the_week = digests._of_the_week(digests._Staff(timezone.localdate()))
    assert of_the_week["weekly_digest", world.nodal.officer].counts["breached"] == 1


def test_disposed_and_satisfied_are_two_figures(world):
    workflow.change(world.assigned(), "withdraw", user=world.citizen)

    assert (shown("disposed"), shown("satisfied")) == (1, 0)


CLOSINGS = ("satisfied", "rejected", "no_reply", "special_close")


def closed_in_every_way(world) -> None:
    """A complaint closed in each way that is a figure, and one withdrawn."""
    world.closed()
    rejected = world.assigned()
    workflow.change(rejected, "propose_reject", user=world.l3.officer, reason="no_facts", text="No facts")
    workflow.change(rejected, "approve_reject", user=world.triage.officer)
    workflow.change(world.assigned(), "withdraw", user=world.citizen)
    with time_machine.travel(timezone.now() - 20 * DAY, tick=False) as now:
        ordered = world.in_progress()
        workflow.change(ordered, "propose_special_close", user=world.l4.officer, text="By order")
        workflow.change(ordered, "approve_special_close", user=world.cm_office.officer)
        told(ordered.events.get(action="approve_special_close"), sent_at=timezone.now())
        silent = world.resolved()
        for days in (3, 4):
            now.shift(days * DAY)
            workflow.change(silent, "remind")
            told(silent.events.filter(action="remind").latest("seq"), sent_at=timezone.now())
        now.shift(DAY)
        workflow.change(silent, "call", user=world.agent.officer, outcome="not_reached")
    workflow.change(ordered, "special_close")
    workflow.change(silent, "no_reply")


def test_each_kind_of_closing_is_counted_apart(world):
    closed_in_every_way(world)

    assert {name: shown(name) for name in CLOSINGS} == dict.fromkeys(CLOSINGS, 1)
    assert (shown("registered"), shown("disposed")) == (5, 5)
    call_command("check_figures", verbosity=0)
    assert {name: shown(name) for name in CLOSINGS} == dict.fromkeys(CLOSINGS, 1)


def test_a_late_word_of_the_citizen_moves_it_to_satisfied(world):
    closed_in_every_way(world)
    silent = Complaint.objects.get(outcome="no_reply")

    workflow.change(silent, "satisfied", user=world.citizen, rating=4)

    assert {name: shown(name) for name in CLOSINGS} == {
        "satisfied": 2, "rejected": 1, "no_reply": 0, "special_close": 1}  # fmt: skip
    call_command("check_figures", verbosity=0)


def test_a_transferred_complaint_counts_where_it_now_is(world):
    complaint = world.assigned()
    while folding.fold():
        pass
    workflow.change(complaint, "transfer", user=world.l1.officer, department="pwd", reason="wrong_department")

    by_department = reading.counts(EVERYTHING, by=("department",))
    assert {pk: counts["registered"] for pk, counts in by_department.items()} == {world.water.pk: 0, world.roads.pk: 1}


@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(0, 8), st.booleans()), max_size=12))
def test_after_any_story_the_figures_equal_a_recount(steps):
    from tests.factories import CitizenFactory

    world = _world()
    complaints = [world.assigned(citizen=CitizenFactory()) for _complaint in range(3)]
    for which, choice, fold in steps:
        complaint = complaints[which]
        complaint.refresh_from_db()
        owner = complaint.assignee.officer if complaint.assignee else complaint.citizen
        actions = ["accept", "resolve", "transfer", "ask", "answer", "satisfied", "not_satisfied", "withdraw", "reopen"]
        action = actions[choice]
        data = {"resolve": {"text": "x"}, "transfer": {"department": "pwd", "reason": "wrong_department"},
                "ask": {"text": "x"}, "answer": {"text": "x"}, "satisfied": {"rating": 3}, "not_satisfied": {"text": "x"},
                "reopen": {"text": "x"}}.get(action, {})  # fmt: skip
        for user in (owner, complaint.citizen):
            if access.may(user, action, complaint):
                try:
                    workflow.change(complaint, action, user=user, **data)
                except ChangeRefused:
                    pass
                break
        if fold:
            folding.fold()
        for name in (figure.name for figure in figures.COUNTS):
            assert shown(name) == counted(name)
    call_command("check_figures", verbosity=0)


_made: list[World] = []


def _world() -> World:
    """One state for all examples of the property: making it anew each time would be most of the work."""
    from departments.models import Department

    if not _made or not Department.objects.filter(pk=_made[0].water.pk).exists():
        _made[:] = [World()]
    return _made[0]


def test_the_public_page_shows_them_with_their_definitions(world, client, django_assert_max_num_queries):
    world.closed()

    with django_assert_max_num_queries(16):
        page = client.get("/figures/", headers={"accept-language": "en"}).content.decode()

    assert re.findall(r'data-figure="(\w+)">([\d,]+)<', page) == [
        ("registered", "1"),
        ("disposed", "1"),
        ("satisfied", "1"),
        ("rejected", "0"),
        ("no_reply", "0"),
        ("special_close", "0"),
        ("withdrawn", "0"),
    ]
    # As the boards show it: what took hours is not rounded away.
    assert re.search(r'data-rate="median_days">([^<]+)<', page).group(1) == "0.00"
    for name in (*figures.LEADING, *figures.CLOSINGS):
        assert escape(str(figures.FIGURES[name].definition)) in page


def test_the_first_page_shows_the_three_figures_the_lines_and_how_to_call(world, client, settings):
    world.closed()
    world.assigned()

    page = client.get("/", headers={"accept-language": "en"}).content.decode()

    assert re.findall(r'seva-stat__count">([^<]+)<', page) == ["2", "50%", "50%"]
    for name in ("registered", "disposed", "disposed_share", "satisfied", "satisfied_share"):
        assert escape(str(figures.FIGURES[name].definition)) in page, name
    for number in (settings.HELPLINE, "181", "1077"):
        assert f'href="tel:{number}"' in page


def test_the_first_page_counts_once_for_many_visitors(world, client, django_assert_num_queries):
    client.get("/")

    with django_assert_num_queries(0):
        client.get("/")


def test_numbers_are_grouped_the_indian_way():
    from grievance.words import indian

    assert [indian(n) for n in (0, 999, 1000, 604557, 60455700, -100000)] == [
        "0", "999", "1,000", "6,04,557", "6,04,55,700", "-1,00,000"]  # fmt: skip
