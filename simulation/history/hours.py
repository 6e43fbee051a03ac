"""Working time of one calendar over many years, quicker than `grievance.clock` and equal to it.

The clock walks from day to day, which is right for one deadline; here are millions.
"""

import datetime
from bisect import bisect_right

from departments.working_days import Calendar

ONE_DAY = datetime.timedelta(days=1)


class Hours:
    """`add` and `between` as in `grievance.clock`, in seconds since 1970, between two dates."""

    def __init__(self, calendar: Calendar, first: datetime.date, last: datetime.date, zone: datetime.tzinfo):
        self.round_the_clock = calendar.round_the_clock
        self.day = calendar.day_minutes * 60
        days = (first + ONE_DAY * number for number in range((last - first).days + 1))
        self.opens = [
            int(datetime.datetime.combine(day, calendar.opens, tzinfo=zone).timestamp())
            for day in days
            if calendar.is_working_day(day)
        ]
        self.closes = [opens + self.day for opens in self.opens]

    def add(self, start: float, seconds: float) -> float:
        """The moment when so many working seconds after `start` have passed."""
        if self.round_the_clock:
            return start + seconds
        number = bisect_right(self.closes, start)
        done = max(0, start - self.opens[number])
        days, rest = divmod(done + seconds, self.day)
        if rest == 0 and days:
            days, rest = days - 1, self.day
        return self.opens[number + int(days)] + rest

    def between(self, start: float, end: float) -> float:
        """Working seconds from `start` to a later `end`."""
        return end - start if self.round_the_clock else self._until(end) - self._until(start)

    def _until(self, moment: float) -> float:
        number = bisect_right(self.closes, moment)
        return number * self.day + max(0, moment - self.opens[number])
