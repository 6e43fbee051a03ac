"""Readers follow the event log: each event takes effect exactly once, under any number of workers.

A reader's position moves in the same transaction as its effect. The position is the pair
(transaction, id), because an id is not commit order: a reader reads only transactions older than every
transaction still running, so nothing can appear behind it.
"""

import logging
from collections.abc import Callable

from django.db import transaction
from django.utils import timezone

from .models import Event, ReaderPosition

logger = logging.getLogger(__name__)

BATCH = 200
# Before every event: those of a restored backup have transactions below zero (`config.restore`).
BEGINNING = -(2**62)


def follow(name: str, handle: Callable[[list[Event]], None], batch: int = BATCH) -> int:
    """Lets `handle` take the next events and moves the reader `name` on; returns how many there were.

    While another worker has this reader, returns 0. When `handle` raises, nothing of the batch took
    effect, the failure is kept where `/readyz` and the administration show it, and the error goes on.
    """
    ReaderPosition.objects.get_or_create(name=name, defaults={"xid": BEGINNING})
    try:
        with transaction.atomic():
            position = ReaderPosition.objects.select_for_update(skip_locked=True).filter(name=name).first()
            if position is None:
                return 0
            events = _next(position, batch)
            if events:
                handle(events)
                _move(position, events[-1])
    except Exception as error:
        ReaderPosition.objects.filter(name=name).update(failed_at=timezone.now(), failure=type(error).__name__)
        logger.exception("reader_failed", extra={"reader": name})
        raise
    return len(events)


def _next(position: ReaderPosition, batch: int) -> list[Event]:
    return list(
        Event.objects.extra(
            where=[
                "(grievance_event.xid, grievance_event.id) > (%s, %s)",
                "grievance_event.xid < pg_snapshot_xmin(pg_current_snapshot())::text::bigint",
            ],
            params=[position.xid, position.event_id],
        )
        .select_related("complaint__category", "complaint__citizen", "complaint__department", "complaint__area")
        .order_by("xid", "id")[:batch]
    )


def _move(position: ReaderPosition, last: Event) -> None:
    position.xid, position.event_id, position.moved_at = last.xid, last.pk, timezone.now()
    position.failed_at, position.failure = None, ""
    position.save()
