"""Lists paged by key: a page begins after the last row of the one before, whatever came in between.

The cursor is opaque and signed. Nothing is counted and nothing skipped, so the hundredth page costs what
the first does.

What a filter leaves may be rare, and no index knows every mixture of filters: a page that looked for it to the end
would go through all complaints. So a narrowed list is looked through stretch by stretch, from where it begins, for a
moment; what there is until then is shown, and the next page goes on from there.
"""

import datetime
import time
from collections.abc import Iterator
from dataclasses import dataclass, replace

from django.core import signing
from django.db.models import Max, Min, Q, QuerySet
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .models import RUNNING_STATES, Complaint

PAGE_SIZE = 30
LARGEST_PAGE = 200
SALT = "page"
LONGEST_CURSOR = 300
# A narrowed list is looked through for so long. The first stretch has so many complaints; where one was quick, the next
# has so many times as many, up to the longest: what lies in it is not known before.
MOMENT_SECONDS = 0.4
FIRST_STRETCH = 20_000
LONGER, LONGEST = 4, 16
LAST_ID = 2**63 - 1
OLDEST = datetime.datetime.min.replace(tzinfo=datetime.UTC)

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
    """Rows, and the cursors of the next and the previous page (empty: there is none). `further` is the one of these to
    go on with where the page is not full because the moment was over: what lies beyond has not been looked through."""

    items: list
    next: str = ""
    previous: str = ""
    further: str = ""


@dataclass(frozen=True)
class Narrowed:
    """A list that filters may leave hardly anything of. What it holds was registered between these moments, where they
    are known."""

    since: datetime.datetime | None = None
    until: datetime.datetime | None = None


@dataclass(frozen=True)
class _Place:
    """Where a page begins: after (or, going back, before) the row with this key."""

    back: bool = False
    id: int | None = None
    due_at: datetime.datetime | None = None
    registered_at: datetime.datetime | None = None

    def turned(self, forward: bool) -> "_Place":
        """Where the way back begins for who found nothing from here on: with the row at this place, if there is one."""
        return replace(self, id=min(self.id + 1, LAST_ID) if forward else self.id - 1)


def page_by_key(queryset, cursor: str = "", size: int = PAGE_SIZE, order: str = "newest", along: str = "id", *,
                narrowed: Narrowed | None = None, only_open: bool = False,
                have_deadline: bool | None = None) -> Page:  # fmt: skip
    """One page of complaints. `order` is a key of ORDERS; `cursor` what an earlier page of that order gave. `along`
    is what is walked: `id`, or `registered_at` where the list lies within a period of it, which may be long ago.
    The page of a `narrowed` list may be cut. `only_open`: the list holds no closed complaint. Said or not, the page is
    the same, but unsaid the database may read all that is open for it. `have_deadline`: whether all of the list, or
    none, has a deadline, where that is known.

    Raises BadCursor.
    """
    size = max(1, min(size, LARGEST_PAGE))
    place = _read(cursor, order, along) if cursor else _Place()
    forward = (order != "newest") != place.back
    walk = _Walk(queryset, place, along, forward)
    rows, cut = [], None
    for part in _by_due(queryset, place, along, only_open, have_deadline) if order == "due" else [walk]:
        wanted = size + 1 - len(rows)
        if isinstance(part, _Walk):
            found, cut = part.look(wanted, narrowed) if narrowed else (part.rows[:wanted], None)
        else:
            found = part[:wanted]
        rows += found
        if len(rows) > size or cut:
            break
    more, rows = len(rows) > size, rows[:size]
    if place.back:
        rows.reverse()
    ends = {}
    if rows:
        ahead, behind = (True, more) if place.back else (more, bool(cursor))
        ends["next"] = _write(order, along, rows[-1], back=False) if ahead else ""
        ends["previous"] = _write(order, along, rows[0], back=True) if behind else ""
    elif cursor:
        ends["next" if place.back else "previous"] = _write(order, along, place.turned(forward), back=not place.back)
    if cut:
        ends["further"] = ends["previous" if place.back else "next"] = _write(order, along, cut, back=place.back)
    return Page(rows, **ends)


def count_up_to(queryset, most: int, along: str = "id", narrowed: Narrowed | None = None) -> tuple[int, bool]:
    """How many there are, counted to `most` at the most; and whether the moment was over before that in a `narrowed`
    list: then there may be more."""
    counted, is_cut, walk = 0, False, _Walk(queryset, _Place(), along, forward=False)
    for stretch, beyond in walk.stretches(narrowed) if narrowed else [(walk.rows, None)]:
        # Along a period's index, which begins where the period does.
        among = stretch.order_by() if along == "id" else stretch
        counted, is_cut = counted + among[: most - counted].count(), beyond is not None
        if counted >= most:
            return counted, False
    return counted, is_cut


@dataclass(frozen=True)
class _Walk:
    """What comes after a place along `id` or `registered_at`, one way or the other."""

    queryset: QuerySet
    place: _Place
    along: str
    forward: bool
    # Of those without a deadline: by it and the id they stand as by the id alone, and so they lie in an index.
    by_due: bool = False

    @property
    def rows(self) -> QuerySet:
        rows = _along(self.queryset, self.place, self.along, forward=self.forward)
        if self.by_due and self.along == "id":
            return rows.order_by(*(("due_at", "id") if self.forward else ("-due_at", "-id")))
        return rows

    def look(self, wanted: int, narrowed: Narrowed) -> tuple[list, _Place | None]:
        """So many rows, and where the moment was over before they were found (None: it was not)."""
        found, cut = [], None
        for stretch, beyond in self.stretches(narrowed):
            found, cut = [*found, *stretch[: wanted - len(found)]], beyond
            if len(found) >= wanted:
                return found, None
        return found, cut

    def stretches(self, narrowed: Narrowed) -> Iterator[tuple[QuerySet, _Place | None]]:
        """One stretch after the other, with the place where it ends (None: nothing is beyond), until the moment is
        over."""
        first, last, stretch = self._extent(narrowed)
        many = 1
        reached, beyond = ("lte", "gt") if self.forward else ("gte", "lt")
        at, rows = getattr(self.place, self.along) or (first if self.forward else last), self.rows
        until = time.monotonic() + MOMENT_SECONDS
        while True:
            began, at = time.monotonic(), at + many * stretch if self.forward else at - many * stretch
            if at >= last if self.forward else at <= first:
                yield rows, None
                return
            yield rows.filter(**{f"{self.along}__{reached}": at}), self._place_at(at)
            now = time.monotonic()
            if now >= until:
                return
            if now - began < MOMENT_SECONDS / LONGER**2:
                many = min(many * LONGER, LONGEST)
            elif now - began > MOMENT_SECONDS / LONGER:
                many = max(many // LONGER, 1)
            rows = self.rows.filter(**{f"{self.along}__{beyond}": at})

    def _extent(self, narrowed: Narrowed) -> tuple:
        """Where the list begins and ends along this at most, and how long a first stretch is."""
        ends = Complaint.objects.aggregate(
            first=Min("id"), last=Max("id"), earliest=Min("registered_at"), latest=Max("registered_at")
        )
        first, last, earliest, latest = ends.values()
        if self.along == "id":
            return first or 0, last or 0, FIRST_STRETCH
        now = timezone.now()
        share = FIRST_STRETCH / max((last or 0) - (first or 0), FIRST_STRETCH)
        span = (latest or now) - (earliest or now)
        begins, ends = max(earliest or now, narrowed.since or OLDEST), min(latest or now, narrowed.until or now)
        return begins, ends, max(span * share, datetime.timedelta(hours=1))

    def _place_at(self, at) -> _Place:
        """The place just beyond what lies at `at` itself."""
        if self.along == "id":
            return _Place(id=at)
        return _Place(id=LAST_ID if self.forward else 0, registered_at=at)


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


def _by_due(queryset, place: _Place, along: str, only_open: bool, have_deadline: bool | None) -> list:
    """The rows with a deadline, then those without one: two walks along an index instead of one over an OR."""
    # What runs has a deadline (the table's own constraint), and nothing else has (`clock` takes it away). The database
    # knows nothing of that: it expects less with every condition that says the same again, and sorts instead of walks.
    running = queryset.filter(due_at__isnull=False) if only_open else queryset.filter(state__in=RUNNING_STATES)
    standing = queryset.filter(due_at__isnull=True)
    sign = "-" if place.back else ""
    within = {"id__lt" if place.back else "id__gt": place.id}
    in_standing = place.id is not None and place.due_at is None
    standing = _Walk(standing, place if in_standing else _Place(), along, not place.back, by_due=only_open)
    if not in_standing and place.id is not None:
        beyond, reached = ("lt", "lte") if place.back else ("gt", "gte")
        past = Q(**{f"due_at__{beyond}": place.due_at}) | Q(**within)
        running = running.filter(past, **{f"due_at__{reached}": place.due_at})
    running = running.order_by(f"{sign}due_at", f"{sign}id")
    if place.back:
        halves = [standing, running] if in_standing else [running]
    else:
        halves = [standing] if in_standing else [running, standing]
    if have_deadline is not None:
        halves = [half for half in halves if (half is running) == have_deadline]
    return halves


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
