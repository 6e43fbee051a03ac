"""The ladder: what is not done in time climbs a level, exactly once a level and round, up to the top.

The sweep finds overdue complaints by their stored due date. Several workers share it: each takes a batch that
no other holds. After an outage every level whose time ran out is passed, each with its own event.
"""

from django.utils import timezone

from . import access, clock, redating, routing, workflow
from .desks import Desks
from .models import RUNNING_STATES, Complaint
from .table import TABLE

BATCH = 500


def climb_overdue(desks: Desks | None = None, limit: int = BATCH) -> int:
    """Lets a batch of overdue complaints climb, the longest overdue first; returns how many it took.

    A sweep of many batches shares its `desks`, so that each department is read once.
    """
    overdue = Complaint.objects.filter(state__in=RUNNING_STATES, breached_at=None, due_at__lt=timezone.now())
    return workflow.sweep(overdue.order_by("due_at", "id")[:limit], _steps, desks)


def _steps(complaint: Complaint, desks: Desks) -> list[workflow.Step]:
    """One step for each level whose time ran out; at the top the complaint is breached and stays."""
    # A deadline that a new holiday moves must not climb by the old one.
    steps, now = redating.steps(complaint, desks), timezone.now()
    while complaint.breached_at is None and clock.is_overdue(complaint, now):
        if complaint.level == routing.TOP_LEVEL:
            steps.append(workflow.decide(complaint, TABLE["breach"], access.Actor.system(), {}))
        else:
            decision = routing.choose(complaint, complaint.level + 1, desks)
            steps.append(workflow.decide(complaint, TABLE["escalate"], access.Actor.system(), {"decision": decision}))
    return steps
