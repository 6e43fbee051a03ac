"""Reads a table of officers and postings from CSV or XLSX into rows of text, and says what cannot be read."""

import csv
import datetime
import io
import unicodedata
import zipfile
from collections.abc import Iterator
from dataclasses import dataclass, field

from django.utils.translation import gettext as _

COLUMNS = ("username", "name", "name_hi", "phone", "email", "post", "starts_on", "ends_on")
POST_COLUMNS = ("post_title_en", "post_title_hi", "department", "area", "level", "role")
NEEDED = ("username", "post", "starts_on")
MOST_BYTES = 5 * 1024 * 1024
MOST_ROWS = 20_000
# A small archive can unfold to any size.
MOST_UNPACKED_BYTES = 80 * 1024 * 1024
LONGEST_CELL = 300
# Control signs, and signs that turn the direction of writing so that a name reads otherwise than it is.
UNSAVEABLE = {"Cc", "Cs", "Co", "Cn"}
TURNING = set("\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069")
XLSX_BEGINS = b"PK\x03\x04"


class UnreadableFileError(Exception):
    """The file as a whole cannot be used; the text says why, in the reader's language."""


@dataclass
class SheetRow:
    """One row: its number as the table program shows it, its cells by column, and what is wrong with it."""

    number: int
    cells: dict[str, str]
    errors: list[str] = field(default_factory=list)


def read(content: bytes) -> list[SheetRow]:
    """The rows of the file, empty ones left out. Raises UnreadableFileError."""
    if len(content) > MOST_BYTES:
        raise UnreadableFileError(_("The file is larger than 5 MB."))
    table = _xlsx(content) if content.startswith(XLSX_BEGINS) else _csv(content)
    header = _header(next(table, (1, []))[1])
    rows = []
    for number, values in table:
        if not any(value.strip() for value in values):
            continue
        if len(rows) == MOST_ROWS:
            raise UnreadableFileError(_("The file has more than 20,000 rows. Divide it and import part after part."))
        rows.append(_row(number, header, values))
    if not rows:
        raise UnreadableFileError(_("The file has no rows below its first line."))
    return rows


class _Formula(str):
    """A cell whose value would be worked out by a table program."""


def _header(values: list) -> list[str]:
    header = [value.strip().lower() for value in values]
    while header and not header[-1]:
        header.pop()
    missing = [name for name in NEEDED if name not in header]
    if missing:
        text = _("The first line must name the columns. Missing: %(names)s.")
        raise UnreadableFileError(text % {"names": ", ".join(missing)})
    unknown = [name[:40] or "–" for name in header if name not in (*COLUMNS, *POST_COLUMNS)]
    if unknown:
        raise UnreadableFileError(_("These columns are not known: %(names)s.") % {"names": ", ".join(unknown[:10])})
    if len(set(header)) != len(header):
        raise UnreadableFileError(_("A column is named twice."))
    return header


def _row(number: int, header: list[str], values: list) -> SheetRow:
    row = SheetRow(number, {})
    for name, value in zip(header, values, strict=False):
        if isinstance(value, _Formula):
            row.errors.append(_("“%(column)s” holds a formula. Put its value there.") % {"column": name})
            continue
        text = " ".join(value.split())
        if len(text) > LONGEST_CELL:
            row.errors.append(_("“%(column)s” is too long.") % {"column": name})
        elif any(unicodedata.category(sign) in UNSAVEABLE or sign in TURNING for sign in text):
            row.errors.append(_("“%(column)s” holds a character that cannot be saved.") % {"column": name})
        else:
            row.cells[name] = text
    if any(value.strip() for value in values[len(header) :]):
        row.errors.append(_("The row has more cells than the first line has columns."))
    return row


def _csv(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        text = content.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        raise UnreadableFileError(_("The file is neither XLSX nor text in UTF-8. Save it as “CSV UTF-8”.")) from error
    if "\x00" in text:
        raise UnreadableFileError(_("The file is neither XLSX nor text in UTF-8. Save it as “CSV UTF-8”."))
    first = text.split("\n", 1)[0]
    delimiter = max(",;\t", key=first.count)
    reader = csv.reader(io.StringIO(text, newline=""), delimiter=delimiter, strict=True)
    try:
        for number, values in enumerate(reader, start=1):
            yield number, [_Formula(value) if _is_formula(value) else value for value in values]
    except csv.Error as error:
        raise UnreadableFileError(_("Line %(line)s of the file cannot be read.") % {"line": reader.line_num}) from error


def _is_formula(value: str) -> bool:
    """What a table program would work out when the file is opened there; a phone number may begin with +."""
    text = value.strip()
    number = text[1:].replace(" ", "").replace("-", "")
    return text[:1] in {"=", "@"} or (text[:1] in {"+", "-"} and not number.isdigit())


def _xlsx(content: bytes) -> Iterator[tuple[int, list[str]]]:
    try:
        with zipfile.ZipFile(io.BytesIO(content)) as archive:
            unpacked = sum(entry.file_size for entry in archive.infolist())
        if unpacked > MOST_UNPACKED_BYTES:
            raise UnreadableFileError(_("The file is too large when unpacked."))
        from openpyxl import load_workbook  # noqa: PLC0415 - a quarter of a second that no start should wait for

        sheet = load_workbook(io.BytesIO(content), read_only=True, keep_links=False).worksheets[0]
        sheet.reset_dimensions()  # what the file says of its own size may be wrong
        for number, cells in enumerate(sheet.iter_rows(max_row=MOST_ROWS * 3, max_col=40), start=1):
            yield number, [_cell(cell) for cell in cells]
    except UnreadableFileError:
        raise
    except Exception as error:
        raise UnreadableFileError(_("The file is not a readable XLSX table.")) from error


def _cell(cell) -> str:
    value = cell.value
    if value is None:
        return ""
    if getattr(cell, "data_type", "") == "f":
        return _Formula(value)
    if isinstance(value, datetime.datetime | datetime.date):
        return value.strftime("%Y-%m-%d")
    return str(int(value)) if isinstance(value, float) and value.is_integer() else str(value)
