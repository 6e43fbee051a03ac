"""The signed link in the message about a resolution: the citizen judges without signing in, once.

It holds the complaint, the event it answers and the time, signed together with the citizen's phone. It dies
when the verdict is given, when the complaint is reopened, and when the phone number is not the same any more.
A closing without a reply leaves it alive: the citizen's word comes late, but it comes.
"""

import re
import time

from django.core import signing
from django.utils.crypto import constant_time_compare, salted_hmac
from django.utils.http import urlsafe_base64_encode

from .models import Complaint, Outcome, State

SALT = "verdict-link"
GOOD_FOR_SECONDS = 30 * 24 * 3600
TOKEN = re.compile(r"([0-9A-Za-z]{1,10})-([0-9A-Za-z]{1,6})-([0-9A-Za-z]{1,7})-([\w-]{22})", re.ASCII)
# The complaint can move on by notes and the like without the resolution being touched.
RESOLVE = "resolve"


class DeadLink(Exception):
    """The link is not ours, is too old, or was used. `complaint` is set where it was once good."""

    def __init__(self, complaint: Complaint | None = None):
        super().__init__("dead verdict link")
        self.complaint = complaint


def _signature(complaint: Complaint, seq: str, moment: str) -> str:
    """128 bits: short enough for an SMS, too many to guess. The phone is signed with the rest, not written."""
    signed = f"{complaint.pk}|{seq}|{moment}|{complaint.citizen.phone}"
    digest = salted_hmac(SALT, signed, algorithm="sha256").digest()
    return urlsafe_base64_encode(digest[:16])


def verdict_token(complaint: Complaint, seq: int) -> str:
    """The token for the resolution that is event `seq` of the complaint."""
    parts = [signing.b62_encode(number) for number in (complaint.pk, seq, int(time.time()))]
    return "-".join([*parts, _signature(complaint, *parts[1:])])


def complaint_of(token: str) -> Complaint:
    """The complaint that may be judged by this link. Raises DeadLink."""
    match = TOKEN.fullmatch(token)
    if match is None:
        raise DeadLink
    pk, seq, moment = (signing.b62_decode(part) for part in match.groups()[:3])
    complaint = (
        Complaint.objects.select_related("category", "department", "area", "citizen", "assignee__post__area")
        .filter(pk=pk)
        .first()
    )
    if complaint is None or not constant_time_compare(match[4], _signature(complaint, match[2], match[3])):
        raise DeadLink
    if time.time() - moment > GOOD_FOR_SECONDS:
        raise DeadLink
    latest = complaint.events.filter(action=RESOLVE).order_by("-seq").values_list("seq", flat=True).first()
    waits = complaint.state == State.RESOLVED or complaint.outcome == Outcome.NO_REPLY
    if not waits or latest != seq:
        raise DeadLink(complaint)
    return complaint
