"""A worker that has gone deaf ends itself, and whoever started it starts it again.

After its broker was away, Celery's worker has been seen to connect again and then to take nothing any more
(celery/celery#10205, #10302). What beat rings for every ten seconds, the canary, shows it.
"""

import logging
import os
import signal
import threading
import time

import redis
from celery import signals

from . import health

logger = logging.getLogger(__name__)

# Far longer than any task keeps a process, so that a busy worker is not taken for a deaf one.
DEAF_SECONDS = 120
LOOK_SECONDS = 10


class Watchdog:
    """Counts only the time in which the broker answered and a beat rang."""

    def __init__(self, sign: str, now: float):
        self.sign, self.heard = sign, now

    def is_deaf(self, now: float) -> bool:
        """Whether the worker has taken nothing for too long although it was rung for."""
        try:
            mark, beat = health.valkey().mget(self.sign, health.BEAT)
        except redis.RedisError:
            mark = beat = None
        if beat is None or now - float(beat) > LOOK_SECONDS:
            self.heard = now
        elif mark is not None:
            self.heard = max(self.heard, float(mark))
        return now - self.heard > DEAF_SECONDS


@signals.worker_ready.connect
def _begin(sender=None, **_details):
    sign = health.sign_of(sender.hostname)
    threading.Thread(target=_watch, args=[Watchdog(sign, time.time())], daemon=True).start()


def _watch(dog: Watchdog) -> None:
    while True:
        time.sleep(LOOK_SECONDS)
        if dog.is_deaf(time.time()):
            logger.error("worker_is_deaf", extra={"sign": dog.sign})
            # Its processes go with it (config/celery.py); what they had begun is rolled back and found again.
            os.kill(os.getpid(), signal.SIGKILL)
