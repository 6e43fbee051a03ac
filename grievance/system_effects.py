"""What the portal itself does to complaints when the world around them changes: the calendar, or who holds a post.

Effects as in `grievance.effects`, which takes them into its table.
"""

from django.utils.translation import gettext as _

from . import clock, routing
from .errors import Invalid
from .models import State


def to_triage(complaint, now) -> None:
    """Nobody can have it: people at the triage desk decide, and no officer's time runs."""
    complaint.state, complaint.assignee = State.REGISTERED, None
    clock.stop(complaint)
    clock.start_triage(complaint, now)


def redate(complaint, actor, data, now) -> dict:
    """The calendar changed: the due date moves so that the working time left stays what it was."""
    before = complaint.due_at
    if not clock.catch_up(complaint):
        raise Invalid(due_at=_("The calendar in force does not move this deadline."))
    return {
        "old_due_at": before.isoformat(),
        "due_at": complaint.due_at.isoformat(),
        "calendar": complaint.calendar_version_id,
    }


def hand_over(complaint, actor, data, now) -> dict:
    """Who had it holds the post no more: it goes to the successor or by routing, in its state and with its clock,
    because a change of hands buys no time."""
    holder = complaint.assignee
    if holder is None or holder.is_staffed():
        raise Invalid(assignee=_("Its officer still holds the post."))
    decision = data.get("decision") or routing.successor(complaint)
    complaint.why = decision.why
    if decision.posting is not None:
        complaint.assignee, complaint.assigned_at, complaint.level = decision.posting, now, decision.level
    elif complaint.state == State.RESOLVED:
        # The citizen's verdict still decides; a bad one looks for an officer anew.
        complaint.assignee = None
    else:
        to_triage(complaint, now)
    return {
        "from": holder.pk,
        "to": complaint.assignee_id,
        "level": complaint.level,
        "due_at": complaint.due_at.isoformat() if complaint.due_at else None,
        "why": decision.why,
    }
