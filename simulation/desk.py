"""The 1100 desk: its agents call citizens who have not judged a result. Nobody answers: who means to judge does it
by themselves."""

from contextlib import suppress

from django.utils import timezone

from departments.models import Role
from grievance import workflow
from grievance.errors import ChangeRefused
from grievance.models import CallBack, State

from .people import People


def call_back(people: People) -> None:
    """Does today's calls."""
    agent = people.desk(Role.AGENT)
    due = CallBack.objects.filter(done_at=None, due_on__lte=timezone.localdate(), complaint__state=State.RESOLVED)
    for task in due.select_related("complaint").order_by("pk") if agent else ():
        with suppress(ChangeRefused):
            workflow.change(task.complaint, "call", user=agent, channel="phone", outcome=CallBack.Outcome.NOT_REACHED)
