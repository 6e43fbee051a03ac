"""Is it up, and is everything it needs there and at work? `/healthz` and `/readyz`."""

import select
import time
from contextlib import suppress
from functools import lru_cache

import psycopg2.extensions
import redis
from celery import shared_task, signals
from django.conf import settings
from django.db import Error, connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

from channels import deliveries, partitions
from grievance import readers, replica, unattended
from grievance.models import ReaderPosition

from . import sweeps

BEAT, WORKER, MESSENGER = "health:beat", "health:worker", "health:messenger"
BEAT_SINCE = "health:beat:since"
# Beat writes at every turn; the canaries go through the queues every 10 s.
MOST_SECONDS = {BEAT: 30, WORKER: 45, MESSENGER: 45}
# A reader that has something to read and does not move for so long is run by nobody, or held up.
READER_SECONDS = 60
# A database that accepts and then hangs must not hang the question whether it is there.
DATABASE_SECONDS = 2


@lru_cache(maxsize=1)
def valkey() -> redis.Redis:
    """The broker, for questions of a moment."""
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def mark(name: str) -> None:
    """Leaves a sign of life; without a broker there is nowhere to leave it."""
    try:
        valkey().set(name, int(time.time()), ex=600)
    except redis.RedisError:
        return


def sign_of(hostname: str) -> str:
    """The sign of life of a worker by its name, `worker@…` or `messenger@…`."""
    return MESSENGER if str(hostname).startswith("messenger") else WORKER


def forget() -> None:
    """Nothing has shown life yet: what an earlier start left in the broker must not make this one look ready."""
    with suppress(redis.RedisError):
        valkey().delete(BEAT, BEAT_SINCE, WORKER, MESSENGER)


def mark_beat(since: float) -> None:
    """Beat lives, and has rung since that moment (seconds of the epoch)."""
    mark(BEAT)
    with suppress(redis.RedisError):
        valkey().set(BEAT_SINCE, since, ex=600)


@shared_task(ignore_result=True, expires=30)
def canary(listener: str = "worker"):
    """Beat sends it, a worker runs it: a worker that stopped consuming shows."""
    mark(f"health:{listener}")


@signals.worker_ready.connect
def _worker_is_ready(sender=None, **_kwargs):
    mark(sign_of(sender.hostname))


@require_safe
@never_cache
def healthz(request):
    """The web process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request):
    """Servers and processes, sweeps and readers; 503 and a reason when one is missing, stands still or fails."""
    checks = {"database": _database(), "broker": _broker()}
    for name, key in (("worker", WORKER), ("messenger", MESSENGER), ("beat", BEAT)):
        checks[name] = _alive(key) if checks["broker"] == "ok" else "unknown: the broker does not answer"
    warnings = {}
    for name, check in (("sweeps", _sweeps), ("readers", _readers), ("log", _log)):
        checks[name] = _asked(check) if checks["database"] == "ok" else "unknown: the database does not answer"
    for name, warn in (
        ("deliveries", _frozen), ("lines", _lines), ("replica", _replica), ("partitions", _partitions),
    ):  # fmt: skip
        if checks["database"] == "ok" and (said := _asked(warn)):
            warnings[name] = said
    ready = all(answer == "ok" for answer in checks.values())
    status = "ok" if ready else "not ready"
    return JsonResponse({"status": status, "checks": checks, "warnings": warnings}, status=200 if ready else 503)


def _asked(check) -> str:
    try:
        return check()
    except Error as error:
        return f"unknown: {type(error).__name__}"


def _sweeps() -> str:
    """Judged from when beat began to ring; while no beat shows life, that is said beside it."""
    try:
        since = valkey().get(BEAT_SINCE)
    except redis.RedisError:
        since = None
    if since is None:
        return "unknown: no beat rings"
    late = sweeps.late(float(since))
    return "; ".join(f"{task} has not run for {seconds} s" for task, seconds in late.items()) or "ok"


def _readers() -> str:
    failing = ReaderPosition.objects.filter(failed_at__isnull=False).order_by("name")
    said = [f"{r.name} fails on event {r.failing_event} ({r.failure}), {r.failures} times so far" for r in failing]
    known = {reader.name for reader in failing}
    still = readers.standing_still(READER_SECONDS)
    said += [f"{name} has not read for {age:.0f} s" for name, age in still.items() if name not in known]
    return "; ".join(said) or "ok"


def _log() -> str:
    return "restored from another server: run manage.py adopt_log" if readers.log_is_from_elsewhere() else "ok"


def _frozen() -> str:
    switch = deliveries.frozen()
    return f"frozen since {switch.frozen_at.isoformat(timespec='seconds')}: {switch.reason}" if switch else ""


def _replica() -> str:
    """No reason not to be ready: the primary answers for it."""
    if not replica.is_set():
        return ""
    lag = replica.look()
    if lag is None:
        return "does not answer or follows nobody: the primary answers for it"
    return f"{lag:.0f} s behind: the primary answers for it" if lag > replica.MOST_SECONDS else ""


def _lines() -> str:
    """How many wait and for which line stands behind a door: on `/metrics`, and in the administration."""
    waits = unattended.waiting().exists()
    return "confidential complaints wait, and nobody is posted who may see them" if waits else ""


def _partitions() -> str:
    """A month without its table stops nothing: the default partition takes its messages. But someone must look."""
    said = [f"no table for the messages of {month:%Y-%m}" for month in partitions.missing()]
    if strays := partitions.strays():
        said.append(f"{strays} messages lie in no month's table")
    return "; ".join(said)


def _database() -> str:
    deadline = time.monotonic() + DATABASE_SECONDS
    try:
        probe = psycopg2.connect(**connection.get_connection_params(), async_=1)
        try:
            _finish(probe, deadline)
            cursor = probe.cursor()
            cursor.execute("SELECT 1")
            _finish(probe, deadline)
        finally:
            probe.close()
    except (psycopg2.Error, TimeoutError):
        return "does not answer"
    return "ok"


def _finish(probe, deadline: float) -> None:
    """Waits for what a connection is about to do. Raises TimeoutError, or the database's error."""
    while (state := probe.poll()) != psycopg2.extensions.POLL_OK:
        reading, writing = ([probe], []) if state == psycopg2.extensions.POLL_READ else ([], [probe])
        if not any(select.select(reading, writing, [], max(0, deadline - time.monotonic()))):
            raise TimeoutError


def _broker() -> str:
    try:
        valkey().ping()
    except redis.RedisError:
        return "does not answer"
    return "ok"


def _alive(key: str) -> str:
    try:
        last = valkey().get(key)
    except redis.RedisError:
        return "unknown: the broker does not answer"
    if last is None:
        return "no sign of life"
    age = int(time.time()) - int(last)
    return "ok" if age <= MOST_SECONDS[key] else f"no sign of life for {age} s"
