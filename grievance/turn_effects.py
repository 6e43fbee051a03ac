"""What the portal and the 1100 desk do about a turn that nobody takes: warning the officer, running on without an
answer, reminding of the verdict, calling back; and what must be shown before a complaint is closed over
the citizen's head. Effects of the table's rows, as in `grievance.effects`.
"""

import datetime
from collections import defaultdict
from collections.abc import Collection
from dataclasses import dataclass

from django.conf import settings
from django.db.models import F
from django.utils import timezone
from django.utils.module_loading import import_string
from django.utils.translation import gettext as _

from . import clock
from .errors import Invalid
from .models import CallBack, Complaint, Event, Proposal
from .table import (
    CITIZEN_ANSWER_DAYS,
    LAPSE_DAYS,
    NO_REPLY_ATTEMPTS,
    NO_REPLY_CHANNELS,
    NO_REPLY_DAYS,
    OBJECTION_DAYS,
    REMINDER_DAYS,
)

PHONE = "call"
MOST_CALLS = 3


def warn(complaint, actor, data, now) -> dict:
    """Says how much of the time is used; of several warnings that are due only the last is given."""
    passed = [share for share in clock.WARNINGS if share > complaint.warned and _is_used(complaint, share, now)]
    if not passed:
        raise Invalid(warn_at=_("There is no reason to warn yet."))
    complaint.warned = passed[-1]
    # Whom it is for: until the message is made the complaint may have climbed.
    return {"used": complaint.warned, "due_at": complaint.due_at.isoformat(), "to": complaint.assignee_id}


def _is_used(complaint, share: int, now) -> bool:
    left = clock.between(now, complaint.due_at, clock.calendar_for(complaint))
    return left <= complaint.clock_minutes * 60 * (100 - share) / 100


def run_on(complaint, actor, data, now) -> dict:
    """The clock runs on from the moment the citizen's days were over: a sweep that comes late gives nobody more."""
    over = complaint.paused_at + datetime.timedelta(days=CITIZEN_ANSWER_DAYS)
    if now < over:
        raise Invalid(paused_at=_("The citizen still has time to answer."))
    clock.resume(complaint, over)
    return {"due_at": complaint.due_at.isoformat(), "to": complaint.assignee_id}


def remind(complaint, actor, data, now) -> dict:
    """Reminds of the verdict; after the last reminder the desk gets the task to call."""
    if complaint.remind_at is None or now < complaint.remind_at:
        raise Invalid(remind_at=_("It is not time to remind yet."))
    days = (now - complaint.resolved_at).days
    later = next((day for day in REMINDER_DAYS if day > days), None)
    if later is None:
        complaint.remind_at = None
        tomorrow = timezone.localdate(now) + datetime.timedelta(days=1)
        CallBack.objects.get_or_create(
            complaint=complaint, round=complaint.round, defaults={"due_on": tomorrow}
        )
    else:
        complaint.remind_at = complaint.resolved_at + datetime.timedelta(days=later)
    return {"day": max(day for day in REMINDER_DAYS if day <= days)}


def call(complaint, actor, data, now) -> dict:
    """Keeps what a call came to, and when to call again: another day, until the attempts are enough."""
    outcome = data["outcome"]
    if outcome not in CallBack.Outcome.values:
        raise Invalid(outcome=_("There is no such choice."))
    task, _new = CallBack.objects.get_or_create(complaint=complaint, round=complaint.round)
    task.attempts, task.last_outcome, task.last_at = task.attempts + 1, outcome, now
    task.claimed_by = task.claimed_until = None
    attempts = [*attempts_of([complaint])[complaint.pk], Attempt(timezone.localdate(now), PHONE)]
    call_again = outcome != CallBack.Outcome.WRONG_NUMBER and task.attempts < MOST_CALLS and not are_enough(attempts)
    task.due_on = timezone.localdate(now) + datetime.timedelta(days=1) if call_again else None
    task.save()
    return {"call": str(outcome)}


@dataclass(frozen=True, order=True)
class Attempt:
    """One attempt to get the citizen's verdict: on a business date, by sms, email or call."""

    on: datetime.date
    by: str


def attempts_of(complaints: Collection[Complaint]) -> dict[int, list[Attempt]]:
    """The attempts since each complaint's resolution. A reminder counts on each channel on which it was sent,
    a call whatever it came to; the message about the resolution itself is not counted."""
    events = Event.objects.filter(
        complaint__in=complaints, action__in=("remind", "call"), at__gte=F("complaint__resolved_at")
    ).values_list("pk", "complaint_id", "action", "at")
    found, reminders = defaultdict(list), {}
    for pk, complaint, action, at in events:
        if action == "call":
            found[complaint].append(Attempt(timezone.localdate(at), PHONE))
        else:
            reminders[pk] = complaint
    for pk, channel, sent_at in sent_messages(reminders):
        found[reminders[pk]].append(Attempt(timezone.localdate(sent_at), channel))
    return found


def are_enough(attempts: Collection[Attempt]) -> bool:
    """Three attempts on three days over two channels."""
    days, channels = {attempt.on for attempt in attempts}, {attempt.by for attempt in attempts}
    return len(days) >= NO_REPLY_ATTEMPTS and len(channels) >= NO_REPLY_CHANNELS


def checked_attempts(complaint, now) -> list:
    """The attempts that allow closing without a reply, for the event to keep. Raises Invalid."""
    if now < complaint.resolved_at + datetime.timedelta(days=NO_REPLY_DAYS):
        raise Invalid(resolved_at=_("The citizen still has time to answer."))
    attempts = attempts_of([complaint])[complaint.pk]
    if not are_enough(attempts):
        raise Invalid(attempts=_("The citizen was not asked often enough: three days, two channels."))
    return [[attempt.on.isoformat(), attempt.by] for attempt in sorted(attempts)]


def check_notice_was_sent(complaint, now) -> None:
    """Nothing is closed by order before the citizen could have read of it three days ago. Raises Invalid."""
    sent = [sent_at for _event, _channel, sent_at in sent_messages(_notice(complaint))]
    if not sent or now < min(sent) + datetime.timedelta(days=OBJECTION_DAYS):
        raise Invalid(close_after=_("The citizen still has time to object."))


def lapse(complaint, actor, data, now) -> dict:
    """An order of which the citizen could not be told within seven days has no effect, and whoever proposed it is told
    so. While the notice still waits to be sent, so does the order."""
    over = complaint.close_after and complaint.close_after + datetime.timedelta(days=LAPSE_DAYS - OBJECTION_DAYS)
    if not over or now < over:
        raise Invalid(close_after=_("The citizen may still be told of it."))
    notice = _notice(complaint)
    if sent_messages(notice) or import_string(settings.MESSAGES_TO_COME)(list(notice)):
        raise Invalid(close_after=_("The citizen was told of it, or may still be."))
    complaint.close_after = None
    orders = complaint.proposals.filter(kind=Proposal.Kind.SPECIAL_CLOSE, decision=Proposal.Decision.APPROVED)
    orders.update(decision=Proposal.Decision.LAPSED)
    proposed = complaint.events.filter(action="propose_special_close").order_by("-seq")
    return {"proposer": proposed.values_list("actor_posting", flat=True).first()}


def _notice(complaint):
    """The event that the citizen's notice of an order tells of."""
    return complaint.events.filter(action="approve_special_close").order_by("-seq").values_list("pk", flat=True)[:1]


def sent_messages(event_ids: Collection[int]) -> list[tuple]:
    """(event, channel, when) of each message to the citizen that these events called for and that was sent.

    The channels lie above the complaint: they are reached by a name in the settings alone.
    """
    return import_string(settings.SENT_MESSAGES)(list(event_ids)) if event_ids else []
