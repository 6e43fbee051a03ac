"""Lists paged by key: a page begins after the last row of the one before, whatever came in between.

The cursor is opaque and signed. Nothing is counted and nothing skipped, so the hundredth page costs what
the first does.
"""

import datetime
from dataclasses import dataclass

from django.core import signing
from django.db.models import Q
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import RUNNING_STATES

PAGE_SIZE = 30
LARGEST_PAGE = 200
SALT = "page"
LONGEST_CURSOR = 300

# How a list of complaints may be sorted, and what each is called.
ORDERS = {
    "due": gettext_lazy("Due first"),
    "newest": gettext_lazy("Newest first"),
    "oldest": gettext_lazy("Oldest first"),
}


class BadCursor(ValueError):
    """The cursor is not one that this list gave out."""

    def __init__(self):
        super().__init__(_("This page address is not valid any more. Start again from the first page."))


@dataclass(frozen=True)
class Page:
    """Rows, and the cursors of the next and the previous page (empty: there is none)."""

    items: list
    next: str = ""
    previous: str = ""


@dataclass(frozen=True)
class _Place:
    """Where a page begins: after (or, going back, before) the row with this key."""

    back: bool = False
    id: int | None = None
    due_at: datetime.datetime | None = None
    registered_at: datetime.datetime | None = None


def page_by_key(queryset, cursor: str = "", size: int = PAGE_SIZE, order: str = "newest", along: str = "id") -> Page:
    """One page of complaints. `order` is a key of ORDERS; `cursor` what an earlier page of that order gave. `along`
    is what is walked: `id`, or `registered_at` where the list lies within a period of it, which may be long ago.

    Raises BadCursor.
    """
    size = max(1, min(size, LARGEST_PAGE))
    place = _read(cursor, order, along) if cursor else _Place()
    forward = (order != "newest") != place.back
    parts = _by_due(queryset, place, along) if order == "due" else [_along(queryset, place, along, forward=forward)]
    rows = []
    for part in parts:
        rows += part[: size + 1 - len(rows)]
        if len(rows) > size:
            break
    more, rows = len(rows) > size, rows[:size]
    if place.back:
        rows.reverse()
    if not rows:
        return Page([])
    ahead, behind = (True, more) if place.back else (more, bool(cursor))
    return Page(
        rows,
        next=_write(order, along, rows[-1], back=False) if ahead else "",
        previous=_write(order, along, rows[0], back=True) if behind else "",
    )


def _along(queryset, place: _Place, along: str, *, forward: bool):
    """What comes after a place, in the order of `along`; of those registered at one moment, in that of their ids."""
    sign, beyond = ("", "gt") if forward else ("-", "lt")
    if along == "id":
        after = {f"id__{beyond}": place.id} if place.id is not None else {}
        return queryset.filter(**after).order_by(f"{sign}id")
    if place.id is not None:
        moment = place.registered_at
        later = Q(**{f"registered_at__{beyond}": moment}) | Q(registered_at=moment, **{f"id__{beyond}": place.id})
        queryset = queryset.filter(later, **{f"registered_at__{beyond}e": moment})
    return queryset.order_by(f"{sign}registered_at", f"{sign}id")


def _by_due(queryset, place: _Place, along: str) -> list:
    """The rows with a deadline, then those without one: two walks along an index instead of one over an OR."""
    # Only what runs has a deadline; saying so lets the database use its index of running complaints.
    running = queryset.filter(state__in=RUNNING_STATES, due_at__isnull=False)
    standing = queryset.filter(due_at__isnull=True)
    sign = "-" if place.back else ""
    within = {"id__lt" if place.back else "id__gt": place.id}
    in_standing = place.id is not None and place.due_at is None
    standing = _along(standing, place if in_standing else _Place(), along, forward=not place.back)
    if not in_standing and place.id is not None:
        beyond, reached = ("lt", "lte") if place.back else ("gt", "gte")
        past = Q(**{f"due_at__{beyond}": place.due_at}) | Q(**within)
        running = running.filter(past, **{f"due_at__{reached}": place.due_at})
    running = running.order_by(f"{sign}due_at", f"{sign}id")
    if place.back:
        return [standing, running] if in_standing else [running]
    return [standing] if in_standing else [running, standing]


def _write(order: str, along: str, row, *, back: bool) -> str:
    due_at = row.due_at.isoformat() if order == "due" and row.due_at else ""
    registered_at = row.registered_at.isoformat() if along == "registered_at" else ""
    return signing.dumps([order, along, int(back), row.id, due_at, registered_at], salt=SALT)


def _read(cursor: str, order: str, along: str) -> _Place:
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise BadCursor
        *written_for, back, key, due_at, registered_at = signing.loads(cursor, salt=SALT)
        due_at, registered_at = map(_moment, (due_at, registered_at))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadCursor from error
    if written_for != [order, along]:
        raise BadCursor
    return _Place(bool(back), key, due_at, registered_at)


def _moment(written: str) -> datetime.datetime | None:
    return datetime.datetime.fromisoformat(written) if written else None
