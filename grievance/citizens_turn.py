"""When it is the citizen's turn and they say nothing: reminders, call-backs, and in the end the portal goes on.

Every sweep finds its work by a query, takes it in batches that several workers share, and what it does makes
the query's condition false, so each step is taken once. What must be shown before a complaint is closed, the
effects check themselves (`grievance.turn_effects`).
"""

import datetime

from django.db.models import F, Q
from django.utils import timezone

from . import access, turn_effects, workflow
from .desks import Desks
from .errors import Invalid
from .models import CallBack, Complaint, State
from .table import CITIZEN_ANSWER_DAYS, LAPSE_DAYS, NO_REPLY_DAYS, OBJECTION_DAYS, TABLE

BATCH = 100


def run_on_unanswered(limit: int = BATCH) -> int:
    """Lets the work go on where a question had no answer for seven days; returns how many it took."""
    since = timezone.now() - datetime.timedelta(days=CITIZEN_ANSWER_DAYS)
    unanswered = Complaint.objects.filter(state=State.AWAITING_CITIZEN, paused_at__lte=since)
    return workflow.sweep(unanswered.order_by("paused_at", "id")[:limit], _step("run_on"))


def remind_of_verdict(limit: int = BATCH) -> int:
    """Reminds citizens to judge the result, on day 3 and day 7; returns how many it took."""
    due = Complaint.objects.filter(state=State.RESOLVED, remind_at__lte=timezone.now())
    return workflow.sweep(due.order_by("remind_at", "id")[:limit], _step("remind"))


def close_without_reply() -> int:
    """Closes what was resolved 15 days ago and whose citizens were asked often enough; returns how many."""
    # Without a call there are never three days of attempts, so only what was called is looked at.
    called = CallBack.objects.filter(attempts__gt=0, done_at=None).values_list("complaint_id", flat=True)
    since = timezone.now() - datetime.timedelta(days=NO_REPLY_DAYS)
    ripe = Complaint.objects.filter(state=State.RESOLVED, resolved_at__lte=since)
    return _settle_each(list(called), ripe, "no_reply", _were_asked_enough)


def close_by_order() -> int:
    """Special closings that nobody objected to take effect; returns how many."""
    ripe = Complaint.objects.filter(close_after__lte=timezone.now())
    return _settle_each(list(ripe.values_list("pk", flat=True)), ripe, "special_close", lambda complaints: complaints)


def let_orders_lapse() -> int:
    """Special closings of which the citizen could not be told within seven days lapse; returns how many."""
    since = timezone.now() - datetime.timedelta(days=LAPSE_DAYS - OBJECTION_DAYS)
    ripe = Complaint.objects.filter(close_after__lte=since)
    return _settle_each(list(ripe.values_list("pk", flat=True)), ripe, "lapse", lambda complaints: complaints)


def _were_asked_enough(complaints: list[Complaint]) -> list[Complaint]:
    attempts = turn_effects.attempts_of(complaints)
    return [complaint for complaint in complaints if turn_effects.are_enough(attempts[complaint.pk])]


def _settle_each(ids: list[int], ripe, action: str, ready) -> int:
    """Takes the action on those of the complaints that are ripe and ready. Each is looked at once, because what is not
    ready yet stays among them: there are few of these, the desk's calls and the orders of the last days."""
    closed = 0
    for begin in range(0, len(ids), BATCH):
        looked_at = list(ripe.filter(pk__in=ids[begin : begin + BATCH]).defer("text", "fields"))
        chosen = ripe.filter(pk__in=[complaint.pk for complaint in ready(looked_at)])
        closed += workflow.sweep(chosen, _step_if_it_may_be(action))
    return closed


def _step(action: str):
    def steps(complaint: Complaint, _desks: Desks) -> list[workflow.Step]:
        return [workflow.decide(complaint, TABLE[action], access.Actor.system(), {})]

    return steps


def _step_if_it_may_be(action: str):
    """The effect has the last word: what it refuses stays as it is and is looked at again."""
    step = _step(action)

    def steps(complaint: Complaint, desks: Desks) -> list[workflow.Step]:
        try:
            return step(complaint, desks)
        except Invalid:
            return []

    return steps


def put_away_call_backs() -> int:
    """Marks the tasks of the desk whose complaints have their verdict or moved on; returns how many."""
    over = ~Q(complaint__state=State.RESOLVED) | ~Q(complaint__round=F("round"))
    return CallBack.objects.filter(over, done_at=None).update(done_at=timezone.now())
