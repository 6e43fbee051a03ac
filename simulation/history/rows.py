"""Rows in the words of COPY's text format."""

import io
import json

from django.db import models

_json = json.JSONEncoder(ensure_ascii=False, separators=(",", ":")).encode


class Ready(str):
    """JSON that is written already."""

    __slots__ = ()


class Sheet:
    """Collects rows of one table, to be written at once. `names` are the attributes that are given; the database
    fills in the others."""

    def __init__(self, model: type[models.Model], names: list[str]):
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.names = names
        self.writers = [_writer(fields[name]) for name in names]
        columns = ", ".join(f'"{fields[name].column}"' for name in names)
        self.statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        self.lines: list[str] = []

    def add(self, values) -> None:
        """One row, its values in the order of the names."""
        self.lines.append("\t".join([write(value) for write, value in zip(self.writers, values, strict=True)]))

    def write(self, cursor) -> int:
        """Sends all rows and forgets them; returns how many."""
        count = len(self.lines)
        if count:
            cursor.copy_expert(self.statement, io.StringIO("\n".join([*self.lines, ""])))
            self.lines.clear()
        return count


def given(model: type[models.Model], *, without: set[str] = frozenset()) -> list[str]:
    """The attributes of a model that a new row brings along."""
    return [
        field.attname for field in model._meta.concrete_fields if not field.generated and field.attname not in without
    ]


def _writer(field: models.Field):
    if isinstance(field, models.JSONField):
        return _of_json
    if isinstance(field, models.CharField | models.TextField):
        return _of_text
    if isinstance(field, models.BooleanField):
        return _of_truth
    return _plain


def _plain(value) -> str:
    return r"\N" if value is None else str(value)


def _of_truth(value) -> str:
    return r"\N" if value is None else "t" if value else "f"


def _of_text(value) -> str:
    if value is None:
        return r"\N"
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return text


def _of_json(value) -> str:
    # JSON itself writes tabs and line ends as escapes: only their backslashes are left to be doubled.
    if value is None:
        return r"\N"
    words = value if isinstance(value, Ready) else _json(value)
    return words.replace("\\", r"\\") if "\\" in words else words
