"""Complaints as rows of a sheet, and the two formats: CSV a piece at a time, Excel in constant memory.

No name and no phone number: who needs one opens the complaint, where that is written down.
"""

import csv
import datetime
import io
import itertools
from collections.abc import Iterable, Iterator

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grievance.filters import CHANNELS
from grievance.models import Complaint
from grievance.numbers import grouped

BATCH = 500
OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd hh:mm",
}  # fmt: skip
# What a spreadsheet program takes for the beginning of a formula, the full-width signs of Asian keyboards too.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
LONGEST_CELL = 32_000

COLUMNS = {
    _("Number"): lambda c: grouped(c.number),
    _("Kind"): lambda c: str(c.get_kind_display()),
    _("State"): lambda c: str(c.get_outcome_display() if c.outcome else c.get_state_display()),
    _("Category"): lambda c: c.category.name,
    _("Department"): lambda c: c.department.name,
    _("District"): lambda c: c.district.name if c.district else "",
    _("Place"): lambda c: c.area.name,
    _("What happened"): lambda c: c.text,
    _("Level"): lambda c: c.level,
    _("With"): lambda c: c.assignee.post.title if c.assignee else "",
    _("Channel"): lambda c: str(dict(CHANNELS).get(c.channel, c.channel)),
    _("Registered"): lambda c: c.registered_at,
    _("Due"): lambda c: c.due_at,
    _("Resolved"): lambda c: c.resolved_at,
    _("Closed"): lambda c: c.closed_at,
    _("Rating"): lambda c: c.rating,
    _("Reopened"): lambda c: c.reopen_count,
    _("Transferred"): lambda c: c.transfer_count,
}


def batches(complaints) -> Iterator[list[list]]:
    """The rows of a list, newest first, a batch a query: however long it takes, no transaction is held open."""
    shown = ("category", "department", "district", "area", "assignee__post__area")
    rows = complaints.order_by("-id").select_related(*shown)
    last = None
    while found := list((rows.filter(pk__lt=last) if last else rows)[:BATCH]):
        last = found[-1].pk
        yield [_row(complaint) for complaint in found]


def _row(complaint: Complaint) -> list:
    return [value(complaint) for value in COLUMNS.values()]


def _nobody(count: int) -> None:
    """Who need not hear how far it is."""


def heads() -> list[str]:
    """The columns' names in the active language."""
    return [str(name) for name in COLUMNS]


def as_csv(rows: Iterable[list[list]]) -> Iterator[str]:
    """The sheet a piece at a time, for Excel and for everyone else: UTF-8 with its mark."""
    yield "\ufeff"
    for batch in itertools.chain([[heads()]], rows):
        piece = io.StringIO()
        csv.writer(piece).writerows([[plain(value) for value in row] for row in batch])
        yield piece.getvalue()


def plain(value) -> str:
    """A value as text that no spreadsheet program takes for a formula."""
    if value is None:
        return ""
    if isinstance(value, datetime.datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M}"
    text = str(value)
    return f"'{text}" if not isinstance(value, int) and text.lstrip(" \u00a0").startswith(FORMULA) else text


def write_xlsx(file, rows: Iterable[list[list]], written=_nobody) -> int:
    """Writes the sheet into an open binary file; returns how many rows. `written(count)` is called after each batch."""
    book = xlsxwriter.Workbook(file, OPTIONS)
    sheet, bold, count = book.add_worksheet(), book.add_format({"bold": True}), 0
    sheet.write_row(0, 0, heads(), bold)
    sheet.freeze_panes(1, 1)
    for batch in rows:
        for row in batch:
            count += 1
            for column, value in enumerate(row):
                _write(sheet, count, column, value)
        written(count)
    book.close()
    return count


def _write(sheet, row: int, column: int, value) -> None:
    if isinstance(value, datetime.datetime):
        sheet.write_datetime(row, column, timezone.localtime(value).replace(tzinfo=None))
    elif isinstance(value, int):
        sheet.write_number(row, column, value)
    elif value is not None:
        # As a string, whatever it looks like.
        sheet.write_string(row, column, str(value)[:LONGEST_CELL])


def write_csv(file, rows: Iterable[list[list]], written=_nobody) -> int:
    """The same as CSV into an open binary file."""
    count = 0

    def counted():
        nonlocal count
        for batch in rows:
            yield batch
            count += len(batch)
            written(count)

    for piece in as_csv(counted()):
        file.write(piece.encode())
    return count
