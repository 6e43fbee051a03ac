"""The least that a Django view can do: check a form's worth of input and write the rows of one registration.

It runs under the same gunicorn as the portal, against the same database, and says what the portal's own
registration is to be compared with. Its tables are copies of the portal's, without triggers.
"""

import json
import os

import django
from django.conf import settings
from django.core.wsgi import get_wsgi_application
from django.db import connection, transaction
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


def columns(table: str) -> str:
    """All columns of a table but its id, for INSERT … SELECT."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT string_agg(quote_ident(column_name), ', ' ORDER BY ordinal_position) FROM information_schema.columns"
            " WHERE table_name = %s AND column_name NOT IN ('id', 'number', 'idempotency_key', 'complaint_id')",
            [table],
        )
        return cursor.fetchone()[0]


_columns: dict[str, str] = {}


def register(request):
    """Writes one complaint and one event."""
    body = json.loads(request.body)
    if not body.get("text"):
        return JsonResponse({"detail": "text"}, status=400)
    for table in ("bench_complaint", "bench_event"):
        if table not in _columns:
            _columns[table] = columns(table)
    complaint, event = _columns["bench_complaint"], _columns["bench_event"]
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO bench_complaint (number, idempotency_key, {complaint})"
            f" SELECT lpad(nextval('bench_number')::text, 11, '0'), gen_random_uuid()::text, {complaint}"
            " FROM bench_pattern_complaint RETURNING id"
        )
        (pk,) = cursor.fetchone()
        cursor.execute(
            f"INSERT INTO bench_event (complaint_id, {event}) SELECT %s, {event} FROM bench_pattern_event",
            [pk],
        )
    return JsonResponse({"id": pk}, status=201)


urlpatterns = [path("register/", register)]
application = get_wsgi_application()
