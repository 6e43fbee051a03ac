"""The Celery application. Beat's schedule stands in the settings."""

import ctypes
import os
import signal
import time

from celery import Celery
from celery.signals import before_task_publish, task_prerun, worker_process_init
from django.db import close_old_connections
from django_structlog.celery.steps import DjangoStructLogInitStep

from .embedded import PR_SET_PDEATHSIG
from .garbage import keep_what_is_loaded

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("seva_sankalp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
# The log of a task bears its id, and that of the request that rang for it.
app.steps["worker"].add(DjangoStructLogInitStep)


@before_task_publish.connect
def stamp(headers=None, **_details) -> None:
    """When it was rung for: how long the oldest ring of a queue waits is a figure of operation."""
    headers["rung_at"] = time.time()


@task_prerun.connect
def keep_the_connection_while_it_works(**_details) -> None:
    """As before a request: one that failed, or is old, is replaced. Celery itself would connect anew for each task,
    which takes PostgreSQL longer than most tasks do."""
    close_old_connections()


@worker_process_init.connect
def die_with_the_worker(**_details) -> None:
    """A pool process whose worker was killed must not work on beside its successor (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)


@worker_process_init.connect
def look_for_garbage_rarely(**_details) -> None:
    keep_what_is_loaded()
