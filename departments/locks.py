"""Work that is done by one at a time, in whichever process."""

from django.db import connection


def one_at_a_time(lock: int) -> None:
    """Until this transaction ends, whoever else asks for the same lock waits here."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
