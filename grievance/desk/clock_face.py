"""The clock as an officer reads it: a bar and words, in working time."""

from dataclasses import dataclass

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from departments.working_days import Calendar
from grievance import clock
from grievance.models import State
from grievance.words import ist_date, ist_time

LOW_SHARE = 0.75
HOUR = 3600


@dataclass(frozen=True)
class Face:
    """`tone` is late, soon, calm, paused or off; `used` the part of the granted time that is gone, 0–100."""

    tone: str
    words: str
    used: int = 0
    exact: str = ""


def face(complaint, now=None) -> Face:
    """What the clock of a complaint shows now."""
    now = now or timezone.now()
    if complaint.due_at is None:
        return _standing(complaint, now)
    exact = _("Due %(time)s") % {"time": ist_time(complaint.due_at)}
    if complaint.due_at < now:
        return Face("late", _late(now - complaint.due_at), 100, exact)
    calendar = clock.calendar_for(complaint)
    left = clock.between(now, complaint.due_at, calendar)
    used = _used(left, complaint.clock_minutes)
    tone = "soon" if used >= LOW_SHARE * 100 else "calm"
    return Face(tone, _left(left, calendar), used, exact)


def _used(left: float, granted_minutes: int) -> int:
    granted = max(granted_minutes * 60, 1)
    return round(100 * min(max(1 - left / granted, 0), 1))


def _standing(complaint, now) -> Face:
    if complaint.state == State.AWAITING_CITIZEN:
        left = complaint.left_seconds or 0
        words = _left(left, clock.calendar_for(complaint)) if left > 0 else _("no time left")
        return Face("paused", _("Paused, %(left)s") % {"left": words}, _used(left, complaint.clock_minutes))
    if complaint.state == State.RESOLVED:
        return Face("off", _("Resolved %(date)s") % {"date": ist_date(complaint.resolved_at)})
    if complaint.state == State.CLOSED:
        return Face("off", _("Closed %(date)s") % {"date": ist_date(complaint.closed_at)})
    if complaint.in_triage:
        return _in_triage(complaint, now)
    return Face("off", _("On its way to the officer"))


def _in_triage(complaint, now) -> Face:
    """The triage desk's own clock: one working day."""
    due = complaint.triage_due_at
    if due is None or due >= now:
        return Face("off", _("In triage since %(date)s") % {"date": ist_date(complaint.triage_since)})
    exact = _("Due %(time)s") % {"time": ist_time(due)}
    return Face("late", _("In triage, %(late)s") % {"late": _late(now - due)}, 100, exact)


def _left(seconds: float, calendar: Calendar) -> str:
    day = calendar.day_minutes * 60
    if seconds >= day:
        days = int(seconds // day)
        if calendar.round_the_clock:
            return ngettext("%(count)s day left", "%(count)s days left", days) % {"count": days}
        return ngettext("%(count)s working day left", "%(count)s working days left", days) % {"count": days}
    if seconds >= HOUR:
        hours = int(seconds // HOUR)
        return ngettext("%(count)s hour left", "%(count)s hours left", hours) % {"count": hours}
    minutes = max(int(seconds // 60), 1)
    return ngettext("%(count)s minute left", "%(count)s minutes left", minutes) % {"count": minutes}


def _late(elapsed) -> str:
    """Lateness as the calendar on the wall counts it: in whole days, else in hours or minutes."""
    if elapsed.days:
        return ngettext("%(count)s day late", "%(count)s days late", elapsed.days) % {"count": elapsed.days}
    hours = elapsed.seconds // HOUR
    if hours:
        return ngettext("%(count)s hour late", "%(count)s hours late", hours) % {"count": hours}
    minutes = max(elapsed.seconds // 60, 1)
    return ngettext("%(count)s minute late", "%(count)s minutes late", minutes) % {"count": minutes}
