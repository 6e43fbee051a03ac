"""Complaint numbers: two digits for the year, eight serial, one Verhoeff check digit."""

import re
from collections import deque

from django.db import connection
from django.utils import timezone
from stdnum import verhoeff

SEPARATORS = re.compile(r"[\s.\-–]+")
# People key numbers in as they read them: Devanagari digits are digits too.
DEVANAGARI = str.maketrans("०१२३४५६७८९", "0123456789")


class Mistyped(ValueError):
    """Eleven digits were meant, but a digit is wrong, missing or two are swapped."""


# Serials are fetched a handful at a time; those a process still holds when it ends are never given.
HANDFUL = 10
_serials: deque[int] = deque()


def new_number() -> str:
    """A number never given before; the sequence never goes back, even when the transaction does."""
    return compose(timezone.localdate().year, _next_serial())


def _next_serial() -> int:
    try:
        return _serials.popleft()
    except IndexError:
        with connection.cursor() as cursor:
            cursor.execute("SELECT nextval('grievance_number') FROM generate_series(1, %s)", [HANDFUL])
            first, *others = [serial for (serial,) in cursor.fetchall()]
        _serials.extend(others)
        return first


def compose(year: int, serial: int) -> str:
    """The number of a serial in a year, for example 26000004827."""
    digits = f"{year % 100:02d}{serial:08d}"
    return digits + verhoeff.calc_check_digit(digits)


def clean(text: str) -> str:
    """The bare eleven digits of a number as people write it. Raises Mistyped."""
    digits = SEPARATORS.sub("", text).translate(DEVANAGARI)
    if not re.fullmatch(r"[0-9]{11}", digits) or not verhoeff.is_valid(digits):
        raise Mistyped(text)
    return digits


def near(digits: str) -> list[str]:
    """The numbers that eleven mistyped digits may have been: one digit wrong, or two neighbours swapped.

    The check digit leaves about one digit a place, of the hundred that could be tried.
    """
    swapped = [digits[:n] + digits[n + 1] + digits[n] + digits[n + 2 :] for n in range(len(digits) - 1)]
    changed = [digits[:n] + other + digits[n + 1 :] for n in range(len(digits)) for other in "0123456789"]
    return [number for number in dict.fromkeys(swapped + changed) if number != digits and verhoeff.is_valid(number)]


def grouped(number: str) -> str:
    """26 0000 0482 7, as it is shown and read out."""
    return f"{number[:2]} {number[2:6]} {number[6:10]} {number[10:]}"
