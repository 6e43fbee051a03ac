"""Which days offices are open, and from when to when. Pure: no database, no complaint."""

import datetime
from dataclasses import dataclass, field

# A calendar that is closed this long counts no deadline, so none is put in force.
LONGEST_CLOSURE_DAYS = 400
SUNDAY, SATURDAY = 6, 5
# A closure that long needs so many holidays at least: all other days of it are weekends.
FEWEST_HOLIDAYS_OF_A_LONG_CLOSURE = LONGEST_CLOSURE_DAYS * 5 // 7 - 2


@dataclass(frozen=True)
class Calendar:
    """Office hours and closed days of one district; `round_the_clock` for emergencies.

    `closed_saturdays` names them by their place in the month: {2} is the second one.
    """

    opens: datetime.time
    closes: datetime.time
    closed_saturdays: frozenset[int] = field(default_factory=frozenset)
    closed: frozenset[datetime.date] = field(default_factory=frozenset)
    round_the_clock: bool = False

    def is_working_day(self, day: datetime.date) -> bool:
        """Not a Sunday, not a Saturday on which offices are closed, not a holiday."""
        weekday = day.weekday()
        if weekday == SUNDAY or (weekday == SATURDAY and (day.day + 6) // 7 in self.closed_saturdays):
            return False
        return day not in self.closed

    @property
    def day_minutes(self) -> int:
        """How long a day of work is: office hours, or all of it."""
        return 24 * 60 if self.round_the_clock else minutes_between(self.opens, self.closes)


def minutes_between(opens: datetime.time, closes: datetime.time) -> int:
    """Minutes of an office day."""
    return (closes.hour - opens.hour) * 60 + closes.minute - opens.minute


def is_closed_too_long(calendar: Calendar, start: datetime.date) -> bool:
    """Whether, from `start` on, no office opens for LONGEST_CLOSURE_DAYS days together."""
    coming = [day for day in calendar.closed if day >= start]
    if len(coming) < FEWEST_HOLIDAYS_OF_A_LONG_CLOSURE:
        return False
    day, last, together = start, max(coming), 0
    # A Sunday after the last holiday belongs to the closure.
    while (day <= last or together) and together < LONGEST_CLOSURE_DAYS:
        together = 0 if calendar.is_working_day(day) else together + 1
        day += datetime.timedelta(days=1)
    return together >= LONGEST_CLOSURE_DAYS
