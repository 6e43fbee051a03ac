"""The calendar that deadlines count in, and the one that waits to be put in force.

Administrators edit holidays, and the environment sets office hours; deadlines count in a `CalendarVersion`, a copy
that never changes. So an edit moves no deadline before somebody saw what it moves, and an old due date can be
checked against the calendar it was computed from.
"""

import datetime
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.utils import timezone

from . import remembered
from .locks import one_at_a_time
from .models import Area, CalendarVersion, Holiday
from .models.calendar import closed_days
from .remembered import for_half_a_minute
from .working_days import Calendar

# Every process knows a new version for certain by the time it comes into force, and all change over at once.
KNOWN_BY_THEN = datetime.timedelta(seconds=2 * remembered.SECONDS)
# Versions a process keeps at hand: the one in force and what was just made.
AT_HAND = 8
# One calendar is made at a time.
LOCK = 1100_0013


def draft() -> CalendarVersion:
    """The calendar as holidays and settings now have it; not saved, not in force."""
    return CalendarVersion(
        opens=settings.OFFICE_OPENS,
        closes=settings.OFFICE_CLOSES,
        closed_saturdays=sorted(settings.CLOSED_SATURDAYS),
        closed_days=closed_days(Holiday.objects.all()),
    )


def in_force(at: datetime.datetime | None = None) -> CalendarVersion:
    """The calendar in force at a moment (now). Where there is none yet, the first is made and counts at once.

    `load_reference` has it made before anyone works: what threads beside remember must be committed by then.
    """
    at, known = at or timezone.now(), _latest()
    if not known:
        return put_in_force()
    return next((version for version in known if version.in_force_from <= at), known[-1])


def first() -> CalendarVersion:
    """The oldest one."""
    return next(iter(later_than(0)), None) or in_force()


def newest() -> CalendarVersion:
    """The last one made, in force or about to be; read afresh."""
    return CalendarVersion.objects.order_by("-pk").first() or put_in_force()


@for_half_a_minute
def _latest() -> tuple[CalendarVersion, ...]:
    return tuple(CalendarVersion.objects.order_by("-pk")[:AT_HAND])


@for_half_a_minute
def version(pk: int) -> CalendarVersion:
    """Raises CalendarVersion.DoesNotExist."""
    return CalendarVersion.objects.get(pk=pk)


@for_half_a_minute
def later_than(pk: int) -> tuple[CalendarVersion, ...]:
    """The versions made after this one, in order."""
    return tuple(CalendarVersion.objects.filter(pk__gt=pk).order_by("pk"))


@for_half_a_minute
def of(version_pk: int, district_id: int | None, round_the_clock: bool = False) -> Calendar:
    """What a version says for one district, or round the clock."""
    return version(version_pk).calendar(district_id, round_the_clock=round_the_clock)


def put_in_force(user=None, shown: str | None = None) -> CalendarVersion:
    """Makes the draft the calendar that counts, a minute from now; returns the newest version, the same if nothing
    differs.

    `shown` is the digest of the draft that `user` looked at: Changed if the draft is another by now. Raises
    ValidationError for a calendar in which no office ever opens.
    """
    with transaction.atomic():
        one_at_a_time(LOCK)
        last, coming = CalendarVersion.objects.order_by("-pk").first(), draft()
        if shown is not None and shown != coming.digest:
            raise Changed
        if last is not None and last.digest == coming.digest:
            return last
        coming.check_workable(timezone.localdate())
        coming.made_at, coming.made_by = timezone.now(), user
        coming.in_force_from = coming.made_at + KNOWN_BY_THEN if last else coming.made_at
        coming.save()
    remembered.forget()
    return coming


class Changed(Exception):
    """Somebody changed a holiday since this draft was shown."""


@dataclass(frozen=True)
class Difference:
    """One day that opens or closes, in a district or (None) in the whole state."""

    day: datetime.date
    district: Area | None
    closes: bool


def differences(old: CalendarVersion, new: CalendarVersion) -> list[Difference]:
    """The days on which two versions differ, in order."""
    districts = {*old.closed_days["districts"], *new.closed_days["districts"]}
    areas = {str(pk): area for pk, area in Area.objects.in_bulk(districts).items()}
    found = []
    for district in (None, *sorted(districts, key=int)):
        before, after = old.own_closed(district), new.own_closed(district)
        found += [Difference(day, areas.get(district), day in after) for day in before ^ after]
    return sorted(found, key=lambda difference: (difference.day, str(difference.district or "")))
