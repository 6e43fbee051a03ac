"""The call-back queue of the 1100 desk: who is to be called for the verdict, and which agent is calling."""

import datetime

from django.db import transaction
from django.db.models import F, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _

from . import access, workflow
from .errors import ChangeRefused
from .models import CallBack, Complaint, State
from .table import NO_REPLY_DAYS

# A claim lapses, so that a task is not lost with an agent who went home.
CLAIM = datetime.timedelta(minutes=30)


class Taken(ChangeRefused):
    """The task is no agent's to claim, or not this agent's to record."""

    def __init__(self):
        super().__init__(_("Someone else has this call now, or it is done. Take the next one."))


def _tasks(user) -> QuerySet[CallBack]:
    """The user's calls that have no verdict yet; nothing for whoever is no agent."""
    rule = access.to_call(user)
    if rule is None:
        return CallBack.objects.none()
    resolved = Complaint.objects.filter(rule, state=State.RESOLVED)
    return CallBack.objects.filter(done_at=None, complaint__in=resolved, round=F("complaint__round"))


def waiting(user) -> QuerySet[CallBack]:
    """What the user may call for today; nothing for whoever is no agent."""
    return _tasks(user).filter(due_on__lte=timezone.localdate())


def unreached(user) -> QuerySet[CallBack]:
    """Whom nobody reaches: the number is wrong, or every call is made and yet the citizen was not asked over two
    channels. Without them being shown, these would stay resolved for ever, because nothing closes them. The longest
    resolved first."""
    return _beyond_reach(user).filter(_free()).order_by("complaint__resolved_at", "id")


def _beyond_reach(user) -> QuerySet[CallBack]:
    ripe = timezone.now() - datetime.timedelta(days=NO_REPLY_DAYS)
    never = Q(last_outcome=CallBack.Outcome.WRONG_NUMBER) | Q(complaint__resolved_at__lte=ripe)
    return _tasks(user).filter(never, due_on=None)


def unclaimed(user) -> QuerySet[CallBack]:
    """What nobody is calling for just now, the longest waiting first."""
    return waiting(user).filter(_free()).order_by("due_on", "id")


def _free() -> Q:
    return Q(claimed_until=None) | Q(claimed_until__lt=timezone.now())


def claimed(user) -> QuerySet[CallBack]:
    """What the user is calling for just now: at most one."""
    return _tasks(user).filter(claimed_by=user, claimed_until__gte=timezone.now())


def claim(user, pk: int) -> None:
    """Gives a task to the agent, who sees the phone number from now on; the log keeps that they do. Another task
    they had goes back. Raises Taken, CallBack.DoesNotExist, or what `workflow.change` raises."""
    task = (waiting(user) | _beyond_reach(user)).select_related("complaint").get(pk=pk)
    with transaction.atomic():
        # The complaint is locked first, as the workflow does, so that nobody waits in a ring.
        workflow.change(task.complaint, "reveal", user=user)
        CallBack.objects.filter(claimed_by=user).exclude(pk=pk).update(claimed_by=None, claimed_until=None)
        free = _tasks(user).filter(_free(), pk=pk)
        if not free.update(claimed_by=user, claimed_until=timezone.now() + CLAIM):
            raise Taken


def record(user, pk: int, outcome: str) -> None:
    """Writes down what the agent's call came to. Raises Taken, or what `workflow.change` raises."""
    task = claimed(user).filter(pk=pk).select_related("complaint").first()
    if task is None:
        raise Taken
    workflow.change(task.complaint, "call", user=user, outcome=outcome)
