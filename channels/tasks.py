"""Celery's doors into the channels. Lost, doubled or late, the outcome is the same."""

from celery import shared_task

from grievance import doorbell

from . import deliveries, digests, notices


@shared_task(ignore_result=True)
def follow_events():
    """Makes the messages that new events call for, then rings for their sending."""
    doorbell.heard(doorbell.FOLLOW)
    made = 0
    while count := notices.follow():
        made += count
    if made:
        doorbell.ring(doorbell.DELIVER)


@shared_task(ignore_result=True)
def deliver():
    """Sends what waits, batch after batch."""
    doorbell.heard(doorbell.DELIVER)
    while deliveries.send_waiting():
        pass


@shared_task(ignore_result=True)
def send_digests():
    """Makes the digests whose hour has come, then rings for their sending."""
    if digests.make_due():
        doorbell.ring(doorbell.DELIVER)
