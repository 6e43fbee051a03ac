"""Writes down what the workflow decided: complaints and their events, however many, in one statement each.

The workers' batches and a single change take the same way. The ORM's own `save` and `bulk_update` build
their statements anew each time, which took longer than the database took to run them.
"""

import datetime
from collections.abc import Callable, Iterable
from functools import cache
from operator import attrgetter

import orjson
from django.db import connection, models

from .models import Attachment, Complaint, Escalation, Event

# Filled in by the database.
OWN_COLUMNS = {"id", "xid"}


@cache
def _columns(model: type[models.Model]) -> dict[str, tuple[str, str]]:
    """The model's attributes, each with its column and the type its values travel as."""
    return {
        field.attname: (connection.ops.quote_name(field.column), _type(field)) for field in model._meta.concrete_fields
    }


def _given(model: type[models.Model]) -> dict[str, tuple[str, str]]:
    """The columns of a new row that the database does not fill in itself."""
    return {name: column for name, column in _columns(model).items() if name not in OWN_COLUMNS}


def _type(field) -> str:
    kind = field.db_type(connection)
    # A cast to varchar(n) would cut a text that is too long; as text it is refused where it is written.
    return "text" if kind.startswith("varchar") else kind


def _json(value) -> str:
    return orjson.dumps(value).decode()


def _value(row, name: str, kind: str):
    value = getattr(row, name)
    return _json(value) if kind == "jsonb" else value


def _arrays(model, names: Iterable[str], rows: list) -> tuple[str, list]:
    """The rows as `unnest(…)` of one array a column, and its parameters.

    An array travels as one text: as a list each of its values would be a part of the statement that the database
    reads, plans and copies, which cost more than writing the rows.
    """
    kinds = {name: _columns(model)[name][1] for name in names}
    unnest = ", ".join(f"%s::{kind}[]" for kind in kinds.values())
    return f"unnest({unnest})", [
        _array_text(map(attrgetter(name), rows), _ELEMENTS.get(kind, str)) for name, kind in kinds.items()
    ]


def _array_text(values: Iterable, element: Callable) -> str:
    """Values as PostgreSQL writes an array of them."""
    return "{" + ",".join(["NULL" if value is None else element(value) for value in values]) + "}"


def _quoted(text) -> str:
    return '"' + str(text).replace("\\", "\\\\").replace('"', '\\"') + '"'


# How an element stands in the array's text; where nothing is named, as a number or a truth does.
_ELEMENTS = {
    "text": _quoted,
    "jsonb": lambda value: _quoted(_json(value)),
    "timestamp with time zone": datetime.datetime.isoformat,
}


def registration(complaint: Complaint, event: Event) -> bool:
    """Writes a new complaint with its first event, in one statement. False, and nothing written, where its
    idempotency key was used before."""
    statement, names, event_names = _registration()
    parameters = [_value(complaint, name, kind) for name, kind in names]
    parameters += [_value(event, name, kind) for name, kind in event_names]
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        written = cursor.fetchone()
    if written is None:
        return False
    complaint.pk, event.pk = written
    complaint._state.adding = event._state.adding = False
    event.complaint_id = complaint.pk
    return True


@cache
def _registration() -> tuple[str, list, list]:
    own = _given(Complaint)
    of_event = {name: column for name, column in _given(Event).items() if name != "complaint_id"}
    statement = f"""
        WITH complaint AS (
            INSERT INTO grievance_complaint ({", ".join(column for column, _kind in own.values())})
            VALUES ({", ".join(["%s"] * len(own))})
            ON CONFLICT (registered_by_id, idempotency_key) DO NOTHING RETURNING id
        )
        INSERT INTO grievance_event (complaint_id, {", ".join(column for column, _kind in of_event.values())})
        SELECT complaint.id, {", ".join(f"%s::{kind}" for _column, kind in of_event.values())} FROM complaint
        RETURNING complaint_id, id
    """  # noqa: S608 - columns of our own models
    return (
        statement,
        [(name, kind) for name, (_column, kind) in own.items()],
        [(name, kind) for name, (_column, kind) in of_event.items()],
    )


def changes(complaints: list[Complaint], events: list[Event], changed: set[str]) -> None:
    """Writes changed complaints and their new events. `changed` names the attributes that differ in any of them."""
    # The events first: the database refuses a change that has none.
    ids = {(complaint, seq): pk for pk, complaint, seq in insert(Event, events, "RETURNING id, complaint_id, seq")}
    for event in events:
        event.pk = ids[event.complaint_id, event.seq]
        event._state.adding = False
    names = ["id", *sorted(changed)]
    source, parameters = _arrays(Complaint, names, complaints)
    columns = [_columns(Complaint)[name][0] for name in names]
    sets = ", ".join(f"{column} = new.{column}" for column in columns[1:])
    _execute(
        f"UPDATE grievance_complaint AS old SET {sets}"  # noqa: S608 - columns of our own models
        f" FROM {source} AS new ({', '.join(columns)}) WHERE old.id = new.id",
        parameters,
    )


def climbs(escalations: list[Escalation]) -> None:
    """Writes that these complaints climbed. Raises IntegrityError where one did from this level in this round."""
    insert(Escalation, escalations)


def files(attachments: list[Attachment], complaint: Complaint, event: Event) -> None:
    """Gives uploaded files to the event they came with."""
    Attachment.objects.filter(pk__in=[file.pk for file in attachments]).update(
        complaint=complaint, event=event, draft=None
    )


def insert(model: type[models.Model], rows: list, ending: str = "") -> list:
    """Writes new rows in one statement, with `ending` behind it; returns what that gives back. The rows stay as they
    are: they get neither their ids nor values that a model's `save` would have set."""
    names = list(_given(model))
    source, parameters = _arrays(model, names, rows)
    into = ", ".join(column for column, _kind in _given(model).values())
    return _execute(
        f"INSERT INTO {model._meta.db_table} ({into}) SELECT * FROM {source} {ending}",  # noqa: S608 - as above
        parameters,
    )


def _execute(statement: str, parameters: list) -> list:
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall() if cursor.description else []
