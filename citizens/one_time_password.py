"""One-time passwords: made, sent, checked.

Six digits from the system's random source, good for 5 minutes and 5 tries, stored as a keyed hash and
bound to the browser (or API client) that asked. At most 3 are sent to a number in 10 minutes, and a
limited count to one address. The answer is the same for known and unknown numbers.
"""

import datetime
import hashlib
import hmac
import secrets

from django.conf import settings
from django.db import connection, transaction
from django.utils import timezone
from django.utils.module_loading import import_string

from .models import OneTimePassword

GOOD_FOR = datetime.timedelta(minutes=5)
MOST_TRIES = 5
WINDOW = datetime.timedelta(minutes=10)
MOST_SENDS_TO_A_NUMBER = 3
# A village's phones share one address at the operator's gateway, so this is far above one household.
MOST_SENDS_FROM_AN_ADDRESS = 60


class TooMany(Exception):
    """Too many codes were asked for. `wait` is how long until the next may be sent."""

    def __init__(self, wait: datetime.timedelta):
        super().__init__("too many one-time passwords")
        self.wait = wait

    @property
    def minutes(self) -> int:
        return max(1, -int(-self.wait.total_seconds() // 60))


class WrongCode(Exception):
    """The code is wrong, old, used, or belongs to another browser. Deliberately says no more than that this
    browser's tries are `spent`: then only a new code helps."""

    def __init__(self, *, spent: bool = False):
        super().__init__("wrong one-time password")
        self.spent = spent


def new_browser_secret() -> str:
    """What binds a code to the browser or client that asked for it."""
    return secrets.token_urlsafe(24)


def _hash(*parts: str) -> str:
    return hmac.new(settings.SECRET_KEY.encode(), "|".join(parts).encode(), hashlib.sha256).hexdigest()


def send(phone, browser_secret: str, address: str | None, language: str) -> None:
    """Makes a code and sends it. Raises TooMany, and whatever the channel raises when it cannot send."""
    now = timezone.now()
    code = f"{secrets.randbelow(1_000_000):06d}"
    with transaction.atomic():
        _lock(str(phone), address or "")
        _check_limits(phone, address, now)
        OneTimePassword.objects.create(
            phone=phone,
            code_hash=_hash("code", str(phone), code),
            browser=_hash("browser", browser_secret),
            address=address,
            sent_at=now,
        )
    import_string(settings.ONE_TIME_PASSWORD_SENDER)(str(phone), code, language)


def _lock(*names: str) -> None:
    """Two requests at once for the same number or address are counted one after the other."""
    with connection.cursor() as cursor:
        for name in sorted(names):
            cursor.execute("SELECT pg_advisory_xact_lock(hashtext(%s))", [f"one-time-password:{name}"])


def _check_limits(phone, address, now) -> None:
    sent = OneTimePassword.objects.filter(sent_at__gt=now - WINDOW).order_by("-sent_at")
    limits = [(sent.filter(phone=phone), MOST_SENDS_TO_A_NUMBER)]
    if address:
        limits.append((sent.filter(address=address), MOST_SENDS_FROM_AN_ADDRESS))
    for those, most in limits:
        times = list(those.values_list("sent_at", flat=True)[:most])
        if len(times) == most:
            raise TooMany(times[-1] + WINDOW - now)


def check(phone, code: str, browser_secret: str) -> None:
    """Uses the code up. Raises WrongCode; a wrong code costs one of the five tries."""
    now = timezone.now()
    with transaction.atomic():
        # The latest code alone counts, and its row is locked so that parallel guesses are counted.
        latest = (
            OneTimePassword.objects.select_for_update()
            .filter(phone=phone, browser=_hash("browser", browser_secret), sent_at__gt=now - GOOD_FOR, used_at=None)
            .order_by("-sent_at")
            .first()
        )
        right = False
        if latest and latest.tries < MOST_TRIES:
            latest.tries += 1
            right = hmac.compare_digest(latest.code_hash, _hash("code", str(phone), code.strip()))
            if right:
                latest.used_at = now
            latest.save(update_fields=["tries", "used_at"])
    if not right:
        raise WrongCode(spent=bool(latest) and latest.tries >= MOST_TRIES)
