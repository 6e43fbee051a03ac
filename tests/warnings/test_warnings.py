"""Officers are warned at half and at four fifths of their time: each warning once, and never after the end."""

import dataclasses
import datetime

import pytest
import time_machine
from hypothesis import given
from hypothesis import strategies as st

from channels import message_templates, notices
from channels.models import Delivery
from grievance import clock, ladder, log, warnings, workflow
from grievance.errors import Invalid
from grievance.models import Complaint
from tests.crowd import share
from tests.factories import PostingFactory, World

SECOND = datetime.timedelta(seconds=1)
MONDAY = datetime.datetime(2026, 11, 2, 6, tzinfo=datetime.UTC)


def warn_at(moment) -> int:
    with time_machine.travel(moment, tick=False):
        taken = 0
        while count := warnings.warn_due(limit=3):
            taken += count
        return taken


def warned_of(complaint) -> list[int]:
    return [event.data["used"] for event in complaint.events.filter(action="warn").order_by("seq")]


def when_used(complaint, percent: int) -> datetime.datetime:
    """The moment when this much of the time is used, counted from the beginning."""
    return clock.add(complaint.level_since, complaint.clock_minutes * 60 * percent / 100, clock.calendar_for(complaint))


def test_each_warning_goes_once_at_its_moment(world):
    with time_machine.travel(MONDAY, tick=False):
        complaint = world.assigned()

    assert warn_at(when_used(complaint, 50) - SECOND) == 0
    assert warn_at(when_used(complaint, 50)) == 1
    assert warn_at(when_used(complaint, 50) + SECOND) == 0
    assert warn_at(when_used(complaint, 80) - SECOND) == 0
    assert warn_at(when_used(complaint, 80)) == 1
    assert warn_at(complaint.due_at - SECOND) == 0

    assert warned_of(complaint) == [50, 80]
    assert list(log.verify()) == []


def test_a_late_sweep_gives_only_the_last_warning(world):
    complaint = world.assigned()

    assert warn_at(complaint.due_at - SECOND) == 1

    assert warned_of(complaint) == [80]


def test_what_is_overdue_climbs_and_is_warned_of_at_the_next_level(world):
    complaint = world.assigned()
    after = complaint.due_at + SECOND
    assert warn_at(after) == 0
    with time_machine.travel(after, tick=False):
        ladder.climb_overdue()
    complaint.refresh_from_db()

    assert warn_at(when_used(complaint, 50)) == 1
    assert (complaint.level, warned_of(complaint)) == (2, [50])


def test_a_paused_clock_warns_of_nothing_and_its_warnings_wait_with_it(world):
    with time_machine.travel(MONDAY, tick=False) as now:
        complaint = world.in_progress()
        half, due = when_used(complaint, 50), complaint.due_at
        workflow.change(complaint, "ask", user=world.l1.officer, text="Which ward?")
        assert warn_at(half) == warn_at(due - SECOND) == 0
        now.shift(datetime.timedelta(days=1))
        complaint = workflow.change(complaint, "answer", user=world.citizen, text="4")

    assert complaint.warn_at == half + datetime.timedelta(days=1)


def test_the_colleague_who_takes_over_is_not_warned_of_the_same_again(world):
    with time_machine.travel(MONDAY, tick=False):
        complaint = world.assigned()
    warn_at(when_used(complaint, 60))
    four_fifths = when_used(complaint, 80)
    colleague = PostingFactory(post__department=world.water, post__level=1, post__area=world.block)
    with time_machine.travel(when_used(complaint, 61), tick=False):
        workflow.change(complaint, "reassign", user=world.nodal.officer, assignee=colleague)

    assert warn_at(four_fifths - SECOND) == 0
    assert warn_at(four_fifths) == 1
    assert warned_of(complaint) == [50, 80]


def test_nobody_is_warned_of_what_is_resolved(world):
    complaint = world.resolved()

    assert Complaint.objects.get(pk=complaint.pk).warn_at is None


def test_the_effect_itself_refuses_to_warn_too_early(world):
    with pytest.raises(Invalid):
        workflow.change(world.assigned(), "warn")


@pytest.mark.django_db(transaction=True)
def test_the_warning_reaches_the_assignee_and_the_last_climb_is_all_that_is_announced():
    message_templates.load()
    world = World()
    complaint = world.assigned(language="en")
    warn_at(when_used(complaint, 80))
    with time_machine.travel(complaint.due_at + datetime.timedelta(days=365), tick=False):
        ladder.climb_overdue()
    while notices.follow():
        pass

    said = list(Delivery.objects.order_by("id").values_list("template", "audience", "recipient"))
    citizen = world.citizen.pk
    assert said == [
        ("registered", "citizen", citizen), ("assigned", "citizen", citizen), ("assigned", "officer", world.l1.officer_id),
        ("warning", "officer", world.l1.officer_id),
        ("breached", "citizen", citizen), ("breached", "officer", world.l4.officer_id),
    ]  # fmt: skip
    assert "80%" in Delivery.objects.get(template="warning").body


@pytest.mark.django_db(transaction=True)
def test_several_workers_warn_without_doing_it_twice():
    world = World()
    complaints = [world.register() for _number in range(30)]
    workflow.route_registered()
    Complaint.objects.update(warn_at=complaints[0].registered_at - SECOND)
    Complaint.objects.update(due_at=complaints[0].registered_at + datetime.timedelta(hours=1))

    assert share(lambda: warnings.warn_due(limit=4)) == 30

    assert [warned_of(complaint) for complaint in complaints] == [[80]] * 30


OPENS, CLOSES = datetime.time(10), datetime.time(17)
PLAIN = clock.Calendar(opens=OPENS, closes=CLOSES)
HOLIDAYS = dataclasses.replace(
    PLAIN,
    closed=frozenset({datetime.date(2026, 11, 9), datetime.date(2026, 11, 10), datetime.date(2027, 1, 1)}),
)
CALENDARS = st.sampled_from([PLAIN, HOLIDAYS, dataclasses.replace(PLAIN, round_the_clock=True)])


@given(
    st.datetimes(datetime.datetime(2026, 10, 1), datetime.datetime(2027, 4, 1), timezones=st.just(datetime.UTC)),
    st.integers(0, 60 * 24 * 3600), CALENDARS,
)  # fmt: skip
def test_counting_back_is_counting_on_the_other_way_round(end, seconds, calendar):
    moment = clock.before(end, seconds, calendar)

    assert moment <= end
    assert clock.between(moment, end, calendar) == seconds
    assert clock.before(end, seconds + 60, calendar) <= moment
