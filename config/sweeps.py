"""Whether what beat rings really runs: each sweep's last good run, and which are late.

Every entry of beat's schedule is watched; nothing has to be added here for a new one.
"""

import datetime
import logging
import time

from celery import signals
from celery.schedules import schedule as every
from django.conf import settings
from django.db import Error
from django.utils import timezone

logger = logging.getLogger(__name__)

# Signs of life of worker and beat, judged by themselves.
NOT_A_SWEEP = {"config.health.canary"}
PERIODS = 3

_marked: dict[str, float] = {}


def schedules() -> dict:
    """Task → its schedule."""
    entries = settings.CELERY_BEAT_SCHEDULE.values()
    return {entry["task"]: entry["schedule"] for entry in entries if entry["task"] not in NOT_A_SWEEP}


def mark(task: str) -> None:
    """The task ran to its end. Under load that is many times a second: it is written twice a period at most."""
    from grievance.models import SweepRun  # noqa: PLC0415 - loaded before the apps are

    schedule, now = schedules().get(task), time.monotonic()
    if schedule is None:
        return
    shortest = schedule.run_every.total_seconds() / 2 if isinstance(schedule, every) else 0
    if task in _marked and now - _marked[task] < shortest:
        return
    try:
        SweepRun.objects.bulk_create(
            [SweepRun(task=task, ran_at=timezone.now())], update_conflicts=True, unique_fields=["task"],
            update_fields=["ran_at"],
        )  # fmt: skip
    except Error:
        logger.warning("sweep_not_marked", extra={"sweep": task})
    else:
        _marked[task] = now


@signals.task_success.connect
def _ran(sender=None, **_details):
    mark(sender.name)


def ages() -> dict[str, float | None]:
    """Seconds since each sweep's last run; None for one that never ran."""
    from grievance.models import SweepRun  # noqa: PLC0415

    runs, now = dict(SweepRun.objects.values_list("task", "ran_at")), timezone.now()
    return {task: (now - runs[task]).total_seconds() if task in runs else None for task in schedules()}


def late(since: float) -> dict[str, int]:
    """The sweeps that have not run for three periods, with the seconds since they should have begun to.

    `since` (seconds of the epoch) is when beat began: what stood still with it is not late yet.
    """
    from grievance.models import SweepRun  # noqa: PLC0415

    runs, now = dict(SweepRun.objects.values_list("task", "ran_at")), timezone.now()
    began = datetime.datetime.fromtimestamp(since, datetime.UTC)
    found = {}
    for task, schedule in schedules().items():
        last = max(runs.get(task, began), began)
        if _after(schedule, last, PERIODS) < now:
            found[task] = round((now - last).total_seconds())
    return found


def _after(schedule, moment: datetime.datetime, times: int) -> datetime.datetime:
    """When the schedule will have been due so many times since that moment."""
    if isinstance(schedule, every):
        return moment + schedule.run_every * times
    for _time in range(times):
        last, rest, _now = schedule.remaining_delta(moment)
        moment = last + rest
    return moment
