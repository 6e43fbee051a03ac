"""What a board is narrowed to, by what it is about and by where its reader may see it: of pages and of the API."""

from django.http import Http404

from departments import remembered
from grievance import access

from .asking import Asked


def where_of(seen: access.SeenFigures, department_id: int) -> list | None:
    """The districts in which a department's figures may be seen (None: everywhere). Raises Http404 for nowhere."""
    within = seen.districts_of(department_id, remembered.districts())
    if within is not None and not within:
        raise Http404
    return None if within is None else [district for district in remembered.districts() if district.pk in within]


def within(asked: Asked, districts: list | None) -> Asked:
    """Narrowed to these districts, unless one is chosen already."""
    if districts is None or "district" in asked.where:
        return asked
    listed = {"area": districts[0].code} if len(districts) == 1 else {}
    return asked.only(listed, district=tuple(district.pk for district in districts))


def to_department(asked: Asked, department, districts: list | None) -> Asked:
    """Narrowed to a department, everywhere or in these districts."""
    return within(asked.only({"department": department.code}, department=(department.pk,)), districts)


def to_category(asked: Asked, category, districts: list | None) -> Asked:
    """Narrowed to a category. A complaint may lie in another department under its old category: those are for whoever
    sees all departments."""
    narrowed = asked.only({"category": category.code}, category=(category.pk,))
    return within(narrowed, districts) if asked.seen.state else to_department(narrowed, category.department, districts)
