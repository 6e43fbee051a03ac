"""The Celery application. Beat's schedule stands in the settings."""

import os

from celery import Celery

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")

app = Celery("seva_sankalp")
app.config_from_object("django.conf:settings", namespace="CELERY")
app.autodiscover_tasks()
