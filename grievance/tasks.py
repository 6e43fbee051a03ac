"""Celery's doors into the workflow. A task lost, doubled, late or killed half-way changes nothing in the outcome."""

from celery import shared_task

from . import doorbell, handover, ladder, redating, workflow
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


@shared_task(ignore_result=True)
def hand_over():
    """Hands over what lies with officers who do not hold the post any more."""
    doorbell.heard(doorbell.HAND_OVER)
    desks = Desks()
    while handover.hand_over(desks):
        pass


@shared_task(ignore_result=True)
def redate():
    """Moves the deadlines that count in a calendar which is not in force any more."""
    while redating.redate():
        pass
