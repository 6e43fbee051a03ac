"""The log's daily heads: a public chain that binds the whole log, so that not even the state can rewrite history.

The chain of a complaint's events (`grievance.log`) is signed with a key that the state holds: who has the key and the
database can write another past, or leave a complaint out with all its events. What was published before
cannot be taken back. So once a day, for the day that is over:

- the *list* of the day is the hash of each event written down since the list before, 64 hex digits and a line feed
  each, sorted within blocks of `BLOCK` ids (so the order says nothing about who came when);
- its *digest* is the SHA-256 of that text, so whoever downloads the list proves it with `sha256sum`;
- its *head* is the SHA-256 of "previous head, day, number of events, digest", each with a line feed behind it.

Events belong to the list of the day on which they were written down, whatever moment they tell of: a history that is
loaded in bulk stands in the list of its loading. Each event is read once.
"""

import csv
import datetime
import hashlib
import io
import json
import re
import time
from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from django.db import connection, transaction
from django.utils import timezone
from django.utils.timezone import make_aware

from config.time_limits import take_time

from .models import Event, LogHead

BLOCK = 100_000
# The head before the first.
BEGINNING = "0" * 64
# How long a turn waits for the transactions that might still write an event of the day.
PATIENCE_SECONDS = 5
# Two days' lists are never made at once.
LOCK = 0x5EBA_0416
COLUMNS = ("day", "last_event", "events", "digest", "head")
HEX = re.compile(r"[0-9a-f]{64}")


def head_of(previous: str, day: datetime.date, events: int, digest: str) -> str:
    """The head that follows `previous`; anyone can compute it from the published columns."""
    return hashlib.sha256(f"{previous}\n{day.isoformat()}\n{events}\n{digest}\n".encode()).hexdigest()


def make_heads() -> int:
    """Makes the heads of the days that are over and have none; returns how many. Reads only events behind the last
    head. Where an older transaction still runs nothing is made: the next turn comes soon."""
    made = 0
    while _make_next():
        made += 1
    return made


def _make_next() -> bool:
    today = timezone.localdate()
    with transaction.atomic(), connection.cursor() as cursor:
        take_time()
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK])
        last = LogHead.objects.order_by("-day").first()
        if not cursor.fetchone()[0] or (last and last.day >= today - datetime.timedelta(days=1)):
            return False
        day = last.day + datetime.timedelta(days=1) if last else today - datetime.timedelta(days=1)
        after, previous = (last.last_event, last.head) if last else (0, BEGINNING)
        upto = _last_settled(cursor, day, after)
        if upto is None or not (last or Event.objects.exists()):
            return False
        sha, events = hashlib.sha256(), 0
        for block in blocks(after, upto):
            sha.update(block)
            events += len(block) // 65
        digest = sha.hexdigest()
        LogHead.objects.create(
            day=day, last_event=upto, events=events, digest=digest, head=head_of(previous, day, events, digest)
        )
    return True


def _last_settled(cursor, day: datetime.date, after: int) -> int | None:
    """The last event of the day, once nothing below its id can still appear; None while something can.

    Ids are given out before the transaction commits: all that ran when the last one was read must have ended.
    """
    ends = make_aware(datetime.datetime.combine(day + datetime.timedelta(days=1), datetime.time()))
    last = Event.objects.filter(pk__gt=after, at__lt=ends).order_by("-pk").values_list("pk", flat=True).first()
    # This transaction's own number, given out after that: of those still running it must be the oldest.
    cursor.execute("SELECT pg_current_xact_id()::text::bigint")
    own = cursor.fetchone()[0]
    until = time.monotonic() + PATIENCE_SECONDS
    while time.monotonic() < until:
        cursor.execute("SELECT pg_snapshot_xmin(pg_current_snapshot())::text::bigint")
        if cursor.fetchone()[0] >= own:
            return last or after
        time.sleep(0.1)
    return None


def blocks(after: int, upto: int) -> Iterator[bytes]:
    """The list of the events with ids behind `after` up to `upto`, in pieces."""
    while after < upto:
        following = Event.objects.filter(pk__gt=after, pk__lte=upto).order_by("pk")
        first = following.values_list("pk", flat=True).first()
        if first is None:
            return
        # Blocks begin at whole numbers of BLOCK, wherever the events lie: who lists them again cuts them alike.
        end = min((first // BLOCK + 1) * BLOCK - 1, upto)
        with connection.cursor() as cursor:
            cursor.execute(
                "SELECT string_agg(hash || E'\\n', '' ORDER BY hash COLLATE \"C\") FROM grievance_event"
                " WHERE id > %s AND id <= %s",
                [after, end],
            )
            [text] = cursor.fetchone()
        yield (text or "").encode()
        after = end


# Publishing ---------------------------------------------------------------------------------------------


def as_csv(heads: Iterable[LogHead]) -> str:
    """The chain as it is published; `verify` reads it again."""
    sheet = io.StringIO()
    writer = csv.writer(sheet, lineterminator="\r\n")
    writer.writerow(COLUMNS)
    writer.writerows([getattr(head, name) for name in COLUMNS] for head in heads)
    return sheet.getvalue()


class Unreadable(ValueError):
    """The file is not one that the portal published; says where."""


@dataclass(frozen=True)
class Published:
    """A line of a published file."""

    day: datetime.date
    last_event: int
    events: int
    digest: str
    head: str


def parse(text: str) -> list[Published]:
    """A downloaded file of heads, CSV or JSON. Raises Unreadable."""
    text = text.removeprefix("\ufeff").strip()
    try:
        rows = json.loads(text)["heads"] if text.startswith("{") else list(csv.DictReader(io.StringIO(text)))
        found = [
            Published(datetime.date.fromisoformat(row["day"]), int(row["last_event"]), int(row["events"]),
                      row["digest"], row["head"])
            for row in rows
        ]  # fmt: skip
        if not found or not all(HEX.fullmatch(row.digest) and HEX.fullmatch(row.head) for row in found):
            raise Unreadable("there are no heads in it")
    except (ValueError, KeyError, TypeError, AttributeError, csv.Error) as error:
        raise Unreadable(str(error)) from None
    return found


# Verifying -----------------------------------------------------------------------------------------------


@dataclass(frozen=True)
class Mismatch:
    """A day of which the published head does not hold, and why."""

    day: datetime.date
    fault: str

    def __str__(self):
        return f"{self.day}: {self.fault}"


def verify(published: list[Published]) -> Iterator[Mismatch]:
    """Holds a downloaded file against itself, against the heads kept here and against the events themselves.

    A file may begin on any day: what lies before its first line is not judged.
    """
    kept = {head.day: head for head in LogHead.objects.filter(day__in=[row.day for row in published])}
    for before, row in zip([None, *published], published, strict=False):
        if before and row.day != before.day + datetime.timedelta(days=1):
            yield Mismatch(row.day, "days before it are missing in the file")
        elif before and head_of(before.head, row.day, row.events, row.digest) != row.head:
            yield Mismatch(row.day, "the file's own chain is broken: it was changed after it was published")
        here = kept.get(row.day)
        if here is None:
            yield Mismatch(row.day, "this head is not kept here any more")
        elif here.head != row.head:
            yield Mismatch(row.day, "another head is kept here than was published")
        after = before.last_event if before else _before(row.day)
        yield from _against_events(row, after)


def _before(day: datetime.date) -> int:
    earlier = LogHead.objects.filter(day__lt=day).order_by("-day").first()
    return earlier.last_event if earlier else 0


def _against_events(row: Published, after: int) -> Iterator[Mismatch]:
    sha, events = hashlib.sha256(), 0
    for block in blocks(after, row.last_event):
        sha.update(block)
        events += len(block) // 65
    if events != row.events:
        yield Mismatch(row.day, f"{row.events} events were published, {events} are there")
    elif sha.hexdigest() != row.digest:
        yield Mismatch(row.day, "as many events as were published, but not the same ones")
