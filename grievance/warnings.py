"""Warnings before the time runs out: at 50% and 80% of a level's time, each exactly once.

The moment of the next one is stored with the complaint (`warn_at`, set where its clock is), so the sweep finds
what is due by an index. The officer's message is made by the reader of the log.
"""

from django.utils import timezone

from . import access, workflow
from .desks import Desks
from .models import RUNNING_STATES, Complaint
from .table import TABLE

BATCH = 200


def warn_due(limit: int = BATCH) -> int:
    """Warns of a batch of complaints; returns how many. What is overdue already climbs instead."""
    now = timezone.now()
    due = Complaint.objects.filter(warn_at__lte=now, due_at__gt=now, state__in=RUNNING_STATES)
    return workflow.sweep(due.defer("text", "fields").order_by("warn_at", "id")[:limit], _warned)


def _warned(complaint: Complaint, _desks: Desks) -> list[workflow.Step]:
    return [workflow.decide(complaint, TABLE["warn"], access.Actor.system(), {})]
