"""Confidential complaints that wait where nobody can see them: their line has no officer for them and no desk.

Only the line's own posts may see such a complaint, so no other desk can help it on. An administrator is told for which
lines somebody must be posted, never of a complaint; as soon as there is somebody, the complaint goes there.
"""

from django.db.models import Exists, Max, OuterRef, Q, QuerySet

from departments.models import Category, Posting, Role

from . import access, routing, workflow
from .desks import Desks
from .models import Complaint, State
from .table import TABLE

BATCH = 100


def waiting() -> QuerySet[Complaint]:
    """Those in triage that neither a triage desk nor a nodal officer of their own line can give to anybody."""
    desks = Posting.objects.staffed().filter(
        Q(post__role=Role.TRIAGE) | Q(post__role=Role.NODAL, post__department=OuterRef("department")),
        post__line=OuterRef("line"),
    )
    waits = Complaint.objects.filter(confidential=True, state=State.REGISTERED, triage_since__isnull=False)
    return waits.filter(~Exists(desks))


def lines() -> list[str]:
    """The partner lines that take confidential matters and have no officer for them, in words."""
    officers = Posting.objects.staffed().filter(
        post__role=Role.OFFICER, post__line=OuterRef("line"), post__department=OuterRef("department")
    )
    matters = Category.objects.filter(~Exists(officers), confidential=True, is_active=True)
    codes = matters.order_by("line").values_list("line", flat=True).distinct()
    return [str(Category.Line(code).label) if code else "–" for code in codes]


def route() -> int:
    """Sends those to whom somebody was posted meanwhile to their officers; returns how many."""
    ids = list(waiting().order_by("triage_since", "id").values_list("pk", flat=True))
    before = len(ids)
    for begin in range(0, before, BATCH):
        workflow.sweep(waiting().filter(pk__in=ids[begin : begin + BATCH]), _step_if_there_is_somebody)
    return before - waiting().filter(pk__in=ids).count() if ids else 0


def _step_if_there_is_somebody(complaint: Complaint, desks: Desks) -> list[workflow.Step]:
    # What climbed to where nobody was goes on from there: it passes no level twice in a round.
    passed = complaint.escalations.filter(round=complaint.round).aggregate(highest=Max("level"))["highest"] or 0
    level = min(max(complaint.level, passed + 1), routing.TOP_LEVEL)
    decision = routing.choose(complaint, level, desks)
    if decision.posting is None:
        return []
    return [workflow.decide(complaint, TABLE["route"], access.Actor.system(), {"decision": decision})]
