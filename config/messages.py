"""Catalogues of both languages by Babel: extracting, merging and compiling, without the GNU tools.

`python -m config.messages` extracts all strings of the code and templates into locale/hi (new ones
untranslated); `compile_all` makes the .mo files, at every set-up.
"""

import io
import sys
from collections.abc import Iterator
from pathlib import Path

from babel.messages import extract
from babel.messages.catalog import Catalog
from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po, write_po
from django.utils.translation.template import templatize

ROOT = Path(__file__).resolve().parent.parent
CATALOGUE = ROOT / "locale" / "hi" / "LC_MESSAGES" / "django.po"
PLACES = ("config", "departments", "citizens", "grievance", "channels", "dashboards", "templates")
KEYWORDS = {
    **extract.DEFAULT_KEYWORDS,
    "gettext_lazy": None,
    "ngettext_lazy": (1, 2),
    "pgettext_lazy": ((1, "c"), 2),
    "npgettext_lazy": ((1, "c"), 2, 3),
    "gettext_noop": None,
}


def compile_all() -> None:
    """Makes the .mo files that are older than their .po files."""
    for source in (ROOT / "locale").glob("*/LC_MESSAGES/django.po"):
        target = source.with_suffix(".mo")
        if not target.exists() or target.stat().st_mtime < source.stat().st_mtime:
            with source.open("rb") as file:
                catalogue = read_po(file, locale=source.parts[-3])
            draft = target.with_suffix(".tmp")
            with draft.open("wb") as file:
                write_mo(file, catalogue)
            draft.replace(target)


def extracted() -> Catalog:
    """Every string of the code and the templates that a reader may see."""
    catalogue = Catalog(locale="hi", project="Seva Sankalp", domain="django", fuzzy=False)
    for path in _sources():
        name = str(path.relative_to(ROOT))
        for _line, message, comments, context in _strings(path):
            catalogue.add(message, locations=[(name, None)], auto_comments=comments, context=context)
    return catalogue


def _sources() -> Iterator[Path]:
    for place in PLACES:
        for pattern in ("*.py", "*.html", "*.txt", "*.svg"):
            yield from sorted(path for path in (ROOT / place).rglob(pattern) if "migrations" not in path.parts)


def _strings(path: Path):
    text = path.read_text(encoding="utf-8")
    if path.suffix != ".py":
        # The template as Python, line by line: its indentation means nothing.
        text = "\n".join(line.strip() for line in templatize(text, origin=str(path)).splitlines())
    return extract.extract("python", io.BytesIO(text.encode()), keywords=KEYWORDS, comment_tags=("Translators:",))


def existing() -> Catalog:
    """The Hindi catalogue as it stands."""
    if not CATALOGUE.exists():
        return Catalog(locale="hi", project="Seva Sankalp", domain="django", fuzzy=False)
    with CATALOGUE.open("rb") as file:
        return read_po(file, locale="hi")


def update() -> tuple[int, int]:
    """Merges what is extracted into the catalogue; returns how many strings there are, and how many lack Hindi."""
    catalogue, found = existing(), extracted()
    catalogue.update(found, no_fuzzy_matching=True, update_header_comment=False)
    catalogue.obsolete.clear()
    CATALOGUE.parent.mkdir(parents=True, exist_ok=True)
    with CATALOGUE.open("wb") as file:
        write_po(file, catalogue, width=110, sort_output=True, omit_header=False, ignore_obsolete=True)
    return len(catalogue), len(untranslated(catalogue))


def untranslated(catalogue: Catalog) -> list:
    """Strings without Hindi, or with a doubtful one."""
    return [m.id for m in catalogue if m.id and (m.fuzzy or not _complete(m.string))]


def _complete(string) -> bool:
    return all(string) if isinstance(string, list | tuple) else bool(string)


if __name__ == "__main__":
    total, missing = update()
    sys.stdout.write(f"{total} strings, {missing} without Hindi\n")
