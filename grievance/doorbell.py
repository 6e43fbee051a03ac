"""Rings a Celery task after a commit. A lost ring costs seconds, never the outcome: sweeps find the work.

Rings are merged: while one is on its way, further ones would find nothing more to do. Each stays on its way
for a moment, so that under load a task takes a batch instead of one: a task costs as much processor time as ten
complaints. Valkey keeps of each task when the one on its way will begin, and a process that rang or asked need not ask
again until then. A task that finds much to do works in turns, so that no other waits long for a process.
"""

import logging
import time
from collections.abc import Callable
from functools import lru_cache

import redis
from celery import current_app
from django.conf import settings
from django.db import transaction

logger = logging.getLogger(__name__)

ROUTE = "grievance.tasks.route_registered"
HAND_OVER = "grievance.tasks.hand_over"
REDATE = "grievance.tasks.redate"
WARN, RUN_ON = "grievance.tasks.warn_due", "grievance.tasks.run_on_unanswered"
REMIND = "grievance.tasks.remind_of_verdict"
FOLLOW = "grievance.tasks.follow_readers"
CLIMB = "grievance.tasks.climb_overdue"
EXPORT = "grievance.tasks.write_exports"
# By the medium of the messages.
DELIVER = {"sms": "channels.tasks.deliver_sms", "email": "channels.tasks.deliver_email"}
# How long a ring on its way silences others, should its task never arrive.
SILENCE_MS = 1000
# The moment: short against the 2 seconds in which a complaint is to be on its desk and every reader to have read of
# it, long against one task.
GATHER_SECONDS = 0.5
# A complaint rung for while every process has a turn still is routed within the 2 seconds.
TURN_SECONDS = 1
# Clocks of several machines differ: so long before a ring's task begins, it is believed to have begun.
CLOCKS_DIFFER_SECONDS = 0.1

# When the task begins that is on its way, as far as this process knows.
_begins: dict[str, float] = {}


@lru_cache(maxsize=1)
def _valkey() -> redis.Redis:
    return redis.Redis.from_url(settings.REDIS_URL, socket_timeout=1, socket_connect_timeout=1)


def ring_after_commit(*tasks: str) -> None:
    """Rings when the present transaction commits, and not at all when it does not."""
    if tasks:
        transaction.on_commit(lambda: ring(*tasks), robust=True)


def ring(*tasks: str, after: float = GATHER_SECONDS) -> None:
    """Rings now; the tasks begin some seconds `after`. Never raises: without a broker the sweeps do the work."""
    begins = time.time() + after
    tasks = [task for task in tasks if not _is_to_begin(_begins.get(task))]
    if not tasks:
        return
    try:
        with _valkey().pipeline(transaction=False) as asking:
            for task in tasks:
                asking.set(_key(task), begins, nx=True, get=True, px=SILENCE_MS)
            on_their_way = asking.execute()
        for task, other in zip(tasks, on_their_way, strict=True):
            if other is None:
                current_app.send_task(task, ignore_result=True, expires=60, countdown=after or None)
            _begins[task] = float(other or begins)
    except Exception as error:  # noqa: BLE001 - whatever the broker's trouble is, the change is committed
        logger.warning("doorbell_silent", extra={"tasks": tasks, "error": type(error).__name__})


def _key(task: str) -> str:
    return f"doorbell:{task}"


def _is_to_begin(begins: float | bytes | None) -> bool:
    """Whether a task that begins then finds all that is committed by now. No ring stays on its way longer than it takes
    to gather: what says so was written before a clock was set."""
    return begins is not None and CLOCKS_DIFFER_SECONDS < float(begins) - time.time() <= GATHER_SECONDS


def heard(task: str) -> None:
    """The task begins: what is committed from now on rings anew. A ring that is still on its way, where beat or an
    earlier ring let this one begin, stands: else each would make two of one, under load for good."""
    try:
        if not _is_to_begin(_valkey().get(_key(task))):
            _valkey().delete(_key(task))
    except redis.RedisError:
        logger.warning("doorbell_silent", extra={"tasks": [task]})


def forget() -> None:
    """Asks Valkey anew at the next ring."""
    _begins.clear()


def in_turns(task: str, step: Callable[[], int], full: int = 1) -> int:
    """Repeats `step` while it finds work; after a turn rings for the next one instead. Returns what was found."""
    heard(task)
    found, is_more = turn(step, full)
    if is_more:
        ring(task, after=0)
    return found


def turn(step: Callable[[], int], full: int = 1) -> tuple[int, bool]:
    """Repeats `step` while it finds work, for a turn at most. Returns what was found, and whether there is more.

    A step that finds less than `full` found all there was, and what came since has rung for itself: under load
    the next task takes a batch where looking again at once would take one or two.
    """
    ends, found = time.monotonic() + TURN_SECONDS, 0
    while count := step():
        found += count
        if count < full:
            break
        if time.monotonic() >= ends:
            return found, True
    return found, False
