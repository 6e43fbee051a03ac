"""Rows in the words of COPY's text format."""

import io
import json
from operator import attrgetter

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
        self.values_of = attrgetter(*names)
        # Most columns read as they are; a function called for each of them would take as long as COPY itself.
        self.careful = [(place, write) for place, name in enumerate(names) if (write := _writer(fields[name]))]
        self.row = "\t".join(["%s"] * len(names))
        columns = ", ".join(f'"{fields[name].column}"' for name in names)
        self.statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        self.lines: list[str] = []

    def add(self, thing) -> None:
        """One row, from the attributes of a thing."""
        self.add_values(self.values_of(thing))

    def add_values(self, values) -> None:
        """One row, its values in the order of the names."""
        written = [r"\N" if value is None else value for value in values]
        for place, write in self.careful:
            if values[place] is not None:
                written[place] = write(values[place])
        self.lines.append(self.row % tuple(written))

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
    """What writes a column that may hold signs of COPY's own, else None: codes of a choice and hashes hold none."""
    if isinstance(field, models.JSONField):
        return _of_json
    if isinstance(field, models.CharField | models.TextField) and not field.choices and field.attname not in HASHES:
        return _of_text
    return None


HASHES = ("prev_hash", "hash", "head_hash", "seal")


def _of_text(value) -> str:
    text = str(value)
    if "\\" in text or "\t" in text or "\n" in text or "\r" in text:
        text = text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
    return text


def _of_json(value) -> str:
    # JSON itself writes tabs and line ends as escapes: only their backslashes are left to be doubled.
    words = value if isinstance(value, Ready) else _json(value)
    return words.replace("\\", r"\\") if "\\" in words else words
