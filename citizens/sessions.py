"""Sessions end when they stand idle, and in any case after a day's work."""

import time

from django.conf import settings
from django.contrib import messages
from django.contrib.auth import logout
from django.utils.translation import gettext as _

SEEN, SINCE = "seen_at", "signed_in_at"
# The time of the last page is written at most this often: a session write a request would cost more than it tells.
WRITE_EVERY_SECONDS = 60


class SessionLimitMiddleware:
    """Signs out whoever was idle too long; what they were filling in (their draft) stays."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.session.session_key and request.user.is_authenticated:
            self._check(request)
        return self.get_response(request)

    def _check(self, request) -> None:
        now = int(time.time())
        session = request.session
        idle = settings.CITIZEN_IDLE_SECONDS if request.user.is_citizen else settings.STAFF_IDLE_SECONDS
        since, seen = session.setdefault(SINCE, now), session.get(SEEN, now)
        if now - seen > idle or now - since > settings.SESSION_LONGEST_SECONDS:
            draft = session.get("draft")
            logout(request)
            if draft:
                request.session["draft"] = draft
            request.signed_out_idle = True
        elif SEEN not in session or now - seen >= WRITE_EVERY_SECONDS:
            session[SEEN] = now


def tell_if_signed_out(request) -> None:
    """The sign-in page says why one has to sign in again."""
    if getattr(request, "signed_out_idle", False):
        messages.info(request, _("You were signed out because nothing happened for a while. Please sign in again."))
