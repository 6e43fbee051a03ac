"""Is it up, and is everything it needs there? `/healthz` and `/readyz`."""

import select
import threading
import time
from contextlib import suppress
from functools import lru_cache

import psycopg2.extensions
import redis
from celery import shared_task, signals
from django.conf import settings
from django.db import connection
from django.http import JsonResponse
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_safe

BEAT, WORKER = "health:beat", "health:worker"
# Beat writes every 5 s; the canary goes through the queue every 10 s.
MOST_SECONDS = {BEAT: 30, WORKER: 45}
WRITE_SECONDS = 5
# A database that accepts and then hangs must not hang the question whether it is there.
DATABASE_SECONDS = 2


@lru_cache(maxsize=1)
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def mark(name: str) -> None:
    """Leaves a sign of life; without a broker there is nowhere to leave it."""
    try:
        _valkey().set(name, int(time.time()), ex=600)
    except redis.RedisError:
        return


def forget() -> None:
    """Nothing has shown life yet: what an earlier start left in the broker must not make this one look ready."""
    with suppress(redis.RedisError):
        _valkey().delete(BEAT, WORKER)


@shared_task(ignore_result=True, expires=30)
def canary():
    """Beat sends it, a worker runs it: a worker that stopped consuming shows."""
    mark(WORKER)


@signals.worker_ready.connect
def _worker_is_ready(**_kwargs):
    mark(WORKER)


@signals.beat_init.connect
def _beat_begins(**_kwargs):
    def keep_marking():
        while True:
            mark(BEAT)
            time.sleep(WRITE_SECONDS)

    threading.Thread(target=keep_marking, daemon=True).start()


@require_safe
@never_cache
def healthz(request):
    """The web process answers."""
    return JsonResponse({"status": "ok"})


@require_safe
@never_cache
def readyz(request):
    """Database, broker, worker and beat; 503 and a reason when one is missing."""
    checks = {"database": _database(), "broker": _broker()}
    for name, key in (("worker", WORKER), ("beat", BEAT)):
        checks[name] = _alive(key) if checks["broker"] == "ok" else "unknown: the broker does not answer"
    ready = all(answer == "ok" for answer in checks.values())
    return JsonResponse({"status": "ok" if ready else "not ready", "checks": checks}, status=200 if ready else 503)


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
        _valkey().ping()
    except redis.RedisError:
        return "does not answer"
    return "ok"


def _alive(key: str) -> str:
    try:
        last = _valkey().get(key)
    except redis.RedisError:
        return "unknown: the broker does not answer"
    if last is None:
        return "no sign of life"
    age = int(time.time()) - int(last)
    return "ok" if age <= MOST_SECONDS[key] else f"no sign of life for {age} s"
