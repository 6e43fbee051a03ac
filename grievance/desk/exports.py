"""Lists as files. Few rows are given at once; many are written by a worker, with progress, and kept for a day.

A worker takes one by a lease, not by a lock: a transaction held open so long would keep every reader of the log
waiting. Killed half-way, the lease runs out and another begins anew; the file of who lost the lease is not kept.
"""

import datetime
import logging
import tempfile
import uuid
from types import SimpleNamespace

from django.core.files import File
from django.db import transaction
from django.db.models import F, Q
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import override

from citizens.models import User
from grievance import access, doorbell
from grievance.filters import DeskFilter
from grievance.models import Export

from . import inbox, sheets

logger = logging.getLogger(__name__)

AT_ONCE = 2000
MOST_PENDING = 3
MOST_ATTEMPTS = 3
KEPT = datetime.timedelta(days=1)
LEASE = datetime.timedelta(minutes=2)


class TooMany(Exception):
    """So many are being written for this person already."""


def list_of(user, query: QueryDict):
    """The complaints of the inbox's list at this address, as far as the user may see them now."""
    scope = inbox.search_scope(user, inbox.view_of(user, query.get("view")), query.get("text", "")[:40])
    return DeskFilter(query, scope, request=SimpleNamespace(user=user)).qs


def ask(user, query: QueryDict, chosen: str, language: str) -> Export:
    """Writes down who wants which list. GIVEN: it is short, and is given at once; else a worker writes it.
    Raises TooMany."""
    total = list_of(user, query).order_by()[: AT_ONCE + 1].count()
    wanted = Export(
        owner=user, format=chosen, language=language, query=query.urlencode()[:1000], total=total,
        postings=_postings(user),
    )  # fmt: skip
    if total <= AT_ONCE:
        wanted.state, wanted.rows = Export.State.GIVEN, total
        wanted.save()
        return wanted
    with transaction.atomic():
        # One person's requests wait for each other, so that the number holds.
        User.objects.select_for_update().only("pk").get(pk=user.pk)
        pending = Export.objects.filter(owner=user, state__in=(Export.State.WAITING, Export.State.WORKING))
        if pending.count() >= MOST_PENDING:
            raise TooMany
        wanted.total = list_of(user, query).order_by().count()
        wanted.save()
        doorbell.ring_after_commit(doorbell.EXPORT)
    return wanted


def rows_of(export: Export):
    """The batches of an export's list."""
    return sheets.batches(list_of(export.owner, QueryDict(export.query)))


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
        _mine(export).update(state=Export.State.FAILED, lease=None)
        return 1
    with override(export.language), tempfile.TemporaryFile() as file:
        write = sheets.write_xlsx if export.format == Export.Format.XLSX else sheets.write_csv
        count = write(file, rows_of(export), lambda written: _say(export, written))
        _keep(export, file, count)
    return 1


def _taken() -> Export | None:
    now, lease = timezone.now(), uuid.uuid4()
    free = Q(state=Export.State.WAITING) | Q(state=Export.State.WORKING, leased_until__lt=now)
    for pk in Export.objects.filter(free).order_by("id").values_list("pk", flat=True)[:10]:
        changed = Export.objects.filter(free, pk=pk).update(
            state=Export.State.WORKING, lease=lease, leased_until=now + LEASE, rows=0, attempts=F("attempts") + 1
        )
        if changed:
            return Export.objects.select_related("owner").get(pk=pk)
    return None


def _mine(export: Export):
    return Export.objects.filter(pk=export.pk, lease=export.lease)


def _say(export: Export, written: int) -> None:
    _mine(export).update(rows=written, leased_until=timezone.now() + LEASE)


def _keep(export: Export, file, count: int) -> None:
    file.seek(0)
    name = export.file.storage.save(f"exports/{uuid.uuid4().hex}.{export.format}", File(file))
    kept = _mine(export).update(
        file=name, rows=count, total=count, state=Export.State.READY, lease=None, expires_at=timezone.now() + KEPT
    )
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
