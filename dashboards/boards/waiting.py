"""What is still open: by age, and the oldest of them one by one."""

import datetime

from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dashboards import reading
from dashboards.figures import AGES, FIGURES, OPEN_BY_AGE
from grievance import access, numbers
from grievance.models import UNDISPOSED
from grievance.words import ist_date

from . import lists, parts
from .asking import Asked
from .parts import Column, Number, Row, Section

OLDEST = 20


def by_age(asked: Asked) -> Section | None:
    """How many are open, by how long ago they were registered; None where that is not kept for the filters."""
    try:
        counts = reading.open_by_age(asked.selection(asked.so_far()), asked.today).get((), [0] * len(AGES))
    except reading.NotKept:
        return None
    rows = []
    bounds = [age for age, _label in AGES]
    for place, (age, label) in enumerate(AGES):
        older = bounds[place + 1] if place + 1 < len(bounds) else None
        number = parts.count(counts[place], _of_age(asked, age, older))
        rows.append(Row(label, [number]))
    columns = [Column(FIGURES["open"].label, FIGURES["open"], also=(OPEN_BY_AGE,))]
    return Section("ages", _("Open by age"), _("Registered"), columns, rows, chart="lying", drawn=(0,))


def _of_age(asked: Asked, youngest: int, older: int | None) -> str:
    """The list of what is open and was registered at least `youngest` and less than `older` days ago."""
    days = {"until": (asked.today - datetime.timedelta(days=youngest)).isoformat()} if youngest else {}
    if older:
        days["since"] = (asked.today - datetime.timedelta(days=older - 1)).isoformat()
    return lists.address(asked, state=lists.OPEN, **days)


def oldest(asked: Asked) -> Section:
    """The complaints that have been open the longest, as far as the user may see them."""
    seen = access.visible_to(asked.user).filter(state__in=UNDISPOSED)
    for name, values in asked.where.items():
        seen = seen.filter(**{f"{'assignee' if name == 'posting' else name}__in": values})
    found = seen.select_related("category", "department", "area", "district").order_by("id")[:OLDEST]
    words = [_("Category"), _("Department"), _("Place"), _("Level")]
    columns = [*(Column(label, words=True) for label in words), Column(_("Days open"))]
    more = (lists.address(asked, state=lists.OPEN, order="oldest"), _("All that is open, the oldest first"))
    return Section(
        "oldest", _("The oldest still open"), _("Number"), columns,
        [_row(asked, complaint) for complaint in found], empty=_("Nothing is open."), more=more, wide=True,
    )  # fmt: skip


def _row(asked: Asked, complaint) -> Row:
    registered = timezone.localdate(complaint.registered_at)
    cells = [complaint.category.name, complaint.department.short, _place(complaint), f"L{complaint.level}"]
    open_for = parts.count((asked.today - registered).days, note=ist_date(registered))
    return Row(
        numbers.grouped(complaint.number),
        [*map(Number, cells), open_for],
        reverse("desk_complaint", args=[complaint.number]),
        mark=FIGURES["breached"].label if complaint.breached_at else "",
    )


def _place(complaint) -> str:
    if complaint.district is None or complaint.district_id == complaint.area_id:
        return complaint.area.name
    return f"{complaint.area.name}, {complaint.district.name}"
