"""Lists as files. Few rows are given at once; many are written by a worker, with progress, and kept for a day.

A worker takes one by a lease, not by a lock: a transaction held open so long would keep every reader of the log
waiting. Killed half-way, the lease runs out and another begins anew; the file of who lost the lease is not kept.
One is written at a time, however many were asked for: it takes one process of the messenger's, and the others go on
with the messages.
"""

import datetime
import logging
import tempfile
import uuid
from collections.abc import Iterator

from django.core.files import File
from django.db import transaction
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import override

from citizens.models import User
from departments.locks import one_at_a_time
from grievance import access, doorbell
from grievance.models import Export

from . import lists, sheets
from .entrance import LONGEST_QUERY

logger = logging.getLogger(__name__)

AT_ONCE = 2000
# Half of what a sheet of Excel holds, and more than anybody reads.
MOST_ROWS = 500_000
MOST_PENDING = 3
MOST_ATTEMPTS = 3
KEPT = datetime.timedelta(days=1)
LEASE = datetime.timedelta(minutes=2)
TAKING = 0x5EBA_0012
PENDING = (Export.State.WAITING, Export.State.WORKING)


class TooMany(Exception):
    """So many are being written for this person already."""


class TooManyFilters(Exception):
    """The filters are longer than LONGEST_QUERY."""


class TooLong(Exception):
    """The list has more than MOST_ROWS rows."""


def ask(user, of: str, query: QueryDict, chosen: str, language: str) -> tuple[Export, Iterator | None]:
    """Writes down who wants which list. GIVEN, with its batches: it is short, and is given at once; else a worker
    writes it. Raises TooMany, TooManyFilters, TooLong."""
    listed = lists.EVERY[of]
    query = listed.kept(user, query)
    if len(query.urlencode()) > LONGEST_QUERY:
        raise TooManyFilters
    rows = listed.rows(user, query)
    total = rows.order_by()[: MOST_ROWS + 1].count()
    if total > MOST_ROWS:
        raise TooLong
    wanted = Export(
        owner=user, of=of, format=chosen, language=language, query=query.urlencode(), total=total,
        postings=_postings(user),
    )  # fmt: skip
    if total <= AT_ONCE:
        wanted.state, wanted.rows, wanted.query = Export.State.GIVEN, total, lists.without_words(wanted.query)
        wanted.save()
        return wanted, sheets.batches(listed.sheet, rows)
    with transaction.atomic():
        # One person's requests wait for each other, so that the number holds.
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        pending = Export.objects.filter(owner=user, state__in=PENDING)
        if pending.count() >= MOST_PENDING:
            raise TooMany
        wanted.save()
        doorbell.ring_after_commit(doorbell.EXPORT)
    return wanted, None


def rows_of(export: Export) -> Iterator[list[list]]:
    """The batches of an export's list, as far as its owner may see it now."""
    listed = lists.of(export)
    return sheets.batches(listed.sheet, listed.rows(export.owner, QueryDict(export.query)))


def may_take(user, export: Export) -> bool:
    """Whether the file is this user's to take now: their own, ready, and for what they may still see."""
    return (
        export.owner_id == user.pk
        and export.state == Export.State.READY
        and export.expires_at > timezone.now()
        and export.postings == _postings(user)
    )


def _postings(user) -> list[int]:
    return sorted(posting.pk for posting in access.postings_of(user))


def write_next() -> int:
    """Takes the next list that waits, or that a killed worker left, and writes it; returns how many it took."""
    export = _taken()
    if export is None:
        return 0
    if export.attempts > MOST_ATTEMPTS:
        _mine(export).update(state=Export.State.FAILED, lease=None, query=lists.without_words(export.query))
        return 1
    try:
        _write(export)
    except Exception:
        # All others wait for this one: it is taken again at once, until it has failed often enough.
        _mine(export).update(leased_until=timezone.now())
        raise
    return 1


def _write(export: Export) -> None:
    with override(export.language), tempfile.TemporaryFile() as file:
        write = sheets.write_xlsx if export.format == Export.Format.XLSX else sheets.write_csv
        count = write(file, lists.of(export).sheet, rows_of(export), lambda written: _say(export, written))
        _keep(export, file, count)


def _taken() -> Export | None:
    """The one that waits longest, or that a killed worker left; none while another is being written."""
    now = timezone.now()
    with transaction.atomic():
        one_at_a_time(TAKING)
        if Export.objects.filter(state=Export.State.WORKING, leased_until__gte=now).exists():
            return None
        export = Export.objects.select_related("owner").filter(state__in=PENDING).last()
        if export is not None:
            export.state, export.lease, export.leased_until = Export.State.WORKING, uuid.uuid4(), now + LEASE
            export.rows, export.attempts = 0, export.attempts + 1
            export.save(update_fields=["state", "lease", "leased_until", "rows", "attempts"])
    return export


def _mine(export: Export):
    return Export.objects.filter(pk=export.pk, lease=export.lease)


def _say(export: Export, written: int) -> None:
    _mine(export).update(rows=written, leased_until=timezone.now() + LEASE)


def _keep(export: Export, file, count: int) -> None:
    file.seek(0)
    name = export.file.storage.save(f"exports/{uuid.uuid4().hex}.{export.format}", File(file))
    kept = _mine(export).update(
        file=name, rows=count, total=count, state=Export.State.READY, lease=None, expires_at=timezone.now() + KEPT,
        query=lists.without_words(export.query),
    )  # fmt: skip
    if not kept:
        logger.warning("export_lost_its_lease", extra={"export": export.pk})
        export.file.storage.delete(name)


def remove_expired() -> int:
    """Deletes the files whose day is over; returns how many."""
    over = list(Export.objects.filter(state=Export.State.READY, expires_at__lt=timezone.now())[:200])
    for export in over:
        export.file.delete(save=False)
        Export.objects.filter(pk=export.pk).update(state=Export.State.GONE, file="")
    return len(over)
