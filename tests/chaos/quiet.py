"""Waiting until everything that should happen has happened; every wait has an end."""

import time
import urllib.request
from dataclasses import dataclass

import psycopg2

# What still has to be done, each as a count; `%(now)s` is the portal's time.
LEFT = {
    "registered and not routed": "SELECT count(*) FROM grievance_complaint WHERE state = 'registered' AND triage_since IS NULL",
    "overdue and not climbed": "SELECT count(*) FROM grievance_complaint WHERE state IN ('assigned', 'in_progress')"
    " AND breached_at IS NULL AND due_at < %(now)s",
    "deliveries due": "SELECT count(*) FROM channels_delivery WHERE state = 'queued' AND available_at <= %(now)s",
    "events not read": "SELECT count(*) FROM grievance_event e, grievance_readerposition p"
    " WHERE (e.xid, e.id) > (p.xid, p.event_id)",
}
WAITING = "SELECT count(*) FROM channels_delivery WHERE state = 'queued' AND available_at > %(now)s"


@dataclass
class Watch:
    """Looks at one portal's database; `ahead` says by how much its clock is ahead."""

    database_url: str
    address: str

    def left(self, now: float) -> dict[str, int]:
        """What is left to do at this time (seconds since 1970); counts above zero only."""
        connection = psycopg2.connect(self.database_url, connect_timeout=5)
        try:
            with connection.cursor() as cursor:
                cursor.execute("SET statement_timeout = '20s'")
                found = {name: self._count(cursor, query, now) for name, query in LEFT.items()}
        finally:
            connection.close()
        return {name: count for name, count in found.items() if count}

    def waiting(self, now: float) -> int:
        """Deliveries that wait for a later time: the morning, another try."""
        connection = psycopg2.connect(self.database_url, connect_timeout=5)
        try:
            with connection.cursor() as cursor:
                return self._count(cursor, WAITING, now)
        finally:
            connection.close()

    def _count(self, cursor, query: str, now: float) -> int:
        cursor.execute(query.replace("%(now)s", "to_timestamp(%(now)s)"), {"now": now})
        return cursor.fetchone()[0]

    def is_ready(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.address}/readyz", timeout=5):
                return True
        except OSError:
            return False

    def until_ready(self, seconds: float) -> bool:
        """Whether the portal became ready, and stayed so for a moment, within so many seconds."""
        deadline, since = time.monotonic() + seconds, None
        while time.monotonic() < deadline:
            since = (since or time.monotonic()) if self.is_ready() else None
            if since and time.monotonic() - since > 1:
                return True
            time.sleep(0.3)
        return False

    def until_nothing_is_left(self, ahead: float, seconds: float) -> dict[str, int]:
        """Empty as soon as nothing is left to do; what is left when the time is over."""
        deadline, left = time.monotonic() + seconds, {"the database does not answer": 1}
        while time.monotonic() < deadline:
            try:
                left = self.left(time.time() + ahead)
            except psycopg2.Error:
                left = {"the database does not answer": 1}
            if not left:
                return {}
            time.sleep(0.5)
        return left
