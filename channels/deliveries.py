"""Sending what waits: workers claim, send, and record how it ended.

A gateway of the world outside is given one message after the other, outside any transaction and under a lease.
A worker that dies leaves its lease to run out; then another sends the message (with the same key, so a
gateway that knows keys sends it once). A gateway within our own database takes a whole batch in the transaction
that claims and records it. What failed waits longer each time and in the end is given up where people see it.

Messages to one person about one complaint leave in the order in which they were made: while an earlier one
waits, a later one of the same medium waits with it.
"""

import datetime
import logging
import random
import time
import uuid

from django.db import DatabaseError, InterfaceError, connection, transaction
from django.db.models import F, Max, OuterRef, Q, Subquery
from django.db.models.functions import Coalesce
from django.utils import timezone

from departments.locks import one_at_a_time
from grievance import doorbell, record

from . import holding, html_mail, partitions
from .gateways import GatewayError, Message, gateway_for
from .models import Delivery, DeliverySwitch, Medium

logger = logging.getLogger(__name__)

LEASE = datetime.timedelta(minutes=2)
# After so long no other message of a batch is begun: far less than the lease, and other tasks wait for the process.
SENDING_SECONDS = 10
# Half a day: a gateway that is down for an evening costs nobody a message.
MOST_ATTEMPTS = 24
FIRST_WAIT_SECONDS = 5
LONGEST_WAIT_SECONDS = 3600
# A restart of the database lasts less, and the lease more.
RECORDING_SECONDS = 30
# For one that stands behind a message which is just being sent.
BEHIND_SECONDS = 2
BATCH, BATCH_TOGETHER = 10, 200
# Claims are made one after the other, so that a day's number is exact; the sending is not.
CLAIMING = 0x5EBA_0001
GIVEN_UP = "waited when sending was frozen; may have been sent before"


def make(deliveries: list[Delivery]) -> None:
    """Puts messages into the queue; one whose key is there is not made again. In the caller's transaction."""
    deliveries = _without_old_news(deliveries)
    record.insert(Delivery, deliveries, "ON CONFLICT DO NOTHING")
    doorbell.ring_after_commit(*{doorbell.DELIVER[delivery.channel] for delivery in deliveries})
    # What an emergency says first does not wait for the morning while the rest goes: the order holds.
    urgent = {delivery.complaint_id for delivery in deliveries if delivery.urgent} - {None}
    if urgent:
        earlier = Delivery.objects.filter(complaint__in=urgent, state=Delivery.State.QUEUED, urgent=False)
        earlier.exclude(held="").update(available_at=timezone.now(), held="")
        earlier.update(urgent=True)


def _without_old_news(deliveries: list[Delivery]) -> list[Delivery]:
    """Without messages of months that were put away: where a reader is replayed, they were made long ago."""
    recent = partitions.first_of(timezone.localdate(), -partitions.FEWEST_MONTHS_KEPT)
    old = {month for delivery in deliveries if (month := partitions.month_of(delivery)) < recent}
    away = partitions.are_put_away(old) if old else set()
    return [delivery for delivery in deliveries if partitions.month_of(delivery) not in away]


def send_waiting(channel: str = "") -> int:
    """Sends one batch of what is due by a medium, or by each of them; returns how many were due."""
    if not channel:
        return sum(send_waiting(medium) for medium in Medium.values)
    if hasattr(gateway_for(channel), "send_many"):
        try:
            return _send_together(channel)
        except Exception:
            logger.exception("batch_not_sent", extra={"channel": channel})
    return _send_one_by_one(channel)


def _send_together(channel: str) -> int:
    """Claims, hands over and records a batch in one transaction: for a gateway in our own database."""
    with transaction.atomic():
        claimed, seen = _take(channel, BATCH_TOGETHER)
        if claimed:
            gateway_for(channel).send_many([_message(delivery) for delivery in claimed])
            partitions.those(claimed).update(
                state=Delivery.State.SENT, sent_at=timezone.now(), attempts=F("attempts") + 1, held="", last_error="",
                locked_until=None, locked_by=None,
            )  # fmt: skip
    return seen


def _send_one_by_one(channel: str) -> int:
    worker, began = uuid.uuid4(), time.monotonic()
    claimed, seen = _claim(worker, channel)
    stopped: dict[tuple, datetime.datetime] = {}
    for delivery in claimed:
        order = _order(delivery)
        if order in stopped:
            _put_back(delivery, worker, stopped[order])
        elif time.monotonic() - began > SENDING_SECONDS:
            _put_back(delivery, worker, timezone.now())
        elif again := _send(delivery, worker):
            stopped[order] = again
    return seen


# Claiming ------------------------------------------------------------------------------------------


def _claim(worker: uuid.UUID, channel: str = Medium.SMS) -> tuple[list[Delivery], int]:
    """Takes a batch under a lease of this worker's; `_take` says what it returns."""
    with transaction.atomic():
        claimed, seen = _take(channel, BATCH)
        partitions.those(claimed).update(
            locked_until=timezone.now() + LEASE, locked_by=worker, attempts=F("attempts") + 1, held=""
        )
    for delivery in claimed:
        delivery.attempts += 1
    return claimed, seen


def _take(channel: str, most: int) -> tuple[list[Delivery], int]:
    """Locks a batch of what may go now, in the order in which it was made, and returns it with how many were due.

    The others of these are told when to come again.
    """
    now = timezone.now()
    one_at_a_time(CLAIMING)
    if frozen():
        return [], 0
    only_urgent = Q(urgent=True) if holding.hold_for_the_night(channel, now) else Q()
    due = (
        Delivery.objects.select_for_update(skip_locked=True)
        .filter(holding.unclaimed(now), only_urgent, channel=channel, state=Delivery.State.QUEUED)
        .filter(available_at__lte=now)
        .order_by("available_at", "id")[:most]
    )
    due = sorted(due, key=lambda delivery: delivery.pk)
    seen, behind = len(due), _behind(due, now)
    due = [delivery for delivery in due if delivery.pk not in behind]
    over = holding.over_the_days_number(due, now)
    if over:
        over = {delivery.pk for delivery in over}
        Delivery.objects.filter(pk__in=over).update(available_at=holding.tomorrow(now), held=Delivery.Held.CAP)
        due = [delivery for delivery in due if delivery.pk not in over]
    return due, seen


def _behind(due: list[Delivery], now: datetime.datetime) -> set[int]:
    """Those before which another of their order waits that is not due itself; they are due when it is."""
    complaints = {delivery.complaint_id for delivery in due} - {None}
    if not complaints:
        return set()
    taken = [delivery.pk for delivery in due]
    waiting = Delivery.objects.filter(
        complaint__in=complaints, recipient__in={delivery.recipient_id for delivery in due},
        channel=due[0].channel, state=Delivery.State.QUEUED,
    ).exclude(pk__in=taken)  # fmt: skip
    first: dict[tuple, int] = {}
    for pk, complaint, recipient, channel in waiting.order_by("-id").values_list(
        "pk", "complaint", "recipient", "channel"
    ):
        first[complaint, recipient, channel] = pk
    behind = {delivery.pk for delivery in due if first.get(_order(delivery), delivery.pk) < delivery.pk}
    if behind:
        _due_with_the_one_before(behind, taken, now)
    return behind


def _due_with_the_one_before(behind: set[int], taken: list[int], now: datetime.datetime) -> None:
    before = (
        Delivery.objects.filter(
            complaint=OuterRef("complaint"), recipient=OuterRef("recipient"), channel=OuterRef("channel"),
            state=Delivery.State.QUEUED, pk__lt=OuterRef("pk"),
        )
        .exclude(pk__in=taken).order_by().values("complaint").annotate(last=Max("available_at")).values("last")
    )  # fmt: skip
    soonest = now + datetime.timedelta(seconds=BEHIND_SECONDS)
    rows = Delivery.objects.filter(pk__in=behind)
    # The one before may have been sent in this very moment: then nothing is waited for.
    rows.update(available_at=Coalesce(Subquery(before), soonest))
    rows.filter(available_at__lt=soonest).update(available_at=soonest)


def _order(delivery: Delivery) -> tuple:
    """What must not be overtaken: the same order, the same complaint, person and medium."""
    return (delivery.complaint_id or f"alone {delivery.pk}", delivery.recipient_id, delivery.channel)


# Sending one ---------------------------------------------------------------------------------------


def _message(delivery: Delivery) -> Message:
    return Message(
        delivery.channel, delivery.address, delivery.body, delivery.subject, delivery.key, delivery.dlt_id,
        html_mail.of(delivery),
    )  # fmt: skip


def _send(delivery: Delivery, worker: uuid.UUID) -> datetime.datetime | None:
    """Sends one and records how it ended; returns when it is tried again, if it is."""
    try:
        gateway_for(delivery.channel).send(_message(delivery))
    except GatewayError as error:
        return _failed(delivery, worker, str(error), permanent=error.permanent)
    except Exception as error:
        logger.exception("delivery_failed", extra={"delivery": delivery.pk})
        return _failed(delivery, worker, type(error).__name__, permanent=False)
    _record(delivery, worker, state=Delivery.State.SENT, sent_at=timezone.now(), last_error="")
    return None


def _failed(delivery: Delivery, worker: uuid.UUID, reason: str, *, permanent: bool) -> datetime.datetime | None:
    if permanent or delivery.attempts >= MOST_ATTEMPTS:
        _record(delivery, worker, state=Delivery.State.FAILED, last_error=reason[:200])
        return None
    wait = min(FIRST_WAIT_SECONDS * 2 ** (delivery.attempts - 1), LONGEST_WAIT_SECONDS)
    spread = wait * random.uniform(0.5, 1.5)  # noqa: S311 - so that what failed together does not come back together
    again = timezone.now() + datetime.timedelta(seconds=spread)
    _record(delivery, worker, available_at=again, last_error=reason[:200])
    return again


def _put_back(delivery: Delivery, worker: uuid.UUID, again: datetime.datetime) -> None:
    """Gives back one that was claimed and not tried."""
    _record(delivery, worker, available_at=again, attempts=F("attempts") - 1)


def _record(delivery: Delivery, worker: uuid.UUID, **values) -> None:
    """Writes the outcome, unless the lease ran out and another worker has the message now.

    Waits for a database that is away for a moment: an outcome that is not written is a message sent again.
    """
    ends = time.monotonic() + RECORDING_SECONDS
    while True:
        try:
            partitions.those([delivery]).filter(locked_by=worker).update(locked_until=None, locked_by=None, **values)
        except (DatabaseError, InterfaceError):
            # A connection that breaks under a statement is not always an OperationalError for psycopg2.
            if connection.in_atomic_block or time.monotonic() > ends:
                raise
            connection.close()
            time.sleep(0.5)
        else:
            return


# What an administrator does --------------------------------------------------------------------------


def retry(queryset) -> int:
    """Puts given-up messages back into the queue, as an administrator asked."""
    return queryset.filter(state=Delivery.State.FAILED).update(
        state=Delivery.State.QUEUED, attempts=0, available_at=timezone.now(), held="", last_error=""
    )


def frozen() -> DeliverySwitch | None:
    """The switch while all sending stands still, else None."""
    return DeliverySwitch.objects.filter(frozen_at__isnull=False).first()


def freeze(reason: str) -> None:
    """Lets nothing be sent any more, until an administrator releases it; whoever just claims has ended then.

    `reason` is shown in the administration and on `/readyz`. Frozen twice keeps the first moment and reason.
    """
    with transaction.atomic():
        one_at_a_time(CLAIMING)
        DeliverySwitch.objects.get_or_create(pk=DeliverySwitch.ONLY)
        DeliverySwitch.objects.filter(frozen_at=None).update(frozen_at=timezone.now(), reason=reason[:200])


def release(user=None, *, give_up: bool = False) -> int:
    """Lets messages be sent again; returns how many of those from before the freezing wait, or were given up. From
    before are those made earlier, and those of earlier events that were only read since.

    `give_up` is for a restored backup whose waiting messages may have been sent before: they end as given up,
    where each can still be tried again by hand.
    """
    with transaction.atomic():
        one_at_a_time(CLAIMING)
        switch = frozen()
        if switch is None:
            return 0
        earlier = Q(created_at__lt=switch.frozen_at) | Q(event__at__lt=switch.frozen_at)
        waiting = Delivery.objects.filter(earlier, state=Delivery.State.QUEUED)
        if give_up:
            count = waiting.update(state=Delivery.State.FAILED, held="", last_error=GIVEN_UP)
        else:
            count = waiting.count()
        switch.frozen_at, switch.released_at, switch.released_by = None, timezone.now(), user
        switch.save()
    return count
