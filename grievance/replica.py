"""From which database pages read that only count and look up: the replica while it keeps up, else the primary.

Set `DATABASE_REPLICA_URL` to a server that streams from the primary. Nobody who must see what they just wrote, and
nothing that writes, comes this way: it is for boards, figures and the search's index alone. Their pages say that the
last seconds may be missing.
"""

import logging
import time
from collections.abc import Callable
from dataclasses import dataclass
from functools import partial

from django.conf import settings
from django.db import DEFAULT_DB_ALIAS, OperationalError, connection, connections

logger = logging.getLogger(__name__)

ALIAS = "replica"
# What people see on a board may be this much older than the truth; further behind, the primary answers.
MOST_SECONDS = 5
# How often a process asks how far behind it is, and how long it leaves one alone that did not answer.
LOOK_SECONDS, AWAY_SECONDS = 2, 15

BEHIND = """
    SELECT pg_is_in_recovery(), pg_wal_lsn_diff(%s, pg_last_wal_replay_lsn()),
           extract(epoch FROM now() - pg_last_xact_replay_timestamp())
"""


@dataclass
class _Seen:
    """How the replica stood when this process last looked."""

    looked_at: float = float("-inf")
    lag: float | None = None

    def is_fresh(self) -> bool:
        return time.monotonic() - self.looked_at < (AWAY_SECONDS if self.lag is None else LOOK_SECONDS)


_seen = _Seen()


def is_set() -> bool:
    """Whether this installation has a replica."""
    return ALIAS in settings.DATABASES


def reads() -> str:
    """The alias of the database to read from now, for `using`. Inside a transaction always the primary: there it
    may have been written what is read."""
    if not is_set() or connection.in_atomic_block:
        return DEFAULT_DB_ALIAS
    if not _seen.is_fresh():
        look()
    return ALIAS if _seen.lag is not None and _seen.lag <= MOST_SECONDS else DEFAULT_DB_ALIAS


def look() -> float | None:
    """Asks the replica how many seconds it is behind; None where it does not answer or is none. Without a replica
    None too."""
    _seen.looked_at, _seen.lag = time.monotonic(), _lag() if is_set() else None
    return _seen.lag


def _lag() -> float | None:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT pg_current_wal_lsn()")
            [written] = cursor.fetchone()
        with connections[ALIAS].cursor() as cursor:
            cursor.execute(BEHIND, [written])
            follows, missing, age = cursor.fetchone()
    except OperationalError as error:
        connections[ALIAS].close()
        logger.warning("replica_away", extra={"error": type(error).__name__})
        return None
    if not follows:
        logger.error("replica_is_none")
        return None
    # Where nothing is missing the age says only how long nobody has written.
    return 0.0 if missing <= 0 else float(age or "inf")


def read(work: Callable):
    """What `work(rows)` returns, all its queries asked of one database, the one `reads` says; where the replica fails
    it, it is done again with the primary. `rows(statement, parameters)` gives a query's rows."""
    alias = reads()
    try:
        return work(partial(_rows, alias))
    except OperationalError:
        # It went away, or had to end the query to keep up.
        if alias == DEFAULT_DB_ALIAS:
            raise
        _seen.looked_at, _seen.lag = time.monotonic(), None
        connections[ALIAS].close()
    return work(partial(_rows, DEFAULT_DB_ALIAS))


def _rows(alias: str, statement: str, parameters=None) -> list[tuple]:
    with connections[alias].cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchall()
