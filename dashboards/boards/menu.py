"""The boards a user has, for the bar and for the boards themselves. The first is theirs before all others."""

from collections.abc import Iterator

from django.urls import reverse
from django.utils.translation import gettext as _

from departments import remembered
from departments.models import Role
from grievance import access


def boards_of(user) -> Iterator[tuple[str, str]]:
    """(label, address) of each board; those that need a look at the districts come last."""
    seen = access.figures_of(user)
    if not seen:
        return
    posts = [posting.post for posting in access.postings_of(user) if not posting.post.line]
    if seen.state:
        yield _("Chief Minister's board"), reverse("boards")
        yield _("Departments"), reverse("boards_departments")
        yield _("Districts"), reverse("boards_districts")
    for post in posts:
        if post.role == Role.NODAL:
            yield post.department.short, reverse("board_department", args=[post.department.code])
        if post.role == Role.DISTRICT:
            yield post.area.name, reverse("board_district", args=[post.area.code])
    for pk in sorted(seen.postings):
        yield _("My scorecard"), reverse("board_officer", args=[pk])
    for post in seen.offices:
        within = seen.districts_of(post.department_id, remembered.districts())
        if within is None or within:
            yield post.department.short, reverse("board_department", args=[post.department.code])
    if seen.call_desk:
        yield _("The 1100 desk"), reverse("boards_desk")
