"""The signed link in a report sent by e-mail: to one board and its days, for one reader, for some days.

It opens nothing by itself. Its reader signs in, and the board decides what they may see then.
"""

import datetime

from django.core import signing

SALT = "report-link"
GOOD_FOR = datetime.timedelta(days=14)


class NotYours(Exception):
    """The link is not ours, or is another reader's."""


class TooOld(Exception):
    """The link was good once. `board` is the path of its board."""

    def __init__(self, board: str):
        super().__init__("old report link")
        self.board = board


def token_for(reader, board: str, days: tuple[datetime.date, datetime.date], language: str) -> str:
    """The token for a board (its path) of the days from the first to the last, in a language."""
    first, last = (day.isoformat() for day in days)
    return signing.dumps([reader.pk, board, first, last, language], salt=SALT)


def read(token: str, user) -> tuple[str, str, str, str]:
    """(board's path, first day, last day, language) of the user's own link. Raises NotYours, TooOld."""
    try:
        reader, *report = signing.loads(token, salt=SALT)
    except signing.BadSignature:
        raise NotYours from None
    if reader != user.pk:
        raise NotYours
    try:
        signing.loads(token, salt=SALT, max_age=GOOD_FOR)
    except signing.SignatureExpired:
        raise TooOld(report[0]) from None
    return tuple(report)
