"""The clock: deadlines in working time of the state's calendar.

The arithmetic (`add`, `between`, `carried_over`) is pure. All dates are business dates in the state's zone. Each due
date is stored with the version of the calendar it was computed from; time that runs is counted in that version,
and what starts, or starts again, in the one in force.
"""

import datetime
from functools import cache
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from departments import calendars
from departments.models import DeadlinePolicy
from departments.remembered import for_half_a_minute
from departments.working_days import LONGEST_CLOSURE_DAYS, Calendar

ONE_DAY = datetime.timedelta(days=1)
DEFAULT_DAYS = 7
DEFAULT_EMERGENCY_MINUTES = 24 * 60
# The assignee is warned when this much of the level's time is used, in percent.
WARNINGS = (50, 80)


@cache
def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _hours(day: datetime.date, calendar: Calendar) -> tuple[datetime.datetime, datetime.datetime]:
    return (
        datetime.datetime.combine(day, calendar.opens, tzinfo=zone()),
        datetime.datetime.combine(day, calendar.closes, tzinfo=zone()),
    )


def add(start: datetime.datetime, seconds: float, calendar: Calendar) -> datetime.datetime:
    """The moment when `seconds` of working time after `start` have passed.

    Never before `start`. Raises ValueError when the calendar has no working day within 400 days.
    """
    if calendar.round_the_clock:
        return start + datetime.timedelta(seconds=seconds)
    now = start.astimezone(zone())
    left, whole = datetime.timedelta(seconds=seconds), _whole_day(calendar)
    day, idle = now.date(), 0
    while idle < LONGEST_CLOSURE_DAYS:
        if calendar.is_working_day(day):
            idle = 0
            if day == now.date() or left <= whole:
                opens, closes = _hours(day, calendar)
                begins = max(opens, now)
                if begins < closes:
                    if left <= closes - begins:
                        return begins + left
                    left -= closes - begins
            else:
                left -= whole
        else:
            idle += 1
        day += ONE_DAY
    raise ValueError("the calendar has no working day")


def before(end: datetime.datetime, seconds: float, calendar: Calendar) -> datetime.datetime:
    """The moment from which `seconds` of working time are left until `end`: `add` the other way round.

    Never after `end`. Raises ValueError when the calendar has no working day within 400 days.
    """
    if calendar.round_the_clock:
        return end - datetime.timedelta(seconds=seconds)
    end = end.astimezone(zone())
    left = datetime.timedelta(seconds=seconds)
    day, idle = end.date(), 0
    while idle < LONGEST_CLOSURE_DAYS:
        if calendar.is_working_day(day):
            idle = 0
            opens, closes = _hours(day, calendar)
            ends = min(closes, end)
            if opens < ends:
                if left <= ends - opens:
                    return ends - left
                left -= ends - opens
        else:
            idle += 1
        day -= ONE_DAY
    raise ValueError("the calendar has no working day")


def between(start: datetime.datetime, end: datetime.datetime, calendar: Calendar) -> float:
    """Working seconds from `start` to `end`; negative when `end` comes first."""
    if end < start:
        return -between(end, start, calendar)
    if calendar.round_the_clock:
        return (end - start).total_seconds()
    start, end = start.astimezone(zone()), end.astimezone(zone())
    total, whole, day, last = datetime.timedelta(), _whole_day(calendar), start.date(), end.date()
    while day <= last:
        if calendar.is_working_day(day):
            if start.date() < day < last:
                total += whole
            else:
                opens, closes = _hours(day, calendar)
                total += max(min(closes, end) - max(opens, start), datetime.timedelta())
        day += ONE_DAY
    return total.total_seconds()


def _whole_day(calendar: Calendar) -> datetime.timedelta:
    return datetime.timedelta(minutes=calendar.day_minutes)


def carried_over(
    due_at: datetime.datetime, since: datetime.datetime, old: Calendar, new: Calendar
) -> datetime.datetime:
    """When what the old calendar left at `since` has passed in the new one; what had run out by then stays so."""
    left = between(since, due_at, old)
    return add(since, left, new) if left > 0 else due_at


def calendar_for(complaint) -> Calendar:
    """The calendar a complaint's deadline counts in: its district's, or round the clock."""
    return _calendar(complaint, _version_of(complaint))


def _calendar(complaint, version_pk: int) -> Calendar:
    return calendars.of(version_pk, complaint.district_id, complaint.category.emergency)


def _version_of(complaint) -> int:
    # Due dates from before calendars had versions were computed from what became the first.
    return complaint.calendar_version_id or calendars.first().pk


def is_working_day(day: datetime.date, district_id: int | None = None) -> bool:
    """Whether the offices of the state (or of one district) are open on a day."""
    return calendars.of(calendars.in_force().pk, district_id).is_working_day(day)


def minutes_for(category, department_id: int, level: int) -> int:
    """Working minutes granted at a level: the category's policy, else the department's, else the state's."""
    policies = _policies()
    for key in ((category.pk, None, level), (None, department_id, level), (None, None, level)):
        if key in policies and not (category.emergency and key[0] is None):
            return policies[key]
    return DEFAULT_EMERGENCY_MINUTES if category.emergency else DEFAULT_DAYS * calendars.in_force().day_minutes


@for_half_a_minute
def _policies() -> dict[tuple, int]:
    rows = DeadlinePolicy.objects.values_list("category_id", "department_id", "level", "minutes")
    return {(category, department, level): minutes for category, department, level, minutes in rows}


def start(complaint, now: datetime.datetime) -> None:
    """Starts the clock of the complaint's present level."""
    complaint.clock_minutes = minutes_for(complaint.category, complaint.department_id, complaint.level)
    complaint.level_since = now
    complaint.left_seconds = complaint.paused_at = None
    complaint.warned = 0
    _run(complaint, now, complaint.clock_minutes * 60)


def _run(complaint, now: datetime.datetime, seconds: float) -> None:
    complaint.calendar_version_id = calendars.in_force().pk
    complaint.due_at = add(now, seconds, calendar_for(complaint))


def pause(complaint, now: datetime.datetime) -> None:
    """Stops the clock and keeps the working seconds left (negative when it had run out)."""
    catch_up(complaint)
    complaint.left_seconds = round(between(now, complaint.due_at, calendar_for(complaint)))
    complaint.paused_at, complaint.due_at = now, None


def resume(complaint, now: datetime.datetime) -> None:
    """Runs on with exactly the working time that was left; what had run out stays run out."""
    left = complaint.left_seconds or 0
    _run(complaint, now, max(left, 0))
    if left <= 0:
        complaint.due_at = now
    complaint.left_seconds = complaint.paused_at = None


def is_behind(complaint) -> bool:
    """Whether the clock runs in a calendar that is not in force any more."""
    return complaint.due_at is not None and (complaint.calendar_version_id or 0) < calendars.in_force().pk


def catch_up(complaint) -> bool:
    """Lets a clock that is behind run in the calendar in force, with exactly the working time that was left when each
    change came into force. Returns whether the due date moved."""
    if not is_behind(complaint):
        return False
    before, old, current = complaint.due_at, calendar_for(complaint), calendars.in_force().pk
    for version in calendars.later_than(_version_of(complaint)):
        if version.pk <= current:
            new = _calendar(complaint, version.pk)
            since = max(version.in_force_from, complaint.level_since or version.in_force_from)
            complaint.due_at = carried_over(complaint.due_at, since, old, new)
            old = new
    complaint.calendar_version_id = current
    return complaint.due_at != before


def stop(complaint) -> None:
    """The officers' time counts no more: resolved, closed, or waiting in triage."""
    complaint.due_at = complaint.left_seconds = complaint.paused_at = None


def running(complaint) -> dict:
    """The running clock's values, to be kept across a change of hands; empty while it stands still."""
    names = ("due_at", "level_since", "clock_minutes", "calendar_version_id", "warned") if complaint.due_at else ()
    return {name: getattr(complaint, name) for name in names}


def set_warning(complaint) -> None:
    """Says when the next warning goes: it follows from the due date, so whatever moves that moves this too."""
    share = next((share for share in WARNINGS if share > complaint.warned), None)
    if share is None or complaint.due_at is None or complaint.breached_at:
        complaint.warn_at = None
        return
    left = complaint.clock_minutes * 60 * (100 - share) / 100
    complaint.warn_at = before(complaint.due_at, left, calendar_for(complaint))


def start_triage(complaint, now: datetime.datetime) -> None:
    """The triage desk has one working day of its own; it is no officer's time."""
    complaint.calendar_version_id = calendars.in_force().pk
    calendar = calendar_for(complaint)
    complaint.triage_since, complaint.triage_due_at = now, add(now, calendar.day_minutes * 60, calendar)


def is_overdue(complaint, now: datetime.datetime | None = None) -> bool:
    """Whether the time of this level ran out."""
    return complaint.due_at is not None and complaint.due_at < (now or timezone.now())
