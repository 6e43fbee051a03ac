"""The event log: appending with the hash chain, and checking it.

Each event's hash is an HMAC (key `LOG_KEY`, kept outside the database) over its contents and the hash
of the event before it. The complaint holds the hash of its last event and their number, sealed with the
same key, and the citizen's receipt carries it, so what is altered, removed, inserted, reordered or cut
off shows.
"""

import datetime
import hashlib
import hmac
from collections import defaultdict
from collections.abc import Iterator
from dataclasses import dataclass
from functools import lru_cache

import orjson
from django.conf import settings
from django.db import transaction
from django.db.models import Exists, Max, OuterRef, Q

from .models import Complaint, Event
from .numbers import grouped

TAG = "seva-sankalp-event-1"
SEAL_TAG = "seva-sankalp-end-1"
# So many complaints are verified together, and so many events without a complaint found.
BATCH, PAGE = 500, 10_000


def digest(complaint_number: str, event: Event) -> str:
    """The chained hash of an event, from its stored values alone."""
    return _signed([
        TAG,
        complaint_number,
        event.seq,
        event.action,
        event.from_state,
        event.to_state,
        event.level,
        event.at.astimezone(datetime.UTC).isoformat(timespec="microseconds"),
        event.actor_id,
        event.actor_role,
        event.actor_posting_id,
        event.channel,
        event.text,
        event.internal,
        event.data,
        event.prev_hash,
    ])  # fmt: skip


def canonical(value) -> bytes:
    """JSON with sorted keys and no spaces: what is equal has the same bytes, those of the standard library for
    all that facts hold: words, truths, whole numbers of up to 64 bits."""
    return orjson.dumps(value, option=orjson.OPT_SORT_KEYS)


def _signed(content: list) -> str:
    signed = _signer(settings.LOG_KEY).copy()
    signed.update(canonical(content))
    return signed.hexdigest()


# The key is taken in once: that was half of a hash.
@lru_cache(maxsize=2)
def _signer(key: str) -> hmac.HMAC:
    return hmac.new(key.encode(), digestmod="sha256")


def seal(number: str, event_count: int, head_hash: str) -> str:
    """Says that the log ends with this event. Whoever cuts the end off can set the complaint's count and head to
    the event before, whose hash stands in its row, but not this."""
    return _signed([SEAL_TAG, number, event_count, head_hash])


def key_check() -> str:
    """The same wherever LOG_KEY is the same, and says nothing else about it."""
    return _signed(["seva-sankalp-key-1"])


def content_hash(complaint: Complaint) -> str:
    """What the citizen filed, as a hash that the first event keeps: a text changed later shows."""
    content = [complaint.text, complaint.fields, complaint.place_note, complaint.citizen_id, complaint.kind]
    return hashlib.sha256(canonical(content)).hexdigest()


def next_event(complaint: Complaint, action: str, from_state: str, actor, *, at, text="", internal=False, data=None):
    """The next event of the complaint, not yet saved; moves the complaint's count and head to it."""
    event = Event(
        complaint_id=complaint.pk,
        seq=complaint.event_count + 1,
        action=action,
        from_state=from_state,
        to_state=complaint.state,
        level=complaint.level,
        at=at,
        actor_id=actor.user.pk if actor.user else None,
        actor_role=actor.role,
        actor_posting_id=actor.posting.pk if actor.posting else None,
        channel=actor.channel,
        text=text,
        internal=internal,
        data=data or {},
        prev_hash=complaint.head_hash,
        # The database fills it in; left out, an expression would be built for each event.
        xid=None,
    )
    event.hash = digest(complaint.number, event)
    complaint.event_count, complaint.head_hash = event.seq, event.hash
    complaint.seal = seal(complaint.number, event.seq, event.hash)
    return event


@dataclass(frozen=True)
class Break:
    """One place where the log does not hold: which complaint, which event, what is wrong."""

    number: str
    seq: int
    action: str
    fault: str

    def __str__(self):
        whose = grouped(self.number) if self.number else "No complaint"
        return f"{whose}, event {self.seq} ({self.action}): {self.fault}"


def verify(complaints=None, progress=lambda _share: None) -> Iterator[Break]:
    """Walks the log of all complaints (or of those given) and yields every break; of a walk through all, `progress`
    hears how far it is."""
    everything, last = complaints is None, None
    end = Complaint.objects.aggregate(end=Max("pk"))["end"] if everything else None
    for batch in _batches(Complaint.objects.all() if everything else complaints):
        events = defaultdict(list)
        # Plain rows: to make objects of them took as long as to check them.
        found = Event.objects.filter(complaint__in=[complaint.pk for complaint in batch])
        for event in found.order_by("complaint_id", "seq", "id").values_list(named=True):
            events[event.complaint_id].append(event)
        for complaint in batch:
            if any(_verify_one(complaint, events[complaint.pk])):
                yield from _verify_still(complaint.pk)
        if everything:
            yield from _without_complaint(last, batch[-1].pk)
            last = batch[-1].pk
            progress(last / max(last, end or 0) if last > 0 else 0)
    if everything:
        yield from _without_complaint(last, None)


def _batches(complaints) -> Iterator[list[Complaint]]:
    behind = Q()
    while batch := list(complaints.filter(behind).order_by("pk")[:BATCH]):
        yield batch
        behind = Q(pk__gt=batch[-1].pk)


def _verify_still(pk: int) -> list[Break]:
    """Looks at one complaint again while nobody can change it: it may have gone on between its row and its events."""
    with transaction.atomic():
        complaint = Complaint.objects.select_for_update().get(pk=pk)
        return list(_verify_one(complaint, list(complaint.events.order_by("seq", "id"))))


def _without_complaint(after: int | None, upto: int | None) -> Iterator[Break]:
    """Events behind one complaint and up to another (None: from the first, to the last) whose own complaint was deleted
    past the foreign keys. However many: none of these queries takes more than a page of them."""
    itself = Complaint.objects.filter(pk=OuterRef("complaint_id"))
    behind = Q() if after is None else Q(complaint_id__gt=after)
    before = Q() if upto is None else Q(complaint_id__lte=upto)
    while True:
        alone = Event.objects.filter(behind, before, ~Exists(itself)).order_by("complaint_id", "seq")
        page = list(alone.values_list("complaint_id", "seq", "action")[:PAGE])
        for complaint_id, seq, action in page:
            yield Break("", seq, action, f"its complaint (id {complaint_id}) was removed")
        if len(page) < PAGE:
            return
        last, seq, _action = page[-1]
        behind = Q(complaint_id__gte=last) & (Q(complaint_id__gt=last) | Q(seq__gt=seq))


def _verify_one(complaint: Complaint, events: list) -> Iterator[Break]:
    expected_seq, expected_prev = 1, ""
    for event in events:
        place = (complaint.number, event.seq, event.action)
        if event.seq > expected_seq:
            last = event.seq - 1
            also = f", and all up to event {last}" if last > expected_seq else ""
            yield Break(complaint.number, expected_seq, "?", f"removed{also}")
        if event.hash != digest(complaint.number, event):
            yield Break(*place, "altered or inserted")
        elif event.seq == expected_seq and event.prev_hash != expected_prev:
            yield Break(*place, "does not follow the event before it: inserted, removed or reordered")
        expected_seq, expected_prev = event.seq + 1, event.hash
    last = events[-1] if events else None
    if last is None or complaint.event_count > last.seq:
        yield Break(complaint.number, complaint.event_count, "?", "the last events are cut off")
    elif complaint.event_count != last.seq or complaint.head_hash != last.hash:
        yield Break(complaint.number, last.seq, last.action, "is not the last event the complaint knows")
    elif complaint.seal != seal(complaint.number, complaint.event_count, complaint.head_hash):
        yield Break(complaint.number, last.seq + 1, "?", "cut off: the log did not end with the event before it")
    elif last.to_state != complaint.state:
        yield Break(complaint.number, last.seq, last.action, "the complaint's state was changed past the log")
    if events and events[0].data.get("content") not in (None, content_hash(complaint)):
        yield Break(complaint.number, 1, events[0].action, "the complaint's text was altered")
