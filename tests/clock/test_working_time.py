"""Working time: the arithmetic of deadlines, on any calendar, at any moment."""

import datetime

import pytest
from hypothesis import assume, example, given, settings
from hypothesis import strategies as st

from departments.working_days import Calendar, is_closed_too_long
from grievance import clock

IST = clock.zone()
SECOND = datetime.timedelta(seconds=1)
TEN, FIVE = datetime.time(10), datetime.time(17)
DAY = 7 * 3600

days = st.dates(datetime.date(2023, 12, 1), datetime.date(2028, 6, 30))
moments = st.datetimes(
    datetime.datetime(2023, 12, 1), datetime.datetime(2028, 6, 30), timezones=st.just(datetime.UTC)
)
spans = st.integers(0, 60 * DAY)
hours = st.sampled_from([(TEN, FIVE), (datetime.time(9, 30), datetime.time(17, 30)), (datetime.time(0), datetime.time(23, 59))])
calendars = st.builds(
    lambda hours, saturdays, closed, round_the_clock: Calendar(*hours, saturdays, closed, round_the_clock),
    hours, st.frozensets(st.integers(1, 5)), st.frozensets(days, max_size=60), st.booleans(),
)  # fmt: skip
office = st.builds(lambda closed: Calendar(TEN, FIVE, frozenset({2}), closed), st.frozensets(days, max_size=60))


def at(text: str) -> datetime.datetime:
    return datetime.datetime.fromisoformat(text).replace(tzinfo=IST)


def days_of(*texts: str) -> Calendar:
    return Calendar(TEN, FIVE, frozenset({2}), frozenset(map(datetime.date.fromisoformat, texts)))


@given(moments, spans, calendars)
def test_a_deadline_is_never_before_its_start(start, seconds, calendar):
    assert clock.add(start, seconds, calendar) >= start


@given(moments, spans, spans, calendars)
def test_more_time_is_never_due_earlier(start, one, other, calendar):
    less, more = sorted((one, other))
    assert clock.add(start, less, calendar) <= clock.add(start, more, calendar)


@given(moments, moments, spans, calendars)
def test_a_later_start_is_never_due_earlier(one, other, seconds, calendar):
    first, last = sorted((one, other))
    assert clock.add(first, seconds, calendar) <= clock.add(last, seconds, calendar)


@given(moments, spans, calendars)
def test_the_time_until_the_deadline_is_the_time_granted(start, seconds, calendar):
    assert clock.between(start, clock.add(start, seconds, calendar), calendar) == seconds


@given(moments, moments, moments, calendars)
def test_time_adds_up_and_counts_backwards(one, two, three, calendar):
    parts = clock.between(one, two, calendar) + clock.between(two, three, calendar)
    assert parts == pytest.approx(clock.between(one, three, calendar), abs=1e-3)
    assert clock.between(one, two, calendar) == -clock.between(two, one, calendar)


@given(moments, st.integers(1, 60 * DAY), moments, moments, calendars)
def test_pausing_and_resuming_is_neutral_to_the_second(start, seconds, paused, resumed, calendar):
    due = clock.add(start, seconds, calendar)
    paused, resumed = max(paused, start), max(resumed, paused, start)
    assume(paused < due)
    left = round(clock.between(paused, due, calendar))
    due_again = clock.add(resumed, left, calendar)

    used = clock.between(start, paused, calendar) + clock.between(resumed, due_again, calendar)
    assert abs(used - seconds) < 1
    if resumed == paused:
        assert abs(clock.between(due, due_again, calendar)) < 1


@given(moments, spans, office)
def test_a_deadline_lies_in_office_hours(start, seconds, calendar):
    assume(seconds > 0)
    due = clock.add(start, seconds, calendar).astimezone(IST)
    assert calendar.is_working_day(due.date())
    assert TEN < due.time() <= FIVE


@given(moments, st.integers(1, 60 * DAY), moments, calendars)
def test_the_same_calendar_moves_nothing(start, seconds, since, calendar):
    due = clock.add(start, seconds, calendar)
    assert clock.carried_over(due, max(since, start), calendar, calendar) == due


@given(moments, st.integers(1, 60 * DAY), moments, calendars, calendars)
def test_what_is_left_when_the_calendar_changes_is_left_still(start, seconds, since, old, new):
    due, since = clock.add(start, seconds, old), max(since, start)
    moved = clock.carried_over(due, since, old, new)
    if since >= due:
        assert moved == due
    else:
        assert clock.between(since, moved, new) == clock.between(since, due, old)
        assert moved >= since


@given(moments, st.integers(1, 60 * DAY), days, office)
def test_a_new_holiday_never_makes_a_deadline_earlier(start, seconds, holiday, old):
    new = Calendar(old.opens, old.closes, old.closed_saturdays, old.closed | {holiday})
    due = clock.add(start, seconds, old)
    moved = clock.carried_over(due, start, old, new)
    assert moved >= due
    within = clock.between(*(datetime.datetime.combine(holiday, hour, tzinfo=IST) for hour in (TEN, FIVE)), old) > 0
    if not (within and start.astimezone(IST).date() <= holiday <= due.astimezone(IST).date()):
        assert moved == due


@given(moments, spans, st.floats(1, 3600), office)
def test_a_clock_stepped_back_gives_no_negative_time_and_loses_none(start, seconds, step, calendar):
    due = clock.add(start, seconds, calendar)
    earlier = start - datetime.timedelta(seconds=step)
    assert clock.between(earlier, due, calendar) >= seconds
    assert clock.add(earlier, seconds, calendar) <= due


@pytest.mark.parametrize(
    ("start", "granted_days", "due", "holidays"),
    [
        # Filed at 23:59: the day is over, the next working day counts whole.
        ("2026-11-25 23:59", 1, "2026-11-26 17:00", ()),
        ("2026-11-25 09:59:59", 1, "2026-11-25 17:00", ()),
        ("2026-11-25 16:59:59", 1, "2026-11-26 16:59:59", ()),
        # A chain of holidays over a weekend, Dussehra on Tuesday: from Friday afternoon to Wednesday.
        ("2026-10-16 16:00", 1, "2026-10-21 16:00", ("2026-10-17", "2026-10-19", "2026-10-20")),
        # Filed on a holiday itself.
        ("2026-10-20 12:00", 1, "2026-10-21 17:00", ("2026-10-20",)),
        # The second Saturday is closed, the others are open.
        ("2026-11-13 10:00", 2, "2026-11-16 17:00", ()),
        ("2026-11-20 10:00", 2, "2026-11-21 17:00", ()),
        # The last day of the financial year, with the banks' holiday after it.
        ("2026-03-31 16:00", 1, "2026-04-02 16:00", ("2026-04-01",)),
        ("2026-03-31 23:59", 7, "2026-04-09 17:00", ("2026-04-03",)),
        # Across years, New Year a holiday.
        ("2026-12-31 12:00", 1, "2027-01-02 12:00", ("2027-01-01",)),
        ("2026-12-30 10:00", 7, "2027-01-06 17:00", ()),
        # The leap day is a day like others: a Thursday.
        ("2024-02-28 12:00", 1, "2024-02-29 12:00", ()),
        ("2024-02-28 17:00", 2, "2024-03-01 17:00", ()),
    ],
)
def test_deadlines_people_can_check_by_hand(start, granted_days, due, holidays):
    assert clock.add(at(start), granted_days * DAY, days_of(*holidays)) == at(due)


def test_an_emergency_runs_round_the_clock():
    calendar = Calendar(TEN, FIVE, frozenset({2}), frozenset({datetime.date(2026, 11, 26)}), round_the_clock=True)
    assert clock.add(at("2026-11-25 23:59"), 3600, calendar) == at("2026-11-26 00:59")


def test_business_dates_are_those_of_the_state_not_of_greenwich():
    """18:31 UTC is already the next day in the state, a Sunday."""
    start = datetime.datetime(2026, 11, 28, 18, 31, tzinfo=datetime.UTC)
    assert clock.add(start, 60, days_of()) == at("2026-11-30 10:01")


@settings(max_examples=30)
@given(days, st.integers(250, 460))
# The closure ends on a Saturday, and a Sunday makes it too long; a working day comes before one that is just not.
@example(datetime.date(2025, 2, 8), 399)
@example(datetime.date(2025, 2, 7), 399)
@example(datetime.date(2025, 2, 9), 399)
def test_a_calendar_that_counts_deadlines_is_never_closed_too_long(start, length):
    closed = frozenset(start + datetime.timedelta(days=offset) for offset in range(length))
    calendar = Calendar(TEN, FIVE, frozenset({2}), closed)
    begins = datetime.datetime.combine(start, TEN, tzinfo=IST)
    if is_closed_too_long(calendar, start):
        with pytest.raises(ValueError, match="no working day"):
            clock.add(begins, DAY, calendar)
    else:
        assert clock.add(begins, DAY, calendar) > begins


def test_one_day_less_than_too_long_is_counted_over_in_both_directions():
    """An office opens on a Monday, then on no day of 399, and again on a Tuesday."""
    monday = datetime.date(2025, 2, 10)
    tuesday = monday + datetime.timedelta(days=400)
    closed = frozenset(monday + datetime.timedelta(days=offset) for offset in range(1, 400))
    calendar = Calendar(TEN, FIVE, frozenset({2}), closed)
    assert not is_closed_too_long(calendar, monday)
    begins = datetime.datetime.combine(monday, TEN, tzinfo=IST)
    ends = datetime.datetime.combine(tuesday, FIVE, tzinfo=IST)
    assert clock.add(begins, 2 * DAY, calendar) == ends
    assert clock.before(ends, 2 * DAY, calendar) == begins
