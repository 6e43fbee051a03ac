"""Beat's clockwork: RedBeat, whose lock in Valkey lets one of several beats ring while the others wait.

What RedBeat keeps in Valkey is no memory of ours. Where it is flushed, or Valkey was away, RedBeat itself would end
with an error; this one competes for the lock again, writes the schedule from the settings anew and goes on.
"""

import logging
import time
from types import SimpleNamespace

import redis
from celery.schedules import schedule as every
from django.conf import settings
from redbeat.schedulers import RedBeatScheduler, acquire_distributed_beat_lock, get_redis

from . import health

logger = logging.getLogger(__name__)

# How soon a broker that does not answer is asked again.
PAUSE_SECONDS = 1.0
# Short against the seconds within which a sweep must find what no bell rang for: when a beat was killed, another
# rings as soon as its lock has run out.
LOCK_SECONDS = 5


class Beat(RedBeatScheduler):
    """RedBeat that outlives FLUSHALL and a Valkey that comes and goes, and shows that it lives."""

    since: float | None = None

    def __init__(self, app, **more):
        # Here and not in Django's settings: under their prefix RedBeat finds its own, and warns that it does not.
        app.conf.update(
            redbeat_redis_url=settings.REDIS_URL,
            redbeat_redis_options={"socket_timeout": 5, "socket_connect_timeout": 1},
            redbeat_lock_timeout=LOCK_SECONDS,
        )
        super().__init__(app, **more)

    def tick(self, **kwargs) -> float:
        """Rings what is due; returns how many seconds may pass until the next call."""
        try:
            if self.lock is None:
                self._begin()
            pause = super().tick(**kwargs)
        except redis.exceptions.LockError:
            logger.warning("beat_lost_its_lock")
            self.lock = None
            return 0.0
        except redis.RedisError as error:
            logger.warning("beat_without_broker", extra={"error": type(error).__name__})
            return PAUSE_SECONDS
        self.since = self.since or time.time()
        health.mark_beat(self.since)
        return pause

    def setup_schedule(self) -> None:
        """Sweeps that Valkey knows nothing of are due at once: however often it is flushed, none waits for that."""
        known, plan = get_redis(self.app), self.app.redbeat_conf.schedule
        new = [name for name in plan if not known.exists(self.Entry.generate_key(self.app, name))]
        super().setup_schedule()
        for name in new:
            entry = self.Entry.from_key(self.Entry.generate_key(self.app, name), app=self.app)
            if isinstance(entry.schedule, every):
                entry.reschedule(self.app.now() - entry.schedule.run_every)

    def _begin(self) -> None:
        """Waits for the lock and writes the schedule, of which nothing may be left."""
        acquire_distributed_beat_lock(sender=SimpleNamespace(scheduler=self))
        self.setup_schedule()
