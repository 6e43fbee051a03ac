"""The workflow's table, as data: code, pages, API, tests and documentation read this one place.

`who` names capacities that `grievance.access` recognises: citizen, agent, client, assignee, officer,
l3, l4, nodal, district, triage, cm_office, system; `staff` is whoever of them sees the complaint.
"""

from dataclasses import dataclass

from django.utils.translation import gettext_lazy as _

from .models import OPEN_STATES, State

REOPEN_DAYS = 30
CITIZEN_ANSWER_DAYS = 7
NO_REPLY_DAYS = 15
NO_REPLY_ATTEMPTS = 3
NO_REPLY_CHANNELS = 2
REMINDER_DAYS = (3, 7)
OBJECTION_DAYS = 3
LAPSE_DAYS = 7

ANY_OPEN = frozenset(OPEN_STATES)
WITH_OFFICER = frozenset({State.ASSIGNED, State.IN_PROGRESS})
ANY = frozenset(State.values)


@dataclass(frozen=True)
class Rule:
    """One row: from which states, to which (None: stays), who, what is needed, what it does.

    `done` is the sentence of the timeline; `needs` the names of the data the action cannot do without;
    `takes` those it may also have.
    """

    name: str
    label: object
    done: object
    from_states: frozenset
    to: State | None
    who: tuple[str, ...]
    effect: object
    needs: tuple[str, ...] = ()
    takes: tuple[str, ...] = ()
    internal: bool = False


_RULES = (
    Rule(
        "route",
        _("Send to the officer"),
        _("Sent to the officer"),
        frozenset({State.REGISTERED}),
        State.ASSIGNED,
        ("system",),
        _("A worker finds the officer within 2 seconds; why it went there is stored and shown."),
    ),
    Rule(
        "queue",
        _("Send to triage"),
        _("Sent to the triage desk"),
        frozenset({State.REGISTERED}),
        State.REGISTERED,
        ("system",),
        _("No officer could be found: people at the triage desk decide."),
    ),
    Rule(
        "accept",
        _("Accept"),
        _("The officer took up the work"),
        frozenset({State.ASSIGNED}),
        State.IN_PROGRESS,
        ("assignee",),
        _("The officer has seen it and begins."),
    ),
    Rule(
        "update",
        _("Write to the citizen"),
        _("News from the officer"),
        WITH_OFFICER | {State.AWAITING_CITIZEN},
        None,
        ("assignee",),
        _("Public text; the citizen is told."),
        needs=("text",),
        takes=("files",),
    ),
    Rule(
        "note",
        _("Internal note"),
        _("Internal note"),
        ANY,
        None,
        ("staff",),
        _("Text that only staff see."),
        needs=("text",),
        takes=("files",),
        internal=True,
    ),
    Rule(
        "ask",
        _("Ask the citizen"),
        _("The officer asks"),
        frozenset({State.IN_PROGRESS}),
        State.AWAITING_CITIZEN,
        ("assignee",),
        _("The clock pauses; 7 days without an answer and it runs on."),
        needs=("text",),
    ),
    Rule(
        "answer",
        _("Answer"),
        _("The citizen answered"),
        frozenset({State.AWAITING_CITIZEN}),
        State.IN_PROGRESS,
        ("citizen",),
        _("The clock runs on with exactly what was left."),
        needs=("text",),
        takes=("files",),
    ),
    Rule(
        "run_on",
        _("Run on without an answer"),
        _("No answer came; the work goes on"),
        frozenset({State.AWAITING_CITIZEN}),
        State.IN_PROGRESS,
        ("system",),
        _("After 7 days without an answer the clock runs on."),
    ),
    Rule(
        "add",
        _("Add something"),
        _("The citizen added"),
        ANY_OPEN,
        None,
        ("citizen",),
        _("More words or photos from the citizen, at any time."),
        needs=("text",),
        takes=("files",),
    ),
    Rule(
        "reassign",
        _("Reassign"),
        _("Given to another officer"),
        WITH_OFFICER | {State.REGISTERED},
        State.ASSIGNED,
        ("nodal", "triage"),
        _("Same department and level; by hand also before routing or out of triage."),
        needs=("assignee",),
        takes=("text",),
    ),
    Rule(
        "transfer",
        _("Transfer"),
        _("Transferred to another department"),
        WITH_OFFICER | {State.REGISTERED},
        State.ASSIGNED,
        ("assignee", "nodal", "triage"),
        _("With a reason; after the second transfer only triage may; the total age is kept."),
        needs=("department", "reason"),
        takes=("category", "area", "text"),
    ),
    Rule(
        "warn",
        _("Warn"),
        _("The officer was warned that time is running out"),
        WITH_OFFICER,
        None,
        ("system",),
        _("When half and when four fifths of the time are used, once each; only the last where both have passed."),
        internal=True,
    ),
    Rule(
        "escalate",
        _("Escalate"),
        _("Not done in time: moved to a higher officer"),
        WITH_OFFICER,
        State.ASSIGNED,
        ("system",),
        _("The time ran out: one level up, exactly once a level and round."),
    ),
    Rule(
        "breach",
        _("Breach"),
        _("Not done in time at the highest level"),
        WITH_OFFICER,
        None,
        ("system",),
        _("At level 4 it is breached: on the Chief Minister's board, reminded daily, never dropped."),
    ),
    Rule(
        "redate",
        _("Move the deadline"),
        _("The calendar changed, and the deadline with it"),
        WITH_OFFICER,
        None,
        ("system",),
        _("A holiday or office hours changed: the working time left stays exactly what it was."),
    ),
    Rule(
        "hand_over",
        _("Hand over"),
        _("Went into other hands: the officer before does not hold the post any more"),
        ANY_OPEN - {State.REGISTERED},
        None,
        ("system",),
        _("To the successor in the post, else by routing at the same level; the clock runs on. Nobody: to triage."),
    ),
    Rule(
        "resolve",
        _("Resolve"),
        _("The officer reports: done"),
        WITH_OFFICER,
        State.RESOLVED,
        ("assignee",),
        _("An action-taken report; proof where the category asks for it."),
        needs=("text",),
        takes=("files",),
    ),
    Rule(
        "satisfied",
        _("I am satisfied"),
        _("The citizen is satisfied"),
        frozenset({State.RESOLVED, State.CLOSED}),
        State.CLOSED,
        ("citizen", "agent"),
        _("Closed as satisfied; rating 1–5. Also within 30 days after a closing without reply."),
        needs=("rating",),
        takes=("text",),
    ),
    Rule(
        "not_satisfied",
        _("I am not satisfied"),
        _("The citizen is not satisfied"),
        frozenset({State.RESOLVED, State.CLOSED}),
        State.ASSIGNED,
        ("citizen", "agent"),
        _("Reopened one level up; at level 4 back to level 4. Also within 30 days after a closing without reply."),
        needs=("text",),
        takes=("rating", "files"),
    ),
    Rule(
        "remind",
        _("Remind of the verdict"),
        _("The citizen was reminded to judge the result"),
        frozenset({State.RESOLVED}),
        None,
        ("system",),
        _("On day 3 and day 7 after the resolution; then the 1100 desk calls."),
        internal=True,
    ),
    Rule(
        "call",
        _("Call back for the verdict"),
        _("The 1100 desk called for the verdict"),
        frozenset({State.RESOLVED}),
        None,
        ("agent",),
        _("What the call came to is kept; each counts as an attempt on the phone."),
        needs=("outcome",),
        internal=True,
    ),
    Rule(
        "no_reply",
        _("Close without a verdict"),
        _("Closed: no reply from the citizen"),
        frozenset({State.RESOLVED}),
        State.CLOSED,
        ("system",),
        _("Three attempts on three days over two channels, and 15 days."),
    ),
    Rule(
        "propose_reject",
        _("Propose to reject"),
        _("Rejection proposed"),
        frozenset({State.REGISTERED, State.ASSIGNED}),
        None,
        ("triage", "l3"),
        _("Reason from a list; another person decides."),
        needs=("reason", "text"),
        internal=True,
    ),
    Rule(
        "approve_reject",
        _("Approve the rejection"),
        _("Rejected"),
        frozenset({State.REGISTERED, State.ASSIGNED}),
        State.CLOSED,
        ("triage", "l3"),
        _("By another person than the one who proposed it."),
    ),
    Rule(
        "propose_special_close",
        _("Propose a special closing"),
        _("Special closing proposed"),
        ANY_OPEN,
        None,
        ("l4",),
        _("A reasoned order; the Chief Minister's office decides."),
        needs=("text",),
        internal=True,
    ),
    Rule(
        "approve_special_close",
        _("Approve the special closing"),
        _("It will be closed by order in 3 days"),
        ANY_OPEN,
        None,
        ("cm_office",),
        _("The citizen is told 3 days before and may object."),
    ),
    Rule(
        "decline",
        _("Decline the proposal"),
        _("Proposal declined"),
        ANY_OPEN,
        None,
        ("triage", "l3", "cm_office"),
        _("It goes on as before."),
        takes=("text",),
        internal=True,
    ),
    Rule(
        "object",
        _("Object"),
        _("The citizen objects to the closing"),
        ANY_OPEN,
        None,
        ("citizen",),
        _("The special closing is stopped."),
        needs=("text",),
    ),
    Rule(
        "special_close",
        _("Close by order"),
        _("Closed by order"),
        ANY_OPEN,
        State.CLOSED,
        ("system",),
        _("3 days after the notice, without an objection."),
    ),
    Rule(
        "lapse",
        _("Let the order lapse"),
        _("The order to close it lapsed: no notice could be sent to the citizen"),
        ANY_OPEN,
        None,
        ("system",),
        _("7 days after the approval no notice was sent and none waits: it goes on as before; the proposer is told."),
    ),
    Rule(
        "merge",
        _("Join with another"),
        _("Joined with another complaint"),
        ANY_OPEN,
        State.CLOSED,
        ("staff",),
        _("Its citizens follow the surviving complaint and get its news and verdict."),
        needs=("into",),
    ),
    Rule(
        "withdraw",
        _("Withdraw"),
        _("Withdrawn by the citizen"),
        ANY_OPEN,
        State.CLOSED,
        ("citizen",),
        _("The citizen takes it back."),
        takes=("text",),
    ),
    Rule(
        "reopen",
        _("Reopen"),
        _("Reopened by the citizen"),
        frozenset({State.CLOSED}),
        State.ASSIGNED,
        ("citizen",),
        _("Within 30 days, not after withdrawal; one level above where it stood."),
        needs=("text",),
        takes=("files",),
    ),
    Rule(
        "reveal",
        _("Show the phone number"),
        _("Phone number looked at"),
        ANY,
        None,
        ("staff", "agent"),
        _("Who asked for the number is kept."),
        internal=True,
    ),
)

TABLE: dict[str, Rule] = {rule.name: rule for rule in _RULES}

# Registering makes the complaint, so it has no row to change; its sentence stands with the others.
REGISTERED_SENTENCE = _("Complaint registered")


def sentence(action: str):
    """What the timeline says of an event."""
    return REGISTERED_SENTENCE if action == "register" else TABLE[action].done
