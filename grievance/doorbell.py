"""Rings a Celery task after a commit. A lost ring costs seconds, never the outcome: sweeps find the work.

Rings are merged: while one is on its way, further ones would find nothing more to do. Each stays on its way
for a moment, so that under load a task takes a batch instead of one.
"""

import logging
from functools import lru_cache

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

ROUTE = "grievance.tasks.route_registered"
HAND_OVER = "grievance.tasks.hand_over"
FOLLOW = "channels.tasks.follow_events"
DELIVER = "channels.tasks.deliver"
# How long a ring on its way silences others, should its task never arrive.
SILENCE_MS = 1000
# The moment: short against the 2 seconds in which a complaint is to be on its desk, long against one task.
GATHER_SECONDS = 0.25


@lru_cache(maxsize=1)
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def ring_after_commit(*tasks: str) -> None:
    """Rings when the present transaction commits, and not at all when it does not."""
    transaction.on_commit(lambda: ring(*tasks), robust=True)


def ring(*tasks: str) -> None:
    """Rings now. Never raises: without a broker the sweeps do the work."""
    try:
        for task in tasks:
            if _valkey().set(f"doorbell:{task}", 1, nx=True, px=SILENCE_MS):
                current_app.send_task(task, ignore_result=True, expires=60, countdown=GATHER_SECONDS)
    except Exception as error:  # noqa: BLE001 - whatever the broker's trouble is, the change is committed
        logger.warning("doorbell_silent", extra={"tasks": tasks, "error": type(error).__name__})


def heard(task: str) -> None:
    """The task begins: what is committed from now on rings anew."""
    try:
        _valkey().delete(f"doorbell:{task}")
    except redis.RedisError:
        logger.warning("doorbell_silent", extra={"tasks": [task]})
