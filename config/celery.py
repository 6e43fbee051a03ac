"""The Celery application. Beat's schedule stands in the settings."""

import ctypes
import os
import signal

from celery import Celery
from celery.signals import worker_process_init

from .embedded import PR_SET_PDEATHSIG

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("seva_sankalp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()


@worker_process_init.connect
def die_with_the_worker(**_details) -> None:
    """A pool process whose worker was killed must not work on beside its successor (Linux)."""
    prctl = getattr(ctypes.CDLL(None), "prctl", None)
    if prctl:
        prctl(PR_SET_PDEATHSIG, signal.SIGKILL)
