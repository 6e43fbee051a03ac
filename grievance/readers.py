"""Readers follow the event log: each event takes effect exactly once, under any number of workers.

A reader's position moves in the same transaction as its effect. The position is the pair
(transaction, id), because an id is not commit order: a reader reads only transactions older than every
transaction still running, so nothing can appear behind it.

Which readers there are stands in the settings (`READERS`), because they live in apps above this one.
"""

import datetime
import logging
from collections.abc import Callable
from dataclasses import dataclass
from functools import lru_cache

from django.conf import settings
from django.db import Error, connection, transaction
from django.db.models import F, QuerySet
from django.utils import timezone
from django.utils.module_loading import import_string

from config.time_limits import take_time
from departments.standing import standing

from .models import Complaint, Event, ReaderPosition, remember_reference_rows

logger = logging.getLogger(__name__)

BATCH = 200
FIRST_WAIT_SECONDS = 2
LONGEST_WAIT_SECONDS = 300

# What a reader that is not `whole` gets of an event, beside its place in the log.
SHORT = ("xid", "complaint_id", "action", "to_state")
AFTER = "(grievance_event.xid, grievance_event.id) > (%s, %s)"
SETTLED = "grievance_event.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint"


@dataclass(frozen=True)
class Reader:
    """One entry of `READERS`: what takes its events (a dotted name), and how many at once.

    `empty` names what undoes all its effects, for a reader whose effects add up: such a one can only be
    replayed as a whole. `whole` gives it the events with their complaints, else it gets no more than which complaint
    each is about, what was done and where it led: enough to see without asking which events concern it.
    """

    name: str
    handle: str
    batch: int = BATCH
    empty: str = ""
    whole: bool = True


def every() -> list[Reader]:
    """All readers of this installation."""
    return [Reader(name=name, **values) for name, values in settings.READERS.items()]


def named(name: str) -> Reader:
    """Raises KeyError."""
    return Reader(name=name, **settings.READERS[name])


def follow(name: str, handle: Callable[[list[Event]], None] | None = None, batch: int = BATCH) -> int:
    """Lets the reader `name` take its next events and moves it on; returns how many there were.

    `handle` and `batch` are those of the settings where none is given. While another worker has this
    reader, or it waits after a failure, returns 0. When `handle` raises, nothing of the batch took effect and
    a smaller one is tried, down to one event: all before the event that fails takes effect. That one is kept
    where `/readyz` and the administration show it, is tried again after a while, and the error goes on.
    """
    whole = True
    if handle is None:
        reader = named(name)
        handle, batch, whole = import_string(reader.handle), reader.batch, reader.whole
    if not _placed(name):
        ReaderPosition.objects.get_or_create(name=name)
    while True:
        attempt = _Attempt(name, handle, batch, whole)
        try:
            return attempt.make()
        except Exception as error:
            if len(attempt.events) > 1:
                batch = len(attempt.events) // 2
                logger.warning("reader_takes_fewer", extra={"reader": name, "batch": batch, "error": _kind(error)})
                continue
            logger.exception("reader_failed", extra={"reader": name})
            attempt.keep_failure(error)
            raise


class _Attempt:
    """One transaction in which a reader takes a batch."""

    def __init__(self, name: str, handle: Callable[[list[Event]], None], batch: int, whole: bool):
        self.name, self.handle, self.batch, self.whole = name, handle, batch, whole
        self.position: ReaderPosition | None = None
        self.events: list[Event] = []

    def make(self) -> int:
        """The number of events that took effect. Raises what `handle` raises."""
        with transaction.atomic():
            self.position = next(iter(_unheld(self.name)), None)
            if self.position is None or (self.position.retry_at and self.position.retry_at > timezone.now()):
                return 0
            # Where an event failed before, it is tried alone.
            self.events = _next(self.position, 1 if self.position.failures else self.batch, self.whole)
            if self.events:
                self.handle(self.events)
                _move(self.position, self.events[-1])
        return len(self.events)

    def keep_failure(self, error: Exception) -> None:
        """Says where it stands and when it tries again, unless another worker moved it on meanwhile."""
        if self.position is None:
            return
        # Bounded: a failure that stays for weeks is no number the database could not hold.
        failures = min(self.position.failures + 1, 1000)
        wait = min(FIRST_WAIT_SECONDS * 2 ** min(failures - 1, 20), LONGEST_WAIT_SECONDS)
        unmoved = ReaderPosition.objects.filter(
            name=self.name, xid=self.position.xid, event_id=self.position.event_id
        )
        try:
            unmoved.update(
                failed_at=timezone.now(), failure=_kind(error), failures=failures,
                failing_event=self.events[0].pk if self.events else None,
                retry_at=timezone.now() + datetime.timedelta(seconds=wait),
            )  # fmt: skip
        except Error:
            # It was the database itself that failed: it has no place to keep this, and tries again as it is.
            logger.warning("reader_failure_not_kept", extra={"reader": self.name})


@standing
def _placed(name):
    return ReaderPosition.objects.filter(name=name)


@standing
def _unheld(name):
    return ReaderPosition.objects.select_for_update(skip_locked=True).filter(name=name)


def _kind(error: Exception) -> str:
    """The error's kind, never its text: that may hold what a citizen wrote."""
    return type(error).__name__


def after(point: tuple[int, int], *also: str) -> QuerySet[Event]:
    """The events behind a position, in the order in which readers take them."""
    return Event.objects.extra(where=[AFTER, *also], params=point).order_by("xid", "id")  # noqa: S610 - constants


def _next(position: ReaderPosition, batch: int, whole: bool) -> list[Event]:
    found = _settled(batch, whole)(position.xid, position.event_id)
    if not whole or not found:
        return found
    # Several events of one complaint come together: it is read once, and they share it.
    complaints = {complaint.pk: complaint for complaint in _complaints(list({event.complaint_id for event in found}))}
    remember_reference_rows(complaints.values())
    for event in found:
        event.complaint = complaints[event.complaint_id]
    return found


@lru_cache(maxsize=16)
def _settled(batch: int, whole: bool):
    """A standing question for the first events behind a position that nothing can appear before any more."""

    @standing
    def first(xid, event_id):
        events = after((xid, event_id), SETTLED)
        return (events if whole else events.only(*SHORT))[:batch]

    return first


@standing
def _complaints(ids):
    return Complaint.objects.filter(pk__among=ids).select_related("citizen")


def _move(position: ReaderPosition, last: Event) -> None:
    position.xid, position.event_id, position.moved_at = last.xid, last.pk, timezone.now()
    position.forget_failure()
    position.save()


def try_again_now(positions) -> int:
    """Lets readers that wait after a failure try at once; returns how many there were."""
    return positions.filter(retry_at__isnull=False).update(retry_at=None)


def lags() -> dict[str, float]:
    """For each reader the age, in seconds, of the oldest event it has not read; 0 where it read all."""
    return {position.name: lag(position) for position in positions()}


def positions() -> list[ReaderPosition]:
    """Where each reader of this installation stands: one that never read, at the beginning."""
    known = {position.name: position for position in ReaderPosition.objects.all()}
    return [known.get(reader.name) or ReaderPosition(name=reader.name) for reader in every()]


def behind() -> bool:
    """Whether any reader has something to read, without those that wait after a failure."""
    now = timezone.now()
    at_work = [position for position in positions() if position.retry_at is None or position.retry_at <= now]
    return any(_any_after(position.xid, position.event_id) for position in at_work)


@standing
def _any_after(xid, event_id):
    return after((xid, event_id)).only(*SHORT)[:1]


def has_yet_to_read(name: str, event_ids: list[int]) -> bool:
    """Whether a reader has any of these events still before it."""
    position = ReaderPosition.objects.filter(name=name).first() or ReaderPosition(name=name)
    return after((position.xid, position.event_id)).filter(pk__in=event_ids).exists()


def standing_still(seconds: float) -> dict[str, float]:
    """The lag of each reader that is so far behind and has not moved for so long either: nobody runs it, or
    something holds it up."""
    found, now = {}, timezone.now()
    for position in positions():
        moved = (now - position.moved_at).total_seconds() if position.moved_at else seconds
        if moved >= seconds and (age := lag(position)) >= seconds:
            found[position.name] = age
    return found


def lag(position: ReaderPosition) -> float:
    """The age of the oldest event behind this position, in seconds; 0 where there is none."""
    oldest = after((position.xid, position.event_id)).values_list("at", flat=True).first()
    return max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0.0


def point_before(event: Event | None) -> tuple[int, int]:
    """The position from which `event` is the next to be read; None stands for the beginning."""
    return (event.xid, event.pk - 1) if event else (ReaderPosition.BEGINNING, 0)


def place(reader: Reader, point: tuple[int, int]) -> None:
    """Puts a reader to a position, waiting for a worker that has it; what its `empty` undoes is undone first.

    Raises ValueError for a reader whose effects add up and a point other than the beginning.
    """
    if reader.empty and point != point_before(None):
        raise ValueError(reader.name)
    ReaderPosition.objects.get_or_create(name=reader.name)
    with transaction.atomic():
        # Not for locks: to empty the sums one is needed for which every board would wait.
        take_time(for_locks=False)
        position = ReaderPosition.objects.select_for_update().get(name=reader.name)
        if reader.empty:
            import_string(reader.empty)()
        position.xid, position.event_id = point
        position.forget_failure()
        position.save()


def log_is_from_elsewhere() -> bool:
    """Whether events bear numbers of transactions that this server has yet to begin: a restored backup."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT coalesce(max(xid), 0) >= pg_snapshot_xmax(pg_current_snapshot())::text::bigint FROM grievance_event"
        )
        return cursor.fetchone()[0]


def adopt_log() -> int:
    """After a restore into another server: shifts the transaction numbers of all events below this server's.

    A server counts its transactions from one: without this, events written here would stand before the old
    ones, and readers would pass them over. So it is done before anything is written. The order stays, and every
    reader its place. Returns by how much was shifted, 0 where nothing needed it. Nothing of a complaint's history is
    touched: the hash does not hold it.
    """
    if not log_is_from_elsewhere():
        return 0
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("LOCK TABLE grievance_event IN SHARE ROW EXCLUSIVE MODE")
        take_time()
        if not log_is_from_elsewhere():
            return 0
        cursor.execute("SELECT max(xid) FROM grievance_event")
        shift = cursor.fetchone()[0]
        cursor.execute("ALTER TABLE grievance_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE grievance_event SET xid = xid - %s", [shift])
        cursor.execute("ALTER TABLE grievance_event ENABLE TRIGGER USER")
        ReaderPosition.objects.filter(xid__gt=ReaderPosition.BEGINNING).update(xid=F("xid") - shift)
    return shift
