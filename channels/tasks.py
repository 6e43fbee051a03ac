"""Celery's doors into the channels. Lost, doubled or late, the outcome is the same.

Each medium has a queue of its own: what one gateway keeps waiting waits for nobody else.
"""

from functools import partial

from celery import shared_task

from grievance import doorbell

from . import deliveries, digests, partitions, reports
from .models import Medium


@shared_task(ignore_result=True)
def deliver_sms():
    """Sends the SMS that wait, batch after batch."""
    doorbell.in_turns(doorbell.DELIVER[Medium.SMS], partial(deliveries.send_waiting, Medium.SMS))


@shared_task(ignore_result=True)
def deliver_email():
    """Sends the e-mails that wait, batch after batch."""
    doorbell.in_turns(doorbell.DELIVER[Medium.EMAIL], partial(deliveries.send_waiting, Medium.EMAIL))


@shared_task(ignore_result=True)
def send_digests():
    """Makes the digests and scheduled reports whose hour has come, then rings for their sending."""
    if digests.make_due() + reports.make_due():
        doorbell.ring(*doorbell.DELIVER.values())


@shared_task(ignore_result=True)
def make_partitions():
    """Makes the tables of the months that come."""
    partitions.make_ahead()
