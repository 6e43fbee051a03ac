"""Which messages really went out: the complaint's effects ask through `settings.SENT_MESSAGES`."""

import datetime

from django.db.models import F

from .models import Audience, Delivery


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
