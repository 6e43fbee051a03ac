"""Celery's doors into the workflow. A task lost, doubled, late or killed half-way changes nothing in the outcome."""

from celery import shared_task

from . import citizens_turn, doorbell, ladder, warnings, workflow
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
def warn_due():
    """Warns officers whose time is half or nearly used."""
    while warnings.warn_due():
        pass


@shared_task(ignore_result=True)
def run_on_unanswered():
    """Lets the work go on where citizens did not answer."""
    while citizens_turn.run_on_unanswered():
        pass


@shared_task(ignore_result=True)
def remind_of_verdict():
    """Reminds citizens to judge the result."""
    while citizens_turn.remind_of_verdict():
        pass


@shared_task(ignore_result=True)
def close_in_silence():
    """Closes what nobody answered or objected to, where the table allows it; puts away what the desk need not call."""
    citizens_turn.close_without_reply()
    citizens_turn.close_by_order()
    citizens_turn.put_away_call_backs()
