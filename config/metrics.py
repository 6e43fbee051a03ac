"""`/metrics`: figures of operation in the words Prometheus reads, none about a person.

They are read from the database and the broker when someone asks, by queries over indexes: so they are the same
from every web process, and nothing is counted in memory that a killed process could lose.
"""

import hmac
import ipaddress
import json
import time
from collections.abc import Iterator

import redis
from django.conf import settings
from django.db.models import Count, Q
from django.http import Http404, HttpResponse
from django.utils import timezone
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe
from prometheus_client import CollectorRegistry
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.exposition import CONTENT_TYPE_LATEST, generate_latest

from channels import deliveries, partitions
from channels.models import Delivery, Medium
from grievance import readers, replica, unattended
from grievance.models import RUNNING_STATES, Complaint, ReaderPosition

from . import health, queues, sweeps


@require_safe
@never_cache
def metrics(request):
    """All figures; 404 for whoever may not see them."""
    if not _may_see(request):
        raise Http404
    registry = CollectorRegistry(auto_describe=False)
    registry.register(Collector())
    return HttpResponse(generate_latest(registry), content_type=CONTENT_TYPE_LATEST)


def _may_see(request) -> bool:
    if settings.METRICS_TOKEN:
        given = request.headers.get("Authorization", "").removeprefix("Bearer ").encode()
        return hmac.compare_digest(given, settings.METRICS_TOKEN.encode())
    # Behind a proxy on the same machine everyone would come from this machine.
    if not settings.DEMO or "X-Forwarded-For" in request.headers:
        return False
    try:
        return ipaddress.ip_address(request.META.get("REMOTE_ADDR", "")).is_loopback
    except ValueError:
        return False


class Collector:
    """What `generate_latest` asks for its figures."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        yield from _queues()
        yield from _readers()
        yield from _complaints()
        yield from _deliveries()
        yield from _replica()
        yield _labelled("seva_sweep_age_seconds", "Since the sweep's last good run.", "sweep",
                        {task: age for task, age in sweeps.ages().items() if age is not None})  # fmt: skip


def _queues() -> Iterator[GaugeMetricFamily]:
    lengths, ages = {}, {}
    try:
        for queue in queues.EVERY:
            with health.valkey().pipeline(transaction=False) as pipe:
                lengths[queue], oldest = pipe.llen(queue).lindex(queue, -1).execute()
            ages[queue] = _age(oldest)
    except redis.RedisError:
        lengths, ages = {}, {}
    yield _plain("seva_broker_up", "Whether the broker answers.", int(bool(lengths)))
    yield _labelled("seva_queue_length", "Tasks that no worker has taken.", "queue", lengths)
    yield _labelled("seva_queue_age_seconds", "Age of the oldest task that no worker has taken.", "queue", ages)


def _age(message: bytes | None) -> float:
    """From when `config.celery` stamped it."""
    if message is None:
        return 0.0
    try:
        return max(0.0, time.time() - float(json.loads(message)["headers"]["rung_at"]))
    except (ValueError, KeyError, TypeError):
        return 0.0


def _readers() -> Iterator[GaugeMetricFamily]:
    failing = set(ReaderPosition.objects.filter(failed_at__isnull=False).values_list("name", flat=True))
    yield _labelled("seva_reader_lag_seconds", "Age of the oldest event the reader has not read.", "reader",
                    readers.lags())  # fmt: skip
    yield _labelled("seva_reader_failing", "Whether the reader stands before an event it fails on.", "reader",
                    {reader.name: int(reader.name in failing) for reader in readers.every()})  # fmt: skip


def _complaints() -> Iterator[GaugeMetricFamily]:
    late = Complaint.objects.filter(state__in=RUNNING_STATES, due_at__lt=timezone.now())
    found = late.aggregate(overdue=Count("id"), breached=Count("id", filter=Q(breached_at__isnull=False)))
    yield _plain("seva_overdue_complaints", "Complaints whose clock has run out.", found["overdue"])
    yield _plain("seva_breached_complaints", "Of these, at the top of their ladder.", found["breached"])
    yield _plain("seva_unattended_complaints", "Confidential complaints whose line has nobody for them.",
                 unattended.waiting().count())  # fmt: skip
    waiting = Complaint.objects.filter(state="registered", triage_since=None).order_by("id")
    oldest = waiting.values_list("registered_at", flat=True).first()
    age = max(0.0, (timezone.now() - oldest).total_seconds()) if oldest else 0
    yield _plain("seva_oldest_unrouted_seconds", "Age of the oldest complaint that no worker has routed.", age)


def _deliveries() -> Iterator[GaugeMetricFamily]:
    ages, now = {}, timezone.now()
    for channel in Medium.values:
        waiting = Delivery.objects.filter(state=Delivery.State.QUEUED, channel=channel, held="").order_by("id")
        oldest = waiting.values_list("created_at", flat=True).first()
        ages[channel] = max(0.0, (now - oldest).total_seconds()) if oldest else 0
    yield _labelled("seva_oldest_undelivered_seconds", "Age of the oldest message waiting, without those held back.",
                    "channel", ages)  # fmt: skip
    counts = Delivery.objects.filter(~Q(state=Delivery.State.SENT))
    dead = dict(counts.filter(state=Delivery.State.FAILED).order_by().values_list("channel").annotate(Count("id")))
    held = counts.exclude(held="").filter(state=Delivery.State.QUEUED).count()
    yield _labelled("seva_dead_letters", "Messages given up.", "channel", {c: dead.get(c, 0) for c in Medium.values})
    yield _plain("seva_held_messages", "Messages held back until a better hour.", held)
    yield _plain("seva_deliveries_frozen", "Whether all sending is frozen.", int(deliveries.frozen() is not None))
    yield _plain("seva_missing_partitions", "Months, of this and the next, without a table for their messages.",
                 len(partitions.missing()))  # fmt: skip
    yield _plain("seva_stray_deliveries", "Messages whose month had no table.", partitions.strays())


def _replica() -> Iterator[GaugeMetricFamily]:
    if replica.is_set():
        lag = replica.look()
        yield _plain("seva_replica_up", "Whether the replica answers.", int(lag is not None))
        if lag is not None:
            yield _plain("seva_replica_lag_seconds", "How far the replica is behind the primary.", lag)


def _plain(name: str, says: str, value: float) -> GaugeMetricFamily:
    return GaugeMetricFamily(name, says, value=value)


def _labelled(name: str, says: str, label: str, values: dict[str, float]) -> GaugeMetricFamily:
    family = GaugeMetricFamily(name, says, labels=[label])
    for key, value in values.items():
        family.add_metric([key], value)
    return family
