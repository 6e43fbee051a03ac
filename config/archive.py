"""The file a backup is: one tar whose last member is the SHA-256 of all bytes before it.

Any flipped byte shows: in a member or its header by that sum, in the last member because it then says something
else, behind it because only zeros belong there. `manifest.json` holds each file's own sum as well, so that one can
be checked by hand after unpacking.
"""

import hashlib
import io
import json
import os
import re
import tarfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

MANIFEST, DUMP, SUM = "manifest.json", "database.dump", "archive.sha256"
FILES = "media/"
PLAIN_PATH = re.compile(r"media/[\w.\-]+(/[\w.\-]+)*")
CHUNK = 1 << 20


class Damaged(Exception):
    """The archive is not what was written; the text says what is wrong."""


class _Hashing:
    """A file that is written to and hashed."""

    def __init__(self, file):
        self.file, self.sha256 = file, hashlib.sha256()

    def write(self, content: bytes) -> int:
        self.sha256.update(content)
        return self.file.write(content)

    def tell(self) -> int:
        return self.file.tell()


def write(path: Path, dump: Path, media: Path, manifest: dict) -> None:
    """Writes the archive, for its owner alone; until it is whole it has another name."""
    draft = path.with_suffix(".part")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "wb") as file:
        hashing = _Hashing(file)
        with tarfile.open(fileobj=hashing, mode="w", format=tarfile.GNU_FORMAT) as tar:
            sums = {name: _add(tar, name, source) for name, source in _sources(dump, media)}
            _add_text(tar, MANIFEST, json.dumps({**manifest, "files": sums}, indent=1, ensure_ascii=False))
            _add_text(tar, SUM, hashing.sha256.hexdigest() + "\n")
        file.flush()
        os.fsync(file.fileno())
    draft.rename(path)


def _sources(dump: Path, media: Path) -> Iterator[tuple[str, Path]]:
    yield DUMP, dump
    for path in sorted(path for path in media.glob("**/*") if path.is_file()):
        yield FILES + path.relative_to(media).as_posix(), path


def _add(tar: tarfile.TarFile, name: str, source: Path) -> str:
    tar.add(source, name, recursive=False)
    with source.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _add_text(tar: tarfile.TarFile, name: str, text: str) -> None:
    member = tarfile.TarInfo(name)
    content = text.encode()
    member.size = len(content)
    tar.addfile(member, io.BytesIO(content))


@contextmanager
def reading(path: Path) -> Iterator[tuple[tarfile.TarFile, dict]]:
    """The archive, checked to the last byte, and its manifest. Raises Damaged."""
    try:
        with tarfile.open(path, "r:") as tar:
            members = tar.getmembers()
            _check_sum(tar, members, path)
            manifest = json.loads(tar.extractfile(MANIFEST).read())
            _check_members(tar, members, manifest["files"])
            yield tar, manifest
    except (tarfile.TarError, KeyError, ValueError, AttributeError) as error:
        raise Damaged(f"this is no backup, or a damaged one ({type(error).__name__})") from error


def _check_sum(tar: tarfile.TarFile, members: list[tarfile.TarInfo], path: Path) -> None:
    last = members[-1] if members else None
    if last is None or last.name != SUM:
        raise Damaged("it has no sum at its end: it is cut off, damaged, or no backup")
    found = hashlib.sha256()
    with path.open("rb") as file:
        left = last.offset
        while left and (content := file.read(min(CHUNK, left))):
            found.update(content)
            left -= len(content)
        file.seek(last.offset_data + last.size)
        while content := file.read(CHUNK):
            if content.strip(b"\0"):
                raise Damaged("something follows its end")
    if tar.extractfile(last).read().decode("ascii", "replace") != found.hexdigest() + "\n":
        raise Damaged("its checksum does not hold: at least one byte was changed")


def _check_members(tar: tarfile.TarFile, members: list[tarfile.TarInfo], sums: dict[str, str]) -> None:
    for member in members:
        if member.name in (MANIFEST, SUM):
            continue
        if not member.isfile() or not (member.name == DUMP or PLAIN_PATH.fullmatch(member.name)):
            raise Damaged(f"{member.name} does not belong into it")
        if hashlib.file_digest(tar.extractfile(member), "sha256").hexdigest() != sums.get(member.name):
            raise Damaged(f"the checksum of {member.name} does not hold")
    if missing := sums.keys() - {member.name for member in members}:
        raise Damaged(f"{len(missing)} files are missing from it")


def unpack(tar: tarfile.TarFile, name: str, target: Path, *, mode: int = 0o600) -> None:
    """Writes one member to a path. Only its content: owner, mode and links of the archive are not believed."""
    target.parent.mkdir(parents=True, exist_ok=True)
    with os.fdopen(os.open(target, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, mode), "wb") as file:
        source = tar.extractfile(name)
        while content := source.read(CHUNK):
            file.write(content)
