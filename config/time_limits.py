"""For what reads or writes a whole table: the limits that protect pages (`DATABASE_OPTIONS` in the settings) are not
for it. At 60 lakh complaints to read all events takes minutes. No request comes here.
"""

from collections.abc import Iterator
from contextlib import contextmanager

from django.db import connection

LIMITS = ("lock_timeout", "statement_timeout", "idle_in_transaction_session_timeout")


def take_time() -> None:
    """Until the transaction ends nothing of it is cut off: no query, no wait for a lock, no work between."""
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {limit} = 0" for limit in LIMITS))


@contextmanager
def queries_take_time(connection=connection) -> Iterator[None]:
    """In this session a query may take as long as it needs. Who waits for a lock still gives up: pages would wait
    behind."""
    with connection.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
