"""Celery's doors into the workflow. A task lost, doubled, late or killed half-way changes nothing in the outcome."""

from celery import shared_task

from . import doorbell, ladder, workflow
from .desks import Desks


@shared_task(ignore_result=True)
def route_registered():
    """Sends what is registered to its officers, batch after batch, until nothing waits."""
    doorbell.heard(doorbell.ROUTE)
    while workflow.route_registered():
        pass


@shared_task(ignore_result=True)
def climb_overdue():
    """Lets all that is overdue climb, batch after batch; several workers may do so at once."""
    desks = Desks()
    while ladder.climb_overdue(desks):
        pass
