"""Rows in the words of COPY's text format."""

import io
from operator import attrgetter

import orjson
from django.db import models

# How COPY writes that there is nothing.
NOTHING = r"\N"


class Sheet:
    """Collects rows of one table, to be written at once. `names` are the attributes that are given; the database
    fills in the others."""

    def __init__(self, model: type[models.Model], names: list[str]):
        fields = {field.attname: field for field in model._meta.concrete_fields}
        self.names = names
        self.values_of = attrgetter(*names)
        self.json = [place for place, name in enumerate(names) if isinstance(fields[name], models.JSONField)]
        self.row = "\t".join(["%s"] * len(names))
        self.tabs = len(names) - 1
        columns = ", ".join(f'"{fields[name].column}"' for name in names)
        self.statement = f'COPY "{model._meta.db_table}" ({columns}) FROM STDIN'
        self.lines: list[str] = []

    def add(self, thing) -> None:
        """One row, from the attributes of a thing."""
        self.add_values(self.values_of(thing))

    def add_values(self, values) -> None:
        """One row, its values in the order of the names."""
        written = list(values)
        for place in self.json:
            if written[place] is not None:
                written[place] = orjson.dumps(written[place]).decode()
        row = self.row % tuple([NOTHING if value is None else value for value in written])
        # Hardly a row holds one of COPY's own signs: looking at it as a whole is much quicker than at each value.
        if row.count("\\") != written.count(None) or row.count("\t") != self.tabs or "\n" in row or "\r" in row:
            row = "\t".join([NOTHING if value is None else _escaped(str(value)) for value in written])
        self.lines.append(row)

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


def _escaped(text: str) -> str:
    return text.replace("\\", r"\\").replace("\t", r"\t").replace("\n", r"\n").replace("\r", r"\r")
