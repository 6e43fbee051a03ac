"""Where in the search's index a user's complaints are. Only narrows: what may be shown, `access` says."""

from dataclasses import dataclass

from departments.models import Posting, Role

from . import access


@dataclass(frozen=True)
class Scope:
    """A part of all complaints, in what an index can hold: each value given narrows it; with none it is everything."""

    department: int | None = None
    area: int | None = None
    line: str = ""
    citizen: int | None = None
    registered_by: int | None = None
    posting: int | None = None


def scopes_of(user) -> list[Scope]:
    """Parts that together hold whatever `visible_to(user)` holds, and more: where to look, not what to show."""
    if user.kind == user.Kind.CITIZEN:
        return [Scope(citizen=user.pk)]
    if user.kind == user.Kind.CLIENT:
        return [Scope(registered_by=user.pk)]
    away = Posting.objects.filter(pk__in=access.stands_in_for(user)).select_related("post__area")
    acting = [*access.postings_of(user), *away]
    found = [Scope(posting=posting.pk) for posting in acting]
    for posting in acting:
        post, department, area, clerk = posting.post, None, None, None
        if post.role in (Role.NODAL, Role.OFFICER):
            department = post.department_id
        if post.role == Role.DISTRICT or (post.role == Role.OFFICER and post.area.depth):
            area = post.area_id
        if post.role == Role.AGENT:
            clerk = user.pk
        found.append(Scope(department=department, area=area, line=post.line, registered_by=clerk))
    return found
