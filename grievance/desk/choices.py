"""What an officer chooses from: colleagues, departments, reasons, replies, complaints to join with."""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from departments.bilingual import in_language
from departments.models import CannedReply, Category, Department, Posting, Reason, Role
from departments.suggestions import suggest
from grievance import access, desks
from grievance.models import Complaint, State

MOST_COLLEAGUES = 40
MOST_DEPARTMENTS = 12
MOST_ALIKE = 8
ALIKE_DAYS = 30
# The canned replies' action for an action of the table, where the names differ.
REPLIES_FOR = {"propose_reject": "reject"}


@dataclass(frozen=True)
class Colleague:
    """A posting a complaint may be given to, and how much lies on that desk."""

    posting: Posting
    open_work: int

    @property
    def officer_name(self) -> str:
        return in_language(self.posting.officer.name, self.posting.officer.name_hi)


def colleagues(complaint: Complaint, query: str = "") -> list[Colleague]:
    """Officers of the same department and level over the place, then over its district; with a query, those
    of that name or post anywhere. The nearest first, then who has the least open work."""
    post = {"role": Role.OFFICER, "department": complaint.department_id, "is_active": True}
    post["line"] = complaint.line if complaint.confidential else ""
    post["level" if complaint.assignee_id else "level__gte"] = (
        complaint.level if complaint.assignee_id else complaint.min_level
    )
    found = Posting.objects.current().filter(
        _near(complaint) if not query else _named(query),
        officer__is_active=True,
        **{f"post__{name}": value for name, value in post.items()},
    )
    found = found.exclude(pk=complaint.assignee_id).exclude(officer=complaint.about_officer_id)
    postings = list(
        found.select_related("post__area", "officer").order_by("-post__area__depth", "post__level", "id")[:200]
    )
    load = desks.open_work([posting.pk for posting in postings])
    place = complaint.area.path_ids()
    postings.sort(key=lambda p: (-p.post.area.depth if p.post.area_id in place else 1, p.post.level, load.get(p.pk, 0)))
    return [Colleague(posting, load.get(posting.pk, 0)) for posting in postings[:MOST_COLLEAGUES]]


def _near(complaint: Complaint) -> Q:
    over = Q(post__area__in=complaint.area.path_ids())
    return over | Q(post__area__path__startswith=complaint.district.path) if complaint.district_id else over


def _named(query: str) -> Q:
    named = Q(officer__name__icontains=query) | Q(officer__name_hi__icontains=query)
    titled = Q(post__title_en__icontains=query) | Q(post__title_hi__icontains=query)
    return named | titled | Q(post__area__name_en__icontains=query) | Q(post__area__name_hi__icontains=query)


def departments_named(query: str) -> list[Department]:
    """Departments whose name or short name, in either language, holds these letters, the shortest name first; then
    those whose matters the words may mean."""
    query = query.strip()[:100]
    if not query:
        return []
    named = Q(code=query)
    for name in ("name_en", "name_hi", "short_en", "short_hi"):
        named |= Q(**{f"{name}__icontains": query})
    found = sorted(Department.objects.filter(named, is_active=True)[:50], key=lambda department: len(department.name))
    meant = [category.department for category in suggest(query) if category.department.is_active]
    return list(dict.fromkeys([*found, *meant]))[:MOST_DEPARTMENTS]


def categories_of(department: Department, complaint: Complaint):
    """What a complaint may be about in another department."""
    return Category.objects.filter(department=department, is_active=True, confidential=complaint.confidential)


def reasons(kind: str):
    """The reasons of a list."""
    return Reason.objects.filter(kind=kind, is_active=True)


def replies(complaint: Complaint, action: str):
    """Texts to start from: the department's and those for all."""
    mine = Q(department=complaint.department_id) | Q(department=None)
    return CannedReply.objects.filter(mine, action=REPLIES_FOR.get(action, action), is_active=True)


def alike(user, complaint: Complaint) -> list[Complaint]:
    """Open complaints about the same at the same place within 30 days, which this one may be joined with."""
    if complaint.confidential:
        return []
    since = complaint.registered_at - datetime.timedelta(days=ALIKE_DAYS)
    until = min(complaint.registered_at + datetime.timedelta(days=ALIKE_DAYS), timezone.now())
    found = access.visible_to(user).filter(
        category=complaint.category_id,
        area=complaint.area_id,
        department=complaint.department_id,
        registered_at__range=(since, until),
        merged_into=None,
    )
    found = found.exclude(state=State.CLOSED).exclude(pk=complaint.pk).select_related("area", "category")
    return list(found.order_by("id")[:MOST_ALIKE])
