"""How many complaints there are, how each ends and when it was filed. Pure: the same figures give the same plan.

Every batch can be planned by itself, and the batches together come out exactly as asked for.
"""

import datetime
import random
from bisect import bisect_right
from dataclasses import dataclass
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.conf import settings

from simulation.plan import JUST_FILED, OF_HOURS, OF_MONTHS, OF_WEEKDAYS

BATCH = 2000
# A line that grows: in its last year this much more is filed than in its first.
GROWTH = 1.6
# Of those filed last, this share is still open.
OPEN_OF_THE_LAST = 0.5


@dataclass(frozen=True)
class Plan:
    """What is wanted. `moment` is now, `ends` the midnight before it."""

    complaints: int
    disposed: int
    satisfied: int
    seed: int
    begins: datetime.datetime
    ends: datetime.datetime
    moment: datetime.datetime

    def check(self) -> None:
        """Raises ValueError, with a sentence, where the figures cannot be."""
        if not 1 <= self.complaints <= 50_000_000:
            raise ValueError("Ask for one complaint at least, and at most five crore.")
        if not 0 <= self.satisfied <= self.disposed <= self.complaints:
            raise ValueError("No more can be satisfied than disposed of, and no more disposed of than there are.")
        if not self.begins < self.ends <= self.moment:
            raise ValueError("The years must end before now.")

    @property
    def batches(self) -> int:
        return -(-self.complaints // BATCH)

    def batch(self, number: int) -> tuple[range, random.Random]:
        """The complaints of a batch, by their place in the whole, and its dice."""
        first = number * BATCH
        dice = random.Random(f"{self.seed}/{number}")  # noqa: S311 - the same dice must fall the same again
        return range(first, min(first + BATCH, self.complaints)), dice

    def fates(self, places: range, dice: random.Random) -> list[str]:
        """How each of these ends: open, satisfied, or disposed of in another way."""
        disposed = self._disposed_before(places.stop) - self._disposed_before(places.start)
        satisfied = self._satisfied_before(places.stop) - self._satisfied_before(places.start)
        fates = ["satisfied"] * satisfied + ["other"] * (disposed - satisfied)
        fates += ["open"] * (len(places) - len(fates))
        dice.shuffle(fates)
        return fates

    def _disposed_before(self, place: int) -> int:
        return place - self._open_before(place)

    def _open_before(self, place: int) -> int:
        """How many of the first ones are still open. Most of what is open was only just filed, the rest lies about."""
        still_open = self.complaints - self.disposed
        late = round(still_open * JUST_FILED)
        window = round(late / OPEN_OF_THE_LAST)
        if window > self.complaints:
            return place * still_open // self.complaints
        early = place * (still_open - late) // self.complaints
        in_window = max(0, place - (self.complaints - window))
        return early + (in_window * late // window if window else 0)

    def _satisfied_before(self, place: int) -> int:
        return self._disposed_before(place) * self.satisfied // self.disposed if self.disposed else 0

    def filed(self, places: range, dice: random.Random) -> list[float]:
        """When each of these was filed, in order, in seconds since 1970."""
        starts, sums = _hours(self.begins, self.ends)
        found = []
        for place in places:
            wanted = (place + dice.random()) / self.complaints * sums[-1]
            hour = min(bisect_right(sums, wanted), len(starts) - 1)
            before = sums[hour - 1] if hour else 0
            found.append(int(starts[hour] + 3599 * (wanted - before) / (sums[hour] - before)))
        return found


_known: dict[tuple, tuple[list[float], list[float]]] = {}


def _hours(begins: datetime.datetime, ends: datetime.datetime) -> tuple[list[float], list[float]]:
    """Each hour's start and the sum of what is filed up to its end: seasons, weekdays and hours have their weights."""
    if (begins, ends) not in _known:
        zone, hours = ZoneInfo(settings.TIME_ZONE), int((ends - begins).total_seconds() // 3600)
        starts, weights = [], []
        for number in range(hours):
            start = (begins + datetime.timedelta(hours=number)).astimezone(zone)
            grown = 1 + (GROWTH - 1) * number / hours
            weights.append(OF_MONTHS[start.month - 1] * OF_WEEKDAYS[start.weekday()] * OF_HOURS[start.hour] * grown)
            starts.append(start.timestamp())
        _known[begins, ends] = starts, list(accumulate(weights))
    return _known[begins, ends]
