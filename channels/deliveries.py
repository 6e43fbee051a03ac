"""Sending what waits: workers claim by lease, send outside any transaction, and record how it ended.

A worker that dies leaves its lease to run out; then another sends the message (with the same key, so a
gateway that knows keys sends it once). What failed waits longer each time and in the end is given up
where people see it.
"""

import datetime
import logging
import random
import uuid

from django.conf import settings
from django.db import transaction
from django.db.models import F, Q
from django.utils import timezone

from .gateways import GatewayError, Message, gateway_for
from .models import Delivery

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=2)
MOST_ATTEMPTS = 10
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 3600
BATCH = 50


def send_waiting() -> int:
    """Sends one batch of what is due; returns how many were tried. While messages are frozen none is."""
    if _frozen().exists():
        return 0
    worker = uuid.uuid4()
    claimed = _claim(worker)
    for delivery in claimed:
        _send(delivery, worker)
    return len(claimed)


def _claim(worker: uuid.UUID) -> list[Delivery]:
    now = timezone.now()
    with transaction.atomic():
        due = (
            Delivery.objects.select_for_update(skip_locked=True)
            .filter(Q(locked_until=None) | Q(locked_until__lt=now), state=Delivery.State.QUEUED, available_at__lte=now)
            .order_by("available_at", "id")
            .values_list("pk", flat=True)[:BATCH]
        )
        ids = list(due)
        Delivery.objects.filter(pk__in=ids).update(
            locked_until=now + LEASE, locked_by=worker, attempts=F("attempts") + 1
        )
    return list(Delivery.objects.filter(pk__in=ids).order_by("id"))


def _send(delivery: Delivery, worker: uuid.UUID) -> None:
    message = Message(
        delivery.channel, delivery.address, delivery.body, delivery.subject, delivery.key, delivery.dlt_id
    )
    try:
        gateway_for(delivery.channel).send(message)
    except GatewayError as error:
        _failed(delivery, worker, str(error), permanent=error.permanent)
    except Exception as error:
        logger.exception("delivery_failed", extra={"delivery": delivery.pk})
        _failed(delivery, worker, type(error).__name__, permanent=False)
    else:
        _record(delivery, worker, state=Delivery.State.SENT, sent_at=timezone.now(), last_error="")


def _failed(delivery: Delivery, worker: uuid.UUID, reason: str, *, permanent: bool) -> None:
    if permanent or delivery.attempts >= MOST_ATTEMPTS:
        _record(delivery, worker, state=Delivery.State.FAILED, last_error=reason[:200])
        return
    wait = min(FIRST_WAIT_SECONDS * 2 ** (delivery.attempts - 1), LONGEST_WAIT_SECONDS)
    spread = wait * random.uniform(0.5, 1.5)  # noqa: S311 - so that what failed together does not come back together
    _record(delivery, worker, available_at=timezone.now() + datetime.timedelta(seconds=spread), last_error=reason[:200])


def _record(delivery: Delivery, worker: uuid.UUID, **values) -> None:
    """Writes the outcome, unless the lease ran out and another worker has the message now."""
    Delivery.objects.filter(pk=delivery.pk, locked_by=worker).update(locked_until=None, locked_by=None, **values)


def retry(queryset) -> int:
    """Puts given-up messages back into the queue, as an administrator asked."""
    return queryset.filter(state=Delivery.State.FAILED).update(
        state=Delivery.State.QUEUED, attempts=0, available_at=timezone.now(), last_error=""
    )


def _frozen():
    return settings.VAR_DIR / "deliveries-frozen"


def freeze(reason: str) -> None:
    """Lets no message leave until `release`: after a restore some of them were sent already."""
    _frozen().write_text(reason)


def release() -> None:
    """Lets messages leave again."""
    _frozen().unlink(missing_ok=True)
