"""What is to happen: when complaints are filed, and how each of them is to end.

Pure choice by a dice with a seed: the same seed and span give the same plan.
"""

import datetime
import random
from dataclasses import dataclass, fields
from enum import StrEnum
from zoneinfo import ZoneInfo

from django.conf import settings

# When people file: Monday to Sunday, January to December (snow and dry springs bring more, harvest less), and by hour.
OF_WEEKDAYS = (1.15, 1.1, 1.05, 1.0, 1.0, 0.8, 0.55)
OF_MONTHS = (1.1, 1.0, 0.95, 1.05, 1.2, 1.25, 1.3, 1.2, 1.0, 0.85, 0.85, 1.0)
OF_HOURS = (1, 0.5, 0.3, 0.2, 0.3, 0.8, 2, 4, 7, 10, 13, 13, 11, 9, 8, 8, 9, 10, 10, 9, 8, 6, 4, 2)
# Of what is left open at the end so much was only just filed; the rest lies somewhere and is not done.
JUST_FILED = 0.7


class Fate(StrEnum):
    """How a complaint is to end."""

    SATISFIED = "satisfied"
    REJECTED = "rejected"
    WITHDRAWN = "withdrawn"
    DUPLICATE = "duplicate"
    BY_ORDER = "by_order"
    SILENT = "silent"
    OPEN = "open"


@dataclass(frozen=True)
class Shares:
    """Shares of all registered. Whatever is disposed of in none of the named ways: the citizen says nothing."""

    disposed: float = 0.98
    satisfied: float = 0.70
    rejected: float = 0.05
    withdrawn: float = 0.02
    duplicate: float = 0.02
    by_order: float = 0.005

    def check(self) -> None:
        """Raises ValueError, with a sentence, where the shares make no whole."""
        if wrong := [field.name for field in fields(self) if not 0 <= getattr(self, field.name) <= 1]:
            raise ValueError(f"A share is a number from 0 to 1: {', '.join(wrong)}.")
        if sum(self.counts(10_000).values()) > round(self.disposed * 10_000):
            raise ValueError("The outcomes are together more than what is disposed of.")

    def counts(self, total: int) -> dict[Fate, int]:
        """How many of `total` end in each of the named ways."""
        named = (Fate.SATISFIED, Fate.REJECTED, Fate.WITHDRAWN, Fate.DUPLICATE, Fate.BY_ORDER)
        return {fate: round(getattr(self, fate) * total) for fate in named}


def moments(dice: random.Random, start: datetime.datetime, end: datetime.datetime, count: int) -> list:
    """When the complaints are filed, in order: more on Mondays, in the monsoon, in the forenoon."""
    zone = ZoneInfo(settings.TIME_ZONE)
    first = start.astimezone(zone).date()
    days = [first + datetime.timedelta(days=n) for n in range((end - start).days + 1)]
    weights = [OF_WEEKDAYS[day.weekday()] * OF_MONTHS[day.month - 1] for day in days]
    found = []
    while len(found) < count:
        day = dice.choices(days, weights)[0]
        hour = dice.choices(range(24), OF_HOURS)[0]
        time = datetime.time(hour, dice.randrange(60), dice.randrange(60), tzinfo=zone)
        moment = datetime.datetime.combine(day, time).astimezone(datetime.UTC)
        if start <= moment < end:
            found.append(moment)
    return sorted(found)


def fates(dice: random.Random, count: int, shares: Shares) -> list[Fate]:
    """How each complaint ends, in the order they are filed: what is still open is mostly what came last."""
    ends = [fate for fate, n in shares.counts(count).items() for _one in range(n)]
    left_open = count - round(shares.disposed * count)
    ends += [Fate.SILENT] * (count - left_open - len(ends))
    dice.shuffle(ends)
    just_filed = round(left_open * JUST_FILED)
    for _one in range(left_open - just_filed):
        ends.insert(dice.randrange(len(ends) + 1), Fate.OPEN)
    return ends[: count - just_filed] + [Fate.OPEN] * just_filed
