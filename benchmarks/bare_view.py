"""The least that a Django view can do: read JSON and write the rows of one registration of somebody new
through the ORM.

It runs under the same gunicorn as the portal, against the same database, and says what the portal's own
registration is to be compared with. Its tables are copies of the portal's, without triggers.
"""

import json
import os
import uuid

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, models, transaction
from django.http import JsonResponse
from django.urls import path

if not settings.configured:
    import environ

    settings.configure(
        SECRET_KEY="bench",
        ALLOWED_HOSTS=["*"],
        ROOT_URLCONF=__name__,
        DATABASES={"default": environ.Env.db_url_config(os.environ["DATABASE_URL"]) | {"CONN_MAX_AGE": 300}},
        USE_TZ=True,
    )
    django.setup()


KINDS = {
    "bigint": models.BigIntegerField, "integer": models.IntegerField, "smallint": models.SmallIntegerField,
    "boolean": models.BooleanField, "double precision": models.FloatField, "jsonb": models.JSONField,
    "timestamp with time zone": models.DateTimeField,
}  # fmt: skip
# What a table calls the number of a row, where it is not "id".
KEYS = {"history": "pgh_id", "pattern_history": "pgh_id"}


def model_of(name: str):
    """A model with the columns the table has."""
    table, key = f"bench_{name}", KEYS.get(name, "id")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT column_name, data_type FROM information_schema.columns WHERE table_name = %s AND column_name <> %s"
            " ORDER BY ordinal_position",
            [table, key],
        )
        fields = {name: KINDS.get(kind, models.TextField)(null=True) for name, kind in cursor.fetchall()}
    meta = type("Meta", (), {"app_label": "bench", "db_table": table, "managed": False})
    return type(table, (models.Model,), {"__module__": __name__, key: models.BigAutoField(primary_key=True),
                                         "Meta": meta, **fields})  # fmt: skip


def pattern(name: str) -> dict:
    """The values that every row gets."""
    row = model_of(f"pattern_{name}").objects.values().get()
    row.pop(KEYS.get(name, "id"))
    return row


_rows: dict[str, tuple] = {}


def register(request):
    """Writes one citizen, with the first row of their history, one complaint and one event, as any Django view would."""
    body = json.loads(request.body)
    if not body.get("text"):
        return JsonResponse({"detail": "text"}, status=400)
    if not _rows:
        _rows.update({name: (model_of(name), pattern(name)) for name in ("event", "complaint", "citizen", "history")})
    (complaint_model, complaint), (event_model, event) = _rows["complaint"], _rows["event"]
    (citizen_model, citizen), (history_model, history) = _rows["citizen"], _rows["history"]
    unique = uuid.uuid4().hex
    with transaction.atomic():
        filed_by = citizen_model(**citizen | {"username": unique, "phone": unique[:13]})
        filed_by.save(force_insert=True)
        history_model(**history | {
            "id": filed_by.pk, "pgh_obj_id": filed_by.pk, "username": unique, "phone": unique[:13],
        }).save(force_insert=True)  # fmt: skip
        row = complaint_model(**complaint | {
            "number": unique[:11], "idempotency_key": unique, "text": body["text"], "citizen_id": filed_by.pk,
        })  # fmt: skip
        row.save(force_insert=True)
        event_model(**event | {"complaint_id": row.pk}).save(force_insert=True)
    return JsonResponse({"id": row.pk}, status=201)


urlpatterns = [path("register/", register)]
application = get_wsgi_application()
