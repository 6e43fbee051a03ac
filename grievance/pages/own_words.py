"""What the citizen's pages call things: the table speaks of "the citizen" to officers, here we speak to them."""

import datetime
from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from departments.models import Reason
from grievance import table
from grievance.models import Complaint, Event, Outcome, State

STATES = {
    State.AWAITING_CITIZEN: _("Waiting for your answer"),
    State.RESOLVED: _("Is it done? Please say"),
}
OUTCOMES = {
    Outcome.SATISFIED: _("Closed: you are satisfied"),
    Outcome.NO_REPLY: _("Closed: no reply from you"),
    Outcome.UNSATISFIED: _("Closed by order"),
}
BY_ORDER = {Outcome.REJECTED: "reject", Outcome.UNSATISFIED: "special_close"}
# The timeline's sentences that would otherwise speak of the reader as of somebody else.
SENTENCES = {
    "answer": _("You answered"),
    "add": _("You added"),
    "satisfied": _("You are satisfied"),
    "not_satisfied": _("You are not satisfied"),
    "no_reply": _("Closed: no reply from you"),
    "withdraw": _("You withdrew it"),
    "reopen": _("You reopened it"),
    "object": _("You object to the closing"),
    "lapse": _("It is not closed by that order: we could not send you the notice"),
    "ask": _("The officer asks you"),
}
# What an action does, said before it is done.
EFFECTS = {
    "answer": _("The officer reads it and goes on with the work."),
    "add": _("The officer sees it on your complaint at once."),
    "satisfied": _("Your complaint is then closed. If the trouble comes back, you can reopen it within 30 days."),
    "not_satisfied": _("It is then opened again, and a higher officer looks at it."),
    "reopen": _("It is then opened again, and a higher officer looks at it."),
    "withdraw": _("The work on it stops, and it cannot be opened again."),
    "object": _("It is then not closed by this order."),
}
THANKS = {
    "answer": _("Your answer is with the officer."),
    "add": _("It is added. The officer sees it."),
    "satisfied": _("Thank you. Your complaint is closed."),
    "not_satisfied": _("Thank you for saying so. It goes to a higher officer now."),
    "withdraw": _("Your complaint is withdrawn."),
    "reopen": _("Your complaint is open again. It goes to a higher officer now."),
    "object": _("Your objection is written down. It will not be closed by this order."),
}
TEXT_LABELS = {
    "answer": _("Your answer"),
    "add": _("What do you want to add?"),
    "satisfied": _("Do you want to say anything more?"),
    "not_satisfied": _("What is still not right?"),
    "reopen": _("What is wrong again?"),
    "withdraw": _("Why do you take it back?"),
    "object": _("Why should it not be closed?"),
}
# Whoever's complaint was closed over their head does not say that something is wrong *again*.
AGAINST_ORDER = _("Why should it be taken up after all?")
# What the officer said last belongs beside what the citizen is asked to say to it.
REPLIES_TO = {
    "answer": "ask", "satisfied": "resolve", "not_satisfied": "resolve", "reopen": "resolve",
    State.AWAITING_CITIZEN: "ask", State.RESOLVED: "resolve",
}  # fmt: skip


def standing(complaint: Complaint) -> str:
    """How it stands, said to its citizen."""
    if complaint.outcome:
        return OUTCOMES.get(complaint.outcome, complaint.get_outcome_display())
    return STATES.get(complaint.state, complaint.get_state_display())


@dataclass(frozen=True)
class Order:
    """Why staff close it over its citizen's head: in whose words, and which offices proposed and approved it."""

    reason: str
    text: str
    proposed_by: str
    approved_by: str
    at: datetime.datetime


def order_about(complaint: Complaint) -> Order | None:
    """The order by which it was rejected, closed or is to be closed; None where there is none."""
    kind = "special_close" if complaint.close_after else BY_ORDER.get(complaint.outcome)
    if kind is None:
        return None
    names = [f"propose_{kind}", f"approve_{kind}"]
    found = {
        event.action: event
        for event in complaint.events.filter(action__in=names).select_related("actor_posting__post").order_by("seq")
    }
    proposed, approved = (found.get(name) for name in names)
    if approved is None:
        return None
    reason = Reason.objects.filter(code=approved.data.get("reason") or "").first()
    return Order(str(reason or ""), approved.data.get("order", ""), _office(proposed), _office(approved), approved.at)


def _office(event: Event | None) -> str:
    return event.actor_posting.post.title if event and event.actor_posting else ""


def sentence(action: str):
    """What the timeline says of an event, to its citizen."""
    return SENTENCES.get(action) or table.sentence(action)


def said_before(complaint: Complaint, moment: str) -> Event | None:
    """The question or report that an action answers, or that a state waits on."""
    action = REPLIES_TO.get(moment)
    said = complaint.events.filter(action=action, internal=False).prefetch_related("attachments")
    return said.order_by("-seq").first() if action else None
