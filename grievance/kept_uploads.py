"""Files that wait between being shown and being confirmed: readable by the portal alone, gone within a day."""

import re
import time
import uuid
from pathlib import Path

from django.conf import settings

LONGEST_SECONDS = 24 * 3600
KEY = re.compile(r"[0-9a-f]{32}")


def _folder() -> Path:
    folder = settings.VAR_DIR / "imports"
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    return folder


def _path(key: str, owner: int) -> Path:
    """A file belongs to who sent it: with another's key nothing is found."""
    return _folder() / f"{owner}-{key}"


def keep(content: bytes, owner: int) -> str:
    """Keeps the content and returns its key. What was left lying goes."""
    for old in _folder().iterdir():
        if old.stat().st_mtime < time.time() - LONGEST_SECONDS:
            old.unlink(missing_ok=True)
    key = uuid.uuid4().hex
    path = _path(key, owner)
    path.touch(mode=0o600)
    path.write_bytes(content)
    return key


def find(key: str, owner: int) -> bytes | None:
    """The content, while it is kept."""
    if not KEY.fullmatch(key):
        return None
    try:
        return _path(key, owner).read_bytes()
    except FileNotFoundError:
        return None


def forget(key: str, owner: int) -> None:
    """Lets go of what was confirmed or given up."""
    if KEY.fullmatch(key):
        _path(key, owner).unlink(missing_ok=True)
