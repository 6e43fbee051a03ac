"""When the calendar changes, open deadlines move: first as a preview, then, once it is in force, one event each.

The work is found by query: running complaints whose due date was computed from another calendar than the one in
force. So it goes on where it stopped, whoever does it. A clock that stands still holds the seconds left and needs
nothing.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from departments import calendars
from departments.models import CalendarVersion
from departments.working_days import Calendar

from . import access, clock, workflow
from .desks import Desks
from .models import RUNNING_STATES, Complaint
from .table import TABLE

BATCH = 500


def behind():
    """Running complaints whose deadline counts in a calendar that is not in force any more."""
    return Complaint.objects.filter(_older() | _OLDEST, state__in=RUNNING_STATES)


def _older() -> Q:
    return Q(calendar_version__lt=calendars.in_force().pk)


# From before calendars had versions.
_OLDEST = Q(calendar_version=None)


def redate(limit: int = BATCH) -> int:
    """Lets a batch of deadlines that are behind catch up; returns how many complaints it took."""
    running = Complaint.objects.filter(state__in=RUNNING_STATES).defer("text", "fields")
    # One after the other: each walks its index from one end and stops at the batch's size.
    return workflow.sweep(running.filter(_older()).order_by("calendar_version")[:limit], steps) or workflow.sweep(
        running.filter(_OLDEST).order_by()[:limit], steps
    )


def steps(complaint: Complaint, _desks: Desks) -> list[workflow.Step]:
    """An event where the due date moves; where it does not, only the calendar it is checked against is noted."""
    if not clock.is_behind(complaint):
        return []
    due_at, version = complaint.due_at, complaint.calendar_version_id
    if not clock.catch_up(complaint):
        return [workflow.Step(complaint, None, frozenset({"calendar_version_id"}))]
    complaint.due_at, complaint.calendar_version_id = due_at, version
    return [workflow.decide(complaint, TABLE["redate"], access.Actor.system(), {})]


@dataclass(frozen=True)
class Preview:
    """How many running deadlines a calendar would move, out of how many."""

    running: int
    later: int
    earlier: int

    @property
    def moving(self) -> int:
        return self.later + self.earlier


def preview(coming: CalendarVersion, now: datetime.datetime | None = None) -> Preview:
    """What would move if this calendar came into force now. Reads every running deadline, a row at a time."""
    now, later, earlier = now or timezone.now(), 0, 0
    running = Complaint.objects.filter(state__in=RUNNING_STATES)
    counted = running.filter(due_at__gt=now, category__emergency=False).order_by()
    counted = counted.values_list("calendar_version_id", "district_id", "due_at").iterator(chunk_size=5000)
    changes: dict[tuple, _Change] = {}
    for version, district, due_at in counted:
        key = (version or calendars.first().pk, district)
        if key not in changes:
            changes[key] = _Change.between(calendars.of(*key), coming.calendar(district))
        moved = changes[key].moved(due_at, now)
        later, earlier = later + (moved > due_at), earlier + (moved < due_at)
    return Preview(running.count(), later, earlier)


@dataclass(frozen=True)
class _Change:
    """From one calendar to another; `days` are those on which they differ, None where all do."""

    old: Calendar
    new: Calendar
    days: tuple[datetime.date, ...] | None

    @classmethod
    def between(cls, old: Calendar, new: Calendar) -> "_Change":
        same_hours = all(
            getattr(old, name) == getattr(new, name) for name in ("opens", "closes", "closed_saturdays")
        )
        return cls(old, new, tuple(old.closed ^ new.closed) if same_hours else None)

    def moved(self, due_at: datetime.datetime, now: datetime.datetime) -> datetime.datetime:
        """The due date in the new calendar. Where no day until then differs there is nothing to count."""
        if self.days is not None:
            first, last = timezone.localdate(now), timezone.localdate(due_at)
            if not any(first <= day <= last for day in self.days):
                return due_at
        return clock.carried_over(due_at, now, self.old, self.new)
