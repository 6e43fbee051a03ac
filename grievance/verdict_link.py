"""The signed link in the message about a resolution: the citizen judges without signing in, once.

It holds the complaint, the event it answers and a digest of the citizen's phone: it dies when the verdict
is given, when the complaint is reopened, and when the phone number is not the same any more. A closing without
a reply leaves it alive: the citizen's word comes late, but it comes.
"""

import hashlib

from django.core import signing

from .models import Complaint, Outcome, State

SALT = "verdict-link"
GOOD_FOR_SECONDS = 30 * 24 * 3600
# The complaint can move on by notes and the like without the resolution being touched.
RESOLVE = "resolve"


class DeadLink(Exception):
    """The link is not ours, is too old, or was used. `complaint` is set where it was once good."""

    def __init__(self, complaint: Complaint | None = None):
        super().__init__("dead verdict link")
        self.complaint = complaint


def _phone_digest(complaint: Complaint) -> str:
    return hashlib.sha256(f"{SALT}{complaint.citizen.phone}".encode()).hexdigest()[:12]


def verdict_token(complaint: Complaint, seq: int) -> str:
    """The token for the resolution that is event `seq` of the complaint."""
    return signing.dumps([complaint.pk, seq, _phone_digest(complaint)], salt=SALT, compress=True)


def complaint_of(token: str) -> Complaint:
    """The complaint that may be judged by this link. Raises DeadLink."""
    try:
        pk, seq, phone = signing.loads(token, salt=SALT, max_age=GOOD_FOR_SECONDS)
    except (signing.BadSignature, ValueError, TypeError):
        raise DeadLink from None
    complaint = (
        Complaint.objects.select_related("category", "department", "area", "citizen", "assignee__post__area")
        .filter(pk=pk)
        .first()
    )
    if complaint is None or phone != _phone_digest(complaint):
        raise DeadLink
    latest = complaint.events.filter(action=RESOLVE).order_by("-seq").values_list("seq", flat=True).first()
    waits = complaint.state == State.RESOLVED or complaint.outcome == Outcome.NO_REPLY
    if not waits or latest != seq:
        raise DeadLink(complaint)
    return complaint
