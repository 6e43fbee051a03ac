"""A holiday added, removed or moved: deadlines follow once somebody saw what moves, each exactly, each with an event."""

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import InternalError, transaction
from django.test import override_settings
from django.utils import translation
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from departments import calendars, remembered
from departments.models import CalendarVersion, Holiday
from grievance import clock, ladder, log, redating, workflow
from grievance.models import Complaint
from tests.crowd import share
from tests.factories import AreaFactory, CategoryFactory, World, take_next_place_in_log

# A Monday; the 9th and the 23rd are Mondays too, the 14th is the second Saturday.
MONDAY = datetime.datetime(2026, 11, 2, 11, 0, tzinfo=clock.zone())
MINUTE = datetime.timedelta(minutes=1)
DAY = datetime.timedelta(days=1)


@pytest.fixture
def now():
    with time_machine.travel(MONDAY, tick=False) as moment:
        yield moment


def holiday(day: int, district=None) -> Holiday:
    kind = Holiday.Kind.LOCAL if district else Holiday.Kind.GAZETTED
    return Holiday.objects.create(date=datetime.date(2026, 11, day), name_en=f"Feast {day}", kind=kind, district=district)


def put_in_force(now) -> CalendarVersion:
    """As an administrator confirms it, and the minute until it counts."""
    version = calendars.put_in_force()
    now.shift(calendars.KNOWN_BY_THEN)
    return version


def sweep() -> int:
    taken = 0
    while count := redating.redate(limit=7):
        taken += count
    return taken


def redated(complaint) -> list:
    return list(complaint.events.filter(action="redate").order_by("seq"))


def test_a_due_date_is_stored_with_the_calendar_it_was_computed_from(world, now):
    holiday(4)
    complaint = world.assigned()

    version = CalendarVersion.objects.get()
    assert complaint.calendar_version == version
    assert version.closed_days == {"state": ["2026-11-04"], "districts": {}}
    granted = complaint.clock_minutes * 60
    calendar = version.calendar(complaint.district_id)
    assert clock.add(complaint.level_since, granted, calendar) == complaint.due_at


def test_a_saved_holiday_counts_only_once_it_is_put_in_force(world, now):
    before = world.assigned()
    holiday(4)
    remembered.forget()

    assert world.assigned().due_at == before.due_at
    assert sweep() == 0


def test_the_preview_says_how_many_move_and_the_job_moves_exactly_those(world, now):
    moving = [world.assigned(), world.in_progress()]
    asked = world.in_progress()
    workflow.change(asked, "ask", user=world.l1.officer, text="Which ward?")
    elsewhere = AreaFactory(kind="district", parent=world.division)
    staying = world.assigned(area=AreaFactory(parent=elsewhere))
    urgent = world.assigned(category=CategoryFactory(department=world.water, emergency=True))
    holiday(4, district=world.district)

    shown = redating.preview(calendars.draft())
    assert (shown.moving, shown.later, shown.earlier, shown.running) == (2, 2, 0, 4)
    put_in_force(now)
    assert sweep() == 4

    for complaint in moving:
        old = complaint.due_at
        complaint.refresh_from_db()
        [event] = redated(complaint)
        assert complaint.due_at == old + DAY
        kept = [datetime.datetime.fromisoformat(event.data[name]) for name in ("old_due_at", "due_at")]
        assert kept == [old, complaint.due_at]
        assert event.from_state == event.to_state == complaint.state
    for complaint in (asked, staying, urgent):
        assert not redated(complaint)
    assert redating.behind().count() == sweep() == 0
    assert list(log.verify()) == []


def test_what_was_left_of_the_time_is_left_exactly_and_a_removed_holiday_gives_it_back(world, now):
    complaint = world.assigned()
    due = complaint.due_at
    feast = holiday(5)
    put_in_force(now)
    sweep()
    complaint.refresh_from_db()
    assert complaint.due_at == due + DAY
    feast.delete()
    put_in_force(now)
    sweep()
    complaint.refresh_from_db()
    assert complaint.due_at == due
    assert len(redated(complaint)) == 2


def test_it_makes_no_difference_how_late_the_job_comes(world, now):
    """Each deadline moves as of the moment the calendar came into force, also through several calendars."""
    complaint = world.assigned()
    due = complaint.due_at
    today = holiday(2)
    put_in_force(now)  # 11:01: from now on the rest of this day does not count
    now.shift(datetime.timedelta(hours=2))
    today.delete()
    put_in_force(now)  # 13:02: it does again
    now.shift(3 * DAY)
    sweep()

    complaint.refresh_from_db()
    [event] = redated(complaint)
    assert complaint.due_at == due + datetime.timedelta(hours=2, minutes=1)
    assert event.data["calendar"] == complaint.calendar_version_id == calendars.newest().pk


def test_a_clock_started_just_before_a_change_is_found_too(world, now):
    world.assigned()
    holiday(4)
    calendars.put_in_force()
    late = world.assigned()
    assert late.calendar_version == CalendarVersion.objects.earliest("pk")
    now.shift(MINUTE)
    sweep()

    due = late.due_at
    late.refresh_from_db()
    assert late.due_at == due + DAY


def test_a_paused_clock_keeps_its_seconds_whatever_the_calendar_does(world, now):
    complaint = world.in_progress()
    due = complaint.due_at
    now.shift(datetime.timedelta(hours=1, seconds=7))
    complaint = workflow.change(complaint, "ask", user=world.l1.officer, text="Which ward?")
    left = complaint.left_seconds
    assert left == complaint.clock_minutes * 60 - 3607
    holiday(4)
    put_in_force(now)
    now.shift(DAY)
    assert sweep() == 0
    complaint = workflow.change(complaint, "answer", user=world.citizen, text="4")

    assert clock.between(datetime.datetime.now(datetime.UTC), complaint.due_at, clock.calendar_for(complaint)) == left
    # A day and a minute of waiting, and the holiday.
    assert complaint.due_at == due + 2 * DAY + MINUTE


def test_pausing_a_clock_that_is_behind_counts_in_the_calendar_in_force(world, now):
    complaint = world.in_progress()
    holiday(3)
    put_in_force(now)
    now.shift(2 * DAY)

    complaint = workflow.change(complaint, "ask", user=world.l1.officer, text="Which ward?")

    # Since Monday 11:00 one working day and a minute, for Tuesday was a holiday.
    assert complaint.left_seconds == (complaint.clock_minutes - 7 * 60 - 1) * 60


def test_nobody_climbs_by_a_deadline_that_a_holiday_moves(world, now):
    complaint = world.assigned()
    due = complaint.due_at
    now.move_to(due - datetime.timedelta(hours=3))
    Holiday.objects.create(date=due.astimezone(clock.zone()).date(), name_en="Sudden mourning")
    put_in_force(now)
    now.move_to(due + MINUTE)

    ladder.climb_overdue()

    complaint.refresh_from_db()
    assert complaint.level == 1
    assert complaint.due_at > due
    assert len(redated(complaint)) == 1


def test_what_had_run_out_stays_run_out(world, now):
    complaint = world.assigned()
    due = complaint.due_at
    now.move_to(due + MINUTE)
    Holiday.objects.create(date=due.astimezone(clock.zone()).date() + DAY, name_en="Feast")
    put_in_force(now)
    sweep()

    complaint.refresh_from_db()
    assert complaint.due_at == due
    assert not redated(complaint)


def test_other_office_hours_keep_the_working_time_left(world, now):
    complaint = world.assigned()
    left = clock.between(MONDAY, complaint.due_at, clock.calendar_for(complaint))
    with override_settings(OFFICE_OPENS=datetime.time(9), OFFICE_CLOSES=datetime.time(18), CLOSED_SATURDAYS=[2, 4]):
        assert redating.preview(calendars.draft()).earlier == 1
        version = put_in_force(now)
        sweep()
        complaint.refresh_from_db()
        since = clock.between(MONDAY, version.in_force_from, version.calendar(None))
        assert clock.between(version.in_force_from, complaint.due_at, version.calendar(None)) == left - since
        assert complaint.due_at < MONDAY + 8 * DAY


def test_a_deadline_from_before_calendars_had_versions_moves_too(world, now):
    complaint = world.assigned()
    Complaint.objects.update(calendar_version=None)
    holiday(4)
    put_in_force(now)

    assert sweep() == 1
    due = complaint.due_at
    complaint.refresh_from_db()
    assert complaint.due_at == due + DAY


def test_one_that_cannot_be_written_stops_no_other(world, now):
    good, bad = world.assigned(), world.assigned()
    take_next_place_in_log(bad)
    holiday(4)
    put_in_force(now)

    assert sweep() == 1

    assert len(redated(good)) == 1
    assert list(redating.behind()) == [bad]


def test_an_unchanged_calendar_makes_no_version_and_moves_nothing(world, now):
    world.assigned()

    assert calendars.put_in_force() == CalendarVersion.objects.get()
    assert redating.preview(calendars.draft()).moving == sweep() == 0


@pytest.mark.django_db
@settings(max_examples=12, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    changes=st.lists(st.sets(st.integers(2, 30), max_size=4), min_size=1, max_size=3),
    steps=st.lists(st.integers(0, 5 * 24 * 60), min_size=3, max_size=3),
)
def test_through_any_changes_the_time_used_and_left_is_the_time_granted(changes, steps):
    with transaction.atomic(), time_machine.travel(MONDAY, tick=False) as now:
        remembered.forget()
        world = World()
        complaint = world.assigned()
        used, since, calendar = 0, MONDAY, clock.calendar_for(complaint)
        for closed, minutes in zip(changes, steps, strict=False):
            now.shift(datetime.timedelta(minutes=minutes))
            Holiday.objects.all().delete()
            for day in closed:
                holiday(day)
            version = calendars.put_in_force()
            if version.in_force_from > since:
                used += clock.between(since, version.in_force_from, calendar)
                since, calendar = version.in_force_from, version.calendar(None)
            now.shift(calendars.KNOWN_BY_THEN)
            sweep()
        due = complaint.due_at
        complaint.refresh_from_db()
        if used < complaint.clock_minutes * 60:
            assert used + clock.between(since, complaint.due_at, calendar) == complaint.clock_minutes * 60
        assert complaint.due_at >= MONDAY
        assert (complaint.due_at == due) or redated(complaint)
        transaction.set_rollback(True)
    remembered.forget()


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_the_job_without_doing_it_twice():
    with time_machine.travel(MONDAY, tick=False) as now:
        world = World()
        for _number in range(40):
            world.register()
        workflow.route_registered()
        holiday(4)
        put_in_force(now)

        assert share(lambda: redating.redate(limit=5)) == 40

    assert [complaint.events.filter(action="redate").count() for complaint in Complaint.objects.all()] == [1] * 40
    assert list(log.verify()) == []


@pytest.mark.django_db(transaction=True)
def test_a_calendar_version_can_be_neither_changed_nor_deleted(db):
    version = calendars.in_force()
    version.closed_days = {"state": [], "districts": {"1": []}}
    with pytest.raises(InternalError, match="Cannot update"), transaction.atomic():
        version.save()
    with pytest.raises(InternalError, match="Cannot"), transaction.atomic():
        version.delete()


@pytest.mark.parametrize(("language", "reason"), [("en", "no office would open"), ("hi", "कोई दफ़्तर नहीं खुलेगा")])
def test_a_calendar_in_which_no_office_opens_is_refused(world, language, reason):
    with time_machine.travel(MONDAY, tick=False), translation.override(language):
        days = [MONDAY.date() + datetime.timedelta(days=offset) for offset in range(1, 401)]
        local = {"name_en": "Closed", "district": world.district, "kind": "local"}
        Holiday.objects.bulk_create([Holiday(date=day, **local) for day in days[:-1]])
        last = Holiday(date=days[-1], name_en="And closed")
        with pytest.raises(ValidationError, match=reason):
            last.full_clean()
        last.date = days[-1] + datetime.timedelta(days=3)
        last.full_clean()
        Holiday.objects.create(date=days[-1], name_en="And closed")
        with pytest.raises(ValidationError, match=reason):
            calendars.put_in_force()
        assert not CalendarVersion.objects.exists()
