"""Celery's doors into the workflow. A task lost, doubled, late or killed half-way changes nothing in the outcome."""

from contextlib import suppress
from functools import partial

from celery import shared_task

from . import (
    citizens_turn,
    doorbell,
    handover,
    ladder,
    log_heads,
    readers,
    redating,
    unattended,
    warnings,
    workflow,
)
from .desk import exports
from .desks import Desks, remembered_desks


@shared_task(ignore_result=True)
def route_registered():
    """Sends what is registered to its officers, batch after batch, until nothing waits."""
    doorbell.in_turns(doorbell.ROUTE, workflow.route_registered, full=workflow.ROUTING_BATCH)


@shared_task(ignore_result=True)
def climb_overdue() -> int:
    """Lets all that is overdue climb, batch after batch, for a turn; while batches are full, other workers are rung to
    share. Returns how many it took."""
    desks = remembered_desks()

    def batch() -> int:
        taken = ladder.climb_overdue(desks, ladder.BATCH)
        if taken >= ladder.BATCH:
            doorbell.ring(doorbell.CLIMB, after=0)
        return taken

    return doorbell.in_turns(doorbell.CLIMB, batch)


@shared_task(ignore_result=True)
def hand_over():
    """Hands over what lies with officers who do not hold the post any more, and what waited for somebody to come."""
    desks = Desks()
    doorbell.in_turns(doorbell.HAND_OVER, partial(handover.hand_over, desks))
    unattended.route()


@shared_task(ignore_result=True)
def redate():
    """Moves the deadlines that count in a calendar which is not in force any more."""
    doorbell.in_turns(doorbell.REDATE, redating.redate)


@shared_task(ignore_result=True)
def warn_due():
    """Warns officers whose time is half or nearly used."""
    doorbell.in_turns(doorbell.WARN, warnings.warn_due)


@shared_task(ignore_result=True)
def run_on_unanswered():
    """Lets the work go on where citizens did not answer."""
    doorbell.in_turns(doorbell.RUN_ON, citizens_turn.run_on_unanswered)


@shared_task(ignore_result=True)
def remind_of_verdict():
    """Reminds citizens to judge the result."""
    doorbell.in_turns(doorbell.REMIND, citizens_turn.remind_of_verdict)


@shared_task(ignore_result=True)
def close_in_silence():
    """Closes what nobody answered or objected to, where the table allows it; lets orders lapse of which nobody could be
    told; puts away what the desk need not call."""
    citizens_turn.close_without_reply()
    citizens_turn.close_by_order()
    citizens_turn.let_orders_lapse()
    citizens_turn.put_away_call_backs()


@shared_task(ignore_result=True, soft_time_limit=1500, time_limit=1600)
def write_exports():
    """Writes lists as files, one after the other, and deletes those whose day is over."""
    doorbell.in_turns(doorbell.EXPORT, exports.write_next)
    exports.remove_expired()


@shared_task(ignore_result=True)
def follow_readers():
    """Lets every reader of the settings take what is new. One task for all, so that none is left out and their
    common bell costs once; one that fails keeps no other from reading.

    What had to be left (just being written, or with another worker) nobody rings for again: this does.
    """
    doorbell.heard(doorbell.FOLLOW)
    turns_ended = False
    for reader in readers.every():
        with suppress(Exception):
            # It was logged, and is kept where people see it.
            _found, is_more = doorbell.turn(partial(readers.follow, reader.name), full=reader.batch)
            turns_ended |= is_more
    if readers.behind():
        doorbell.ring(doorbell.FOLLOW, after=0 if turns_ended else doorbell.GATHER_SECONDS)


@shared_task(ignore_result=True)
def make_log_heads():
    """Closes the log's day with its public head."""
    log_heads.make_heads()
