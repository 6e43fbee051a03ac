"""Lists as rows of a sheet, and the two formats: CSV a piece at a time, Excel in constant memory.

No name and no phone number: who needs one opens the complaint, where that is written down.
"""

import csv
import datetime
import io
import itertools
from collections.abc import Callable, Iterable, Iterator
from dataclasses import dataclass

import xlsxwriter
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from grievance.filters import CHANNELS
from grievance.numbers import grouped

BATCH = 500
OPTIONS = {
    "constant_memory": True, "strings_to_formulas": False, "strings_to_urls": False,
    "default_date_format": "yyyy-mm-dd hh:mm",
}  # fmt: skip
# What a spreadsheet program takes for the beginning of a formula, the full-width signs of Asian keyboards too.
FORMULA = tuple("=+-@\t\r\n＝＋－＠")
LONGEST_CELL = 32_000


@dataclass(frozen=True)
class Sheet:
    """What the sheet of a list shows: each column's name and its value for a row; `related`, what is read with it."""

    columns: dict[object, Callable]
    related: tuple[str, ...]


COMPLAINTS = Sheet({
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
}, ("category", "department", "district", "area", "assignee__post__area"))  # fmt: skip
# What the page shows of a call, and no word of the complaint.
CALL_BACKS = Sheet({
    _("Number"): lambda task: grouped(task.complaint.number),
    _("Category"): lambda task: task.complaint.category.name,
    _("District"): lambda task: task.complaint.district.name if task.complaint.district else "",
    _("Place"): lambda task: task.complaint.area.name,
    _("Resolved"): lambda task: task.complaint.resolved_at,
    _("To be called from"): lambda task: task.due_on.isoformat(),
    _("Calls so far"): lambda task: task.attempts,
    _("Last call"): lambda task: task.last_at,
    _("What it came to"): lambda task: str(task.get_last_outcome_display()),
}, ("complaint__category", "complaint__district", "complaint__area"))  # fmt: skip


def batches(sheet: Sheet, listed) -> Iterator[list[list]]:
    """The rows of a list, newest first, a batch a query: however long it takes, no transaction is held open."""
    rows = listed.order_by("-id").select_related(*sheet.related)
    last = None
    while found := list((rows.filter(pk__lt=last) if last else rows)[:BATCH]):
        last = found[-1].pk
        yield [[value(row) for value in sheet.columns.values()] for row in found]


def _nobody(count: int) -> None:
    """Who need not hear how far it is."""


def heads(sheet: Sheet) -> list[str]:
    """The columns' names in the active language."""
    return [str(name) for name in sheet.columns]


def as_csv(sheet: Sheet, rows: Iterable[list[list]]) -> Iterator[str]:
    """The sheet a piece at a time, for Excel and for everyone else: UTF-8 with its mark."""
    yield "\ufeff"
    for batch in itertools.chain([[heads(sheet)]], rows):
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


def write_xlsx(file, shown: Sheet, rows: Iterable[list[list]], written=_nobody) -> int:
    """Writes the sheet into an open binary file; returns how many rows. `written(count)` is called after each batch."""
    book = xlsxwriter.Workbook(file, OPTIONS)
    sheet, bold, count = book.add_worksheet(), book.add_format({"bold": True}), 0
    sheet.write_row(0, 0, heads(shown), bold)
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


def write_csv(file, shown: Sheet, rows: Iterable[list[list]], written=_nobody) -> int:
    """The same as CSV into an open binary file."""
    count = 0

    def counted():
        nonlocal count
        for batch in rows:
            yield batch
            count += len(batch)
            written(count)

    for piece in as_csv(shown, counted()):
        file.write(piece.encode())
    return count
