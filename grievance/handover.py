"""When people change: open complaints whose officer no longer holds the post go to the successor, or by routing.

A posting that ended, an account that was shut out, a post that is not in use any more: the work is found by query,
each complaint with its own event. The clock runs on: a change of hands buys no time.
"""

from django.db.models import Exists, OuterRef

from departments.models import Posting

from . import access, routing, workflow
from .desks import OPEN_WORK, Desks
from .models import Complaint
from .table import TABLE

BATCH = 200


def orphaned():
    """Open complaints whose assignee does not hold the post today."""
    own = Complaint.objects.filter(OPEN_WORK, assignee=OuterRef("pk"))
    lapsed = Posting.objects.exclude(pk__in=Posting.objects.staffed().values("pk")).filter(Exists(own))
    return Complaint.objects.filter(OPEN_WORK, assignee__in=list(lapsed.values_list("pk", flat=True)))


def hand_over(desks: Desks | None = None, limit: int = BATCH) -> int:
    """Hands a batch over, the longest due first; returns how many it took. A sweep shares its `desks`."""
    rows = orphaned().order_by("due_at", "id")[:limit]
    return workflow.sweep(rows.select_related("assignee__post", "assignee__officer"), _steps, desks)


def _steps(complaint: Complaint, desks: Desks) -> list[workflow.Step]:
    decision = routing.successor(complaint, desks)
    return [workflow.decide(complaint, TABLE["hand_over"], access.Actor.system(), {"decision": decision})]
