"""Celery's door into the figures."""

from celery import shared_task

from grievance import doorbell

from . import releases

PUBLISH = "dashboards.tasks.publish_figures"


@shared_task(ignore_result=True)
def publish_figures():
    """Publishes the months that are over."""
    doorbell.in_turns(PUBLISH, lambda: releases.publish_next(1))
