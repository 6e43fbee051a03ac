"""Makes batches of history and writes them by COPY."""

import datetime

from django.db import connection
from django.utils import timezone

from grievance import numbers
from grievance.models import Complaint, Escalation, Event, Proposal
from grievance.models.complaint import SYNTHETIC_KEY
from simulation.models import HistoryLoad

from . import rows
from .plan import Plan
from .state import State
from .story import Ids, Story


class Writer:
    """Makes batches and writes them, over one connection."""

    def __init__(self, books: HistoryLoad, plan: Plan, state: State):
        self.books, self.plan = books, plan
        self.story = Story(state, plan.moment.timestamp())
        self.complaints = rows.Sheet(Complaint, rows.given(Complaint))
        self.events = rows.Sheet(Event, rows.given(Event, without={"id"}))
        self.climbs = rows.Sheet(Escalation, rows.given(Escalation, without={"id"}))
        self.proposals = rows.Sheet(Proposal, rows.given(Proposal, without={"id"}))

    def make(self, number: int) -> None:
        """Puts the rows of a batch on the sheets."""
        places, dice = self.plan.batch(number)
        events = []
        fates, moments = self.plan.fates(places, dice), self.plan.filed(places, dice)
        for place, fate, filed in zip(places, fates, moments, strict=True):
            life = self.story.tell(self._ids(place, filed), fate, filed, dice)
            self.complaints.add(life)
            events += life.events
            for sheet, found in ((self.climbs, life.climbs), (self.proposals, life.proposals)):
                for row in found:
                    sheet.add_values([row[name] for name in sheet.names])
        # In the order in which they happened, as a real log is written.
        events.sort(key=lambda line: line.at)
        for line in events:
            self.events.add(line)

    def _ids(self, place: int, filed: float) -> Ids:
        serial = self.books.first_serial + place
        year = datetime.datetime.fromtimestamp(filed, timezone.get_default_timezone()).year
        return Ids(self.books.first_complaint + place, numbers.compose(year, serial), f"{SYNTHETIC_KEY}{serial}")

    def write(self, number: int) -> None:
        """Makes a batch and writes it, in the caller's transaction."""
        self.make(number)
        without_triggers()
        with connection.cursor() as cursor:
            for sheet in (self.complaints, self.events, self.climbs, self.proposals):
                sheet.write(cursor)
        with_triggers()


def without_triggers() -> None:
    """Lets COPY go without triggers until `with_triggers`.

    For each row they would ask whether its keys exist and whether its event was written in this very transaction:
    several queries a row, and the last would say no, because these events bear the first number of all. Instead the
    ids are read from the tables they point to, and `verify_log` proves the log afterwards.
    """
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")


def with_triggers() -> None:
    """Ends what `without_triggers` began."""
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = origin")
