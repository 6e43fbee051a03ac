"""The clock: deadlines in working time of the state's calendar. Pure arithmetic over `Calendar`.

Working time runs 10:00–17:00 on working days (not Sundays, second Saturdays, gazetted or the
district's local holidays); emergencies run round the clock. All dates are business dates in the
state's zone.
"""

import datetime
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from django.conf import settings
from django.utils import timezone

from departments.models import DeadlinePolicy, Holiday
from departments.remembered import for_half_a_minute

OPENS, CLOSES = datetime.time(10), datetime.time(17)
DAY_MINUTES = 7 * 60
DEFAULT_MINUTES = 7 * DAY_MINUTES
DEFAULT_EMERGENCY_MINUTES = 24 * 60
LONGEST_CLOSURE_DAYS = 400
# The assignee is warned when this much of the level's time is used, in percent.
WARNINGS = (50, 80)


@dataclass(frozen=True)
class Calendar:
    """The closed days of one district; `round_the_clock` for emergencies."""

    closed: frozenset[datetime.date] = field(default_factory=frozenset)
    round_the_clock: bool = False

    def is_working_day(self, day: datetime.date) -> bool:
        """Not a Sunday, not the second Saturday, not a holiday."""
        second_saturday = day.weekday() == 5 and 8 <= day.day <= 14
        return day.weekday() != 6 and not second_saturday and day not in self.closed


def zone() -> ZoneInfo:
    return ZoneInfo(settings.TIME_ZONE)


def _hours(day: datetime.date) -> tuple[datetime.datetime, datetime.datetime]:
    return (
        datetime.datetime.combine(day, OPENS, tzinfo=zone()),
        datetime.datetime.combine(day, CLOSES, tzinfo=zone()),
    )


def add(start: datetime.datetime, seconds: float, calendar: Calendar) -> datetime.datetime:
    """The moment when `seconds` of working time after `start` have passed.

    Never before `start`. Raises ValueError when the calendar has no working day within 400 days.
    """
    if calendar.round_the_clock:
        return start + datetime.timedelta(seconds=seconds)
    now = start.astimezone(zone())
    left = datetime.timedelta(seconds=seconds)
    day, idle = now.date(), 0
    while idle < LONGEST_CLOSURE_DAYS:
        if calendar.is_working_day(day):
            idle = 0
            opens, closes = _hours(day)
            begins = max(opens, now)
            if begins < closes:
                if left <= closes - begins:
                    return begins + left
                left -= closes - begins
        idle += 1
        day += datetime.timedelta(days=1)
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
            opens, closes = _hours(day)
            ends = min(closes, end)
            if opens < ends:
                if left <= ends - opens:
                    return ends - left
                left -= ends - opens
        idle += 1
        day -= datetime.timedelta(days=1)
    raise ValueError("the calendar has no working day")


def between(start: datetime.datetime, end: datetime.datetime, calendar: Calendar) -> float:
    """Working seconds from `start` to `end`; negative when `end` comes first."""
    if end < start:
        return -between(end, start, calendar)
    if calendar.round_the_clock:
        return (end - start).total_seconds()
    start, end = start.astimezone(zone()), end.astimezone(zone())
    total, day = datetime.timedelta(), start.date()
    while day <= end.date():
        if calendar.is_working_day(day):
            opens, closes = _hours(day)
            total += max(min(closes, end) - max(opens, start), datetime.timedelta())
        day += datetime.timedelta(days=1)
    return total.total_seconds()


def calendar_for(complaint) -> Calendar:
    """The calendar a complaint's deadlines count in: its district's, or round the clock."""
    return Calendar(_closed_days(complaint.district_id), complaint.category.emergency)


@for_half_a_minute
def _closed_days(district_id: int | None) -> frozenset[datetime.date]:
    days = Holiday.objects.exclude(kind=Holiday.Kind.RESTRICTED).values_list("date", "district_id")
    return frozenset(date for date, local in days if local in (None, district_id))


def is_working_day(day: datetime.date, district_id: int | None = None) -> bool:
    """Whether the offices of the state (or of one district) are open on a day."""
    return Calendar(_closed_days(district_id)).is_working_day(day)


def minutes_for(category, department_id: int, level: int) -> int:
    """Working minutes granted at a level: the category's policy, else the department's, else the state's."""
    policies = _policies()
    for key in ((category.pk, None, level), (None, department_id, level), (None, None, level)):
        if key in policies and not (category.emergency and key[0] is None):
            return policies[key]
    return DEFAULT_EMERGENCY_MINUTES if category.emergency else DEFAULT_MINUTES


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
    complaint.due_at = add(now, complaint.clock_minutes * 60, calendar_for(complaint))


def pause(complaint, now: datetime.datetime) -> None:
    """Stops the clock and keeps the working seconds left (negative when it had run out)."""
    complaint.left_seconds = round(between(now, complaint.due_at, calendar_for(complaint)))
    complaint.paused_at, complaint.due_at = now, None


def resume(complaint, now: datetime.datetime) -> None:
    """Runs on with exactly the working time that was left; what had run out stays run out."""
    left = complaint.left_seconds or 0
    complaint.due_at = add(now, left, calendar_for(complaint)) if left > 0 else now
    complaint.left_seconds = complaint.paused_at = None


def stop(complaint) -> None:
    """The officers' time counts no more: resolved, closed, or waiting in triage."""
    complaint.due_at = complaint.left_seconds = complaint.paused_at = None


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
    complaint.triage_since, complaint.triage_due_at = now, add(now, DAY_MINUTES * 60, calendar_for(complaint))


def is_overdue(complaint, now: datetime.datetime | None = None) -> bool:
    """Whether the time of this level ran out."""
    return complaint.due_at is not None and complaint.due_at < (now or timezone.now())
