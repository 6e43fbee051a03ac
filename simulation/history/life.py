"""One synthetic complaint as it goes through its history, in memory: what `grievance.workflow.decide` does to a
row, without the row.

It has the attributes of a Complaint, so the workflow's own words say how it stands and the log's own functions chain
its events; only the ORM is left out, which would take most of the time.
"""

import datetime
from dataclasses import dataclass
from typing import ClassVar

import orjson

from grievance import log
from grievance.models import Complaint, ReaderPosition
from grievance.workflow import place_in_figures

# The transaction that all synthetic events bear: before any real one, see `loading._put_readers_behind`.
XID = ReaderPosition.BEGINNING + 1


@dataclass(slots=True)
class Line:
    """One event: the attributes of an Event that are written."""

    complaint_id: int
    seq: int
    action: str
    from_state: str
    to_state: str
    level: int
    at: datetime.datetime
    actor_id: int | None
    actor_role: str
    actor_posting_id: int | None
    channel: str
    text: str
    internal: bool
    data: orjson.Fragment
    prev_hash: str
    hash: str = ""
    xid: ClassVar[int] = XID


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts, by ids; as `grievance.access.Actor`."""

    user: int | None
    role: str
    posting: int | None = None
    channel: str = "web"


SYSTEM = Actor(None, "system", None, "system")


def moment(seconds: float) -> datetime.datetime:
    """A moment from seconds since 1970, whole seconds: so it reads the same from the database."""
    return datetime.datetime.fromtimestamp(int(seconds), datetime.UTC)


class Life:
    """A complaint and what hangs on it. Attributes that nothing sets are what a new Complaint has."""

    def __init__(self, **filed):
        self.__dict__.update(filed)
        self.events: list[Line] = []
        self.place: list | None = None
        self.climbs: list[dict] = []
        self.proposals: list[dict] = []

    def step(self, action: str, at: float, actor: Actor, *, text="", internal=False, data=None, **changes) -> None:
        """One change: the attributes in `changes` move, and the next event says so."""
        from_state, before = self.state, self.place
        self.__dict__.update(changes)
        self.place = place_in_figures(self)
        facts = (data or {}) | {"moved": [before, self.place]}
        line = Line(
            self.id, self.event_count + 1, action, from_state if self.events else "", self.state, self.level,
            moment(at), actor.user, actor.role, actor.posting, actor.channel, text, internal,
            orjson.Fragment(log.canonical(facts)), self.head_hash,
        )  # fmt: skip
        line.hash = log.digest(self.number, line)
        self.event_count, self.head_hash = line.seq, line.hash
        self.events.append(line)

    def end(self) -> None:
        """Nothing more happens: the log of this complaint is sealed."""
        self.seal = log.seal(self.number, self.event_count, self.head_hash)


for _field in Complaint._meta.concrete_fields:
    setattr(Life, _field.attname, _field.get_default())
