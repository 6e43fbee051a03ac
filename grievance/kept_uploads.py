"""Files that wait between being shown and being confirmed: for whoever sent them alone, gone within a day.

They wait in Valkey, which all web processes share: the page that confirms may be answered on another machine than the
one that took the file. Lost, the file is sent again.
"""

import re
import uuid

from django.core.cache import cache

LONGEST_SECONDS = 24 * 3600
KEY = re.compile(r"[0-9a-f]{32}")


def _name(key: str, owner: int) -> str:
    """A file belongs to who sent it: with another's key nothing is found."""
    return f"import:{owner}:{key}"


def keep(content: bytes, owner: int) -> str:
    """Keeps the content and returns its key."""
    key = uuid.uuid4().hex
    cache.set(_name(key, owner), content, LONGEST_SECONDS)
    return key


def find(key: str, owner: int) -> bytes | None:
    """The content, while it is kept."""
    return cache.get(_name(key, owner)) if KEY.fullmatch(key) else None


def forget(key: str, owner: int) -> None:
    """Lets go of what was confirmed or given up."""
    if KEY.fullmatch(key):
        cache.delete(_name(key, owner))
