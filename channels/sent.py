"""Which messages really went out, and which still may: the complaint's effects ask through `settings.SENT_MESSAGES`
and `settings.MESSAGES_TO_COME`.
"""

import datetime

from django.db.models import F

from grievance import readers

from .models import Audience, Delivery
from .notices import READER


def to_citizens(event_ids: list[int]) -> list[tuple[int, str, datetime.datetime]]:
    """(event, channel, when) of what these events had sent to their complaint's citizen. What still waits or was
    given up is not among it."""
    sent = Delivery.objects.filter(
        event__in=event_ids,
        recipient=F("event__complaint__citizen"),
        audience=Audience.CITIZEN,
        state=Delivery.State.SENT,
    )
    return list(sent.values_list("event_id", "channel", "sent_at"))


def are_to_come(event_ids: list[int]) -> bool:
    """Whether anything these events have to tell their citizen may still be sent: it waits, or is yet to be made."""
    waiting = Delivery.objects.filter(event__in=event_ids, audience=Audience.CITIZEN, state=Delivery.State.QUEUED)
    return waiting.exists() or readers.has_yet_to_read(READER, event_ids)
