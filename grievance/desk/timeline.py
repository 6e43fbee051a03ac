"""A complaint's history in an officer's words, and its path from desk to desk."""

import datetime
from dataclasses import dataclass, field

from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from departments.bilingual import in_language
from departments.models import Department, Posting, Reason
from grievance import access
from grievance.models import CallBack, Complaint, Event, Outcome, State
from grievance.numbers import grouped
from grievance.table import sentence
from grievance.words import ist_time

MOST_EVENTS = 300
OTHERS = {
    "citizen": gettext_lazy("The citizen"),
    "system": gettext_lazy("The portal"),
    "client": gettext_lazy("A partner's system"),
}


@dataclass(frozen=True)
class Line:
    """One event in words."""

    event: Event
    sentence: str
    who: str
    at: datetime.datetime
    details: list[str] = field(default_factory=list)
    files: list = field(default_factory=list)


@dataclass(frozen=True)
class Stop:
    """One stop on the path; `days` it lay there, `left` is empty for where it is now. A desk has a level."""

    title: str
    level: int | None
    came: datetime.datetime
    left: datetime.datetime | None
    days: int


def events_of(complaint: Complaint, after: int = 0) -> list[Event]:
    """The newest events after a version, in order, with all that a line shows of them."""
    events = (
        complaint.events.filter(seq__gt=after)
        .select_related("actor", "actor_posting__post__area")
        .prefetch_related("attachments")
        .order_by("-seq")[:MOST_EVENTS]
    )
    return list(reversed(events))


def lines(events: list[Event], reader) -> list[Line]:
    """The events in words for a member of staff, in the order given."""
    names = _Names(events)
    return [
        Line(
            event,
            str(sentence(event.action)),
            who(event, reader),
            event.at,
            names.details(event),
            event.attachments.all(),
        )
        for event in events
    ]


def proposed(complaint: Complaint, reader) -> Line | None:
    """The proposal that waits for a decision, as the line that made it: what, why, by whom and when."""
    if access.waiting_proposal(complaint) is None:
        return None
    made = complaint.events.filter(action__startswith="propose_").select_related("actor", "actor_posting__post__area")
    return lines(list(made.prefetch_related("attachments").order_by("-seq")[:1]), reader)[0]


def who(event: Event, reader=None) -> str:
    """Who did it: post and name for staff, never a citizen's name or number."""
    if reader is not None and event.actor_id == reader.pk:
        return _("You")
    if event.actor_posting is None:
        return str(OTHERS.get(event.actor_role, OTHERS["system"]))
    return f"{event.actor_posting.post.title} ({in_language(event.actor.name, event.actor.name_hi)})"


def path(complaint: Complaint, events: list[Event], now=None) -> list[Stop]:
    """Where it lay, the first stop first: the desks and, between them, the citizen for the verdict, or closed.

    Days are those of the calendar, so those of all stops add up to the complaint's age. `events` are its newest;
    where they do not begin with the first, what the path needs is read.
    """
    if events and events[0].seq > 1:
        wanted = Q(data__has_key="why") | Q(action__in=("register", "resolve")) | Q(to_state=State.CLOSED)
        events = list(complaint.events.filter(wanted).order_by("seq"))
    arrivals = [(event, kind) for event in events if (kind := _arrival(event))]
    if arrivals and arrivals[-1][1] == "closed":
        arrivals, end = arrivals[:-1], arrivals[-1][0].at
    else:
        end = None
    postings = _postings([event for event, kind in arrivals if kind == "desk"])
    ends = [event.at for event, _kind in arrivals[1:]] + [end]
    stops = [
        Stop(_place_of(event, kind, postings), event.data["level"] if kind == "desk" else None, event.at, left,
             _days(event.at, left or now or timezone.now()))
        for (event, kind), left in zip(arrivals, ends, strict=True)
    ]  # fmt: skip
    # Finding the officer takes seconds; it is a stop only where it took days.
    return stops[1:] if len(stops) > 1 and not stops[0].days and arrivals[0][1] == "way" else stops


def _arrival(event: Event) -> str:
    """To what the event brought the complaint; empty where it stayed."""
    if "to" in event.data and "why" in event.data:
        return "desk"
    if event.to_state == State.CLOSED and event.from_state != State.CLOSED:
        return "closed"
    return {"register": "way", "resolve": "citizen"}.get(event.action, "")


def _place_of(event: Event, kind: str, postings: dict) -> str:
    if kind == "desk":
        return _title(postings.get(event.data["to"]))
    return {"way": _("On its way to the officer"), "citizen": _("The citizen, for the verdict"), "closed": _("Closed")}[
        kind
    ]


def _days(came: datetime.datetime, left: datetime.datetime) -> int:
    return max((timezone.localdate(left) - timezone.localdate(came)).days, 0)


def age(complaint: Complaint) -> int:
    """Days since it was registered, until it was closed: whatever moved it, this never begins anew."""
    return _days(complaint.registered_at, complaint.closed_at or timezone.now())


def _title(posting: Posting | None) -> str:
    return posting.post.title if posting else _("Triage desk")


def _postings(events: list[Event]) -> dict[int, Posting]:
    ids = {event.data.get("to") for event in events} - {None}
    return Posting.objects.select_related("post__area").in_bulk(ids) if ids else {}


class _Names:
    """What the events' data refers to, read in one query a kind."""

    def __init__(self, events: list[Event]):
        self.postings = _postings(events)
        ids = {event.data.get(key) for event in events for key in ("from_department", "to_department")} - {None}
        self.departments = Department.objects.in_bulk(ids) if ids else {}
        codes = {event.data.get("reason") for event in events} - {None, ""}
        self.reasons = {r.code: str(r) for r in Reason.objects.filter(code__in=codes)} if codes else {}

    def details(self, event: Event) -> list[str]:
        """The facts of an event, one sentence each."""
        data, found = event.data, []
        if "to_department" in data:
            found.append(
                _("From %(old)s to %(new)s")
                % {"old": self._department(data["from_department"]), "new": self._department(data["to_department"])}
            )
        if data.get("reason"):
            found.append(_("Reason: %(reason)s") % {"reason": self.reasons.get(data["reason"], data["reason"])})
        if "to" in data and "why" in data:
            found.append(
                _("To: %(post)s, L%(level)s") % {"post": _title(self.postings.get(data["to"])), "level": data["level"]}
            )
        return found + _plain_details(data)

    def _department(self, pk: int) -> str:
        return self.departments[pk].short if pk in self.departments else "?"


def _plain_details(data: dict) -> list[str]:
    """Facts that need no look-up."""
    found = []
    if data.get("used"):
        found.append(_("%(share)s%% of the time was used") % {"share": data["used"]})
    if data.get("call"):
        found.append(str(CallBack.Outcome(data["call"]).label))
    if data.get("rating"):
        found.append(_("Rating: %(rating)s of 5") % {"rating": data["rating"]})
    if data.get("order"):
        found.append(_("Order: %(text)s") % {"text": data["order"]})
    if data.get("into"):
        found.append(_("Joined with %(number)s") % {"number": grouped(data["into"])})
    if data.get("outcome"):
        found.append(str(Outcome(data["outcome"]).label))
    if data.get("late"):
        found.append(_("After the time had run out"))
    for key in ("due_at", "close_after"):
        if data.get(key):
            words = _("Due %(time)s") if key == "due_at" else _("Takes effect %(time)s")
            found.append(words % {"time": ist_time(datetime.datetime.fromisoformat(data[key]))})
    return found
