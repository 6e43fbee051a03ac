"""Celery's doors into the workflow. A task lost, doubled, late or killed half-way changes nothing in the outcome."""

from celery import shared_task

from . import doorbell, workflow


@shared_task(ignore_result=True)
def route_registered():
    """Sends what is registered to its officers, batch after batch, until nothing waits."""
    doorbell.heard(doorbell.ROUTE)
    while workflow.route_registered():
        pass
