"""For what reads or writes a whole table: the limits that protect pages (`DATABASE_OPTIONS` in the settings) are not
for it. At 60 lakh complaints to read all events takes minutes. No request comes here.
"""

from collections.abc import Iterator
from contextlib import contextmanager, suppress

from django.conf import settings
from django.db import Error, connection
from django.db.transaction import TransactionManagementError

LIMITS = ("statement_timeout", "idle_in_transaction_session_timeout")


def take_time(*, for_locks: bool = True) -> None:
    """Until the transaction ends nothing of it is cut off: no query, no work between and, where pages do not wait
    behind it, no wait `for_locks`. Raises TransactionManagementError outside a transaction."""
    if not connection.in_atomic_block:
        raise TransactionManagementError("Outside a transaction no limit can be lifted.")
    limits = (*LIMITS, "lock_timeout") if for_locks else LIMITS
    with connection.cursor() as cursor:
        cursor.execute("; ".join(f"SET LOCAL {limit} = 0" for limit in limits))


@contextmanager
def queries_take_time(database=connection) -> Iterator[None]:
    """In this session a query may take as long as it needs. Who waits for a lock still gives up: pages would wait
    behind. Behind PgBouncer, where a session is shared, the limit stays: what needs longer goes past it."""
    if settings.PGBOUNCER:
        yield
        return
    with database.cursor() as cursor:
        cursor.execute("SET statement_timeout = 0")
    try:
        yield
    finally:
        # A lost connection or a broken transaction says so itself.
        with suppress(Error), database.cursor() as cursor:
            cursor.execute("RESET statement_timeout")
