"""What waits for a better hour: quiet hours of the night, and a citizen's number of messages a day.

Urgent messages (of emergencies) know neither; one-time passwords are no deliveries and never wait. E-mail wakes
nobody, so quiet hours are for SMS, to officers too: their desk shows everything when they come.
"""

import datetime

from django.conf import settings
from django.db.models import Count, Q
from django.utils import timezone

from .models import Audience, Delivery, Medium

QUIET_MEDIA = {Medium.SMS}
# What has waited for long, as after a freeze, is many times more than a turn may move.
HELD_AT_ONCE = 10_000


def quiet_until(now: datetime.datetime) -> datetime.datetime | None:
    """When the quiet hours that hold at `now` end; None outside them, or where there are none."""
    if not settings.QUIET_HOURS:
        return None
    begins, ends = (datetime.time.fromisoformat(part.strip()) for part in settings.QUIET_HOURS.split("-"))
    local = timezone.localtime(now)
    today = _at(local.date(), ends)
    if begins <= ends:
        return today if begins <= local.time() < ends else None
    if local.time() < ends:
        return today
    return _at(local.date() + datetime.timedelta(days=1), ends) if local.time() >= begins else None


def hold_for_the_night(channel: str, now: datetime.datetime) -> bool:
    """Whether it is quiet now and only what is urgent may go. What is due and not urgent is moved to the morning, at
    most HELD_AT_ONCE of it in a turn."""
    morning = quiet_until(now) if channel in QUIET_MEDIA else None
    if morning is None:
        return False
    waiting = Delivery.objects.filter(unclaimed(now), channel=channel, state=Delivery.State.QUEUED, urgent=False)
    due = waiting.filter(available_at__lte=now)
    # Said of the row itself too: one that has become urgent meanwhile, or was sent, is left alone.
    due.filter(pk__in=due.order_by("available_at", "id").values("pk")[:HELD_AT_ONCE]).update(
        available_at=morning, held=Delivery.Held.QUIET
    )
    return True


def over_the_days_number(deliveries: list[Delivery], now: datetime.datetime) -> list[Delivery]:
    """Those of the deliveries that their citizens may not get today any more. Nobody else may claim meanwhile."""
    counted = [d for d in deliveries if d.audience == Audience.CITIZEN and not d.urgent]
    if not counted or not settings.MESSAGES_A_DAY:
        return []
    got = _got_today({d.recipient_id for d in counted}, now)
    over = []
    for delivery in counted:
        got[delivery.recipient_id] = got.get(delivery.recipient_id, 0) + 1
        if got[delivery.recipient_id] > settings.MESSAGES_A_DAY:
            over.append(delivery)
    return over


def tomorrow(now: datetime.datetime) -> datetime.datetime:
    """When a new day's messages may begin: at midnight, or when its quiet hours end."""
    midnight = _at(timezone.localtime(now).date() + datetime.timedelta(days=1), datetime.time())
    return quiet_until(midnight) or midnight


def _got_today(recipients: set[int], now: datetime.datetime) -> dict[int, int]:
    """How many messages each of them got since midnight, or is just being sent."""
    theirs = Delivery.objects.filter(recipient__in=recipients, audience=Audience.CITIZEN, urgent=False)
    midnight = _at(timezone.localtime(now).date(), datetime.time())
    got: dict[int, int] = {}
    for some in (
        theirs.filter(sent_at__gte=midnight),
        theirs.filter(sent_at=None, state=Delivery.State.QUEUED, locked_until__gt=now),
    ):
        for recipient, count in some.order_by().values_list("recipient").annotate(Count("id")):
            got[recipient] = got.get(recipient, 0) + count
    return got


def unclaimed(now: datetime.datetime) -> Q:
    """No worker has it, or its lease is over."""
    return Q(locked_until=None) | Q(locked_until__lt=now)


def _at(day: datetime.date, time: datetime.time) -> datetime.datetime:
    return datetime.datetime.combine(day, time, tzinfo=timezone.get_default_timezone())
