"""Which messages an event calls for: a reader of the event log that makes deliveries.

It runs in the reader's transaction, so each event makes its messages exactly once; sending them is
`channels.deliveries`' work.
"""

from dataclasses import dataclass

from django.conf import settings
from django.db.models import Max
from django.utils import timezone
from django.utils.dateparse import parse_datetime
from django.utils.translation import gettext as _
from django.utils.translation import override

from citizens.phones import is_synthetic
from departments.models import Absence, Posting, Reason
from departments.remembered import for_half_a_minute
from departments.standing import standing
from grievance import readers, routing
from grievance.models import RUNNING_STATES, Event, Follower, Outcome
from grievance.numbers import grouped
from grievance.verdict_link import RESOLVE, verdict_token
from grievance.words import ist_date

from . import deliveries
from .message_templates import fill
from .models import Audience, Delivery, MessageTemplate

READER = "messages"
# With the rest of the message a longer question would need a fourth SMS; the page shows it whole.
SMS_QUESTION = 70

# Event of the log → message to the citizen, message to the officer who has it now.
CALLS_FOR = {
    "register": ("registered", None),
    "route": ("assigned", "assigned"),
    "reassign": ("assigned", "assigned"),
    "transfer": ("transferred", "transferred"),
    "hand_over": (None, "assigned"),
    "warn": (None, "warning"),
    "escalate": ("escalated", "escalated"),
    "breach": ("breached", "breached"),
    "update": ("update", None),
    "ask": ("asked", None),
    "answer": (None, "answered"),
    "add": (None, "answered"),
    "run_on": ("answer_overdue", "runs_on"),
    "resolve": ("resolved", None),
    "remind": ("verdict_reminder", None),
    "satisfied": ("satisfied", "disposed_verdict"),
    "not_satisfied": ("reopened", "reopened"),
    "reopen": ("reopened", "reopened"),
    "no_reply": ("closed_no_reply", None),
    "withdraw": ("withdrawn", None),
    "special_close": ("closed", None),
    "approve_reject": ("rejected", None),
    "approve_special_close": ("objection_notice", None),
    "object": (None, "objected"),
    "lapse": (None, "order_lapsed"),
    "merge": ("merged", None),
}
# What the citizens of merged complaints hear about the surviving one: it is not theirs to have judged or withdrawn.
FOLLOWERS_HEAR = {
    "update": "update",
    "resolved": "update",
    "reopened": "reopened",
    "closed": "closed",
    "satisfied": "closed",
    "closed_no_reply": "closed",
    "withdrawn": "closed",
    "rejected": "rejected",
}
# These hold the link to judge the result.
WITH_VERDICT_LINK = {"resolved", "verdict_reminder", "closed_no_reply"}


@dataclass(frozen=True)
class Recipient:
    user: object
    audience: str
    number: str
    verdict: bool = False


def follow() -> int:
    """Takes the next events; returns how many there were."""
    return readers.follow(READER)


def make_deliveries(events: list[Event]) -> None:
    """Makes the deliveries the events call for."""
    # Of several levels passed at once only the last is announced.
    events = [event for event in events if event.action in CALLS_FOR and not event.data.get("passed_on")]
    context = _Context(events)
    made = [delivery for event in events for delivery in _for_event(event, context)]
    deliveries.make(made)


class _Context:
    """What many events share, read once a batch."""

    def __init__(self, events: list[Event]):
        wanted = {_desk(event) for event in events} | {event.complaint.assignee_id for event in events}
        wanted = list(wanted - {None})
        self.postings = {posting.pk: posting for posting in _postings(wanted)}
        self.today = timezone.localdate()
        self.stand_ins = {absence.posting_id: absence.stand_in for absence in _with_stand_in(wanted, self.today)}
        self.templates, self.reasons = _templates(), _reasons()
        complaints = {event.complaint_id for event in events}
        judged = {event.complaint_id for event in events if CALLS_FOR[event.action][0] in WITH_VERDICT_LINK}
        self.resolutions = _latest_resolutions(judged) if judged else {}
        self.followers: dict[int, list[Follower]] = {}
        for follower in _followers(list(complaints)):
            self.followers.setdefault(follower.complaint_id, []).append(follower)
        self._phones: dict[int, str] = {}

    def phone(self, user) -> str:
        """A user's phone, empty without one; asking the number's plan again and again cost more than the message."""
        if user.pk not in self._phones:
            self._phones[user.pk] = "" if user.phone is None else str(user.phone)
        return self._phones[user.pk]

    def reader(self, posting: Posting, complaint):
        """Who reads today what comes to this desk: its holder or, on leave, the stand-in."""
        stand_in = self.stand_ins.get(posting.pk)
        if stand_in and routing.can_stand_in(stand_in, complaint, self.today):
            return stand_in.officer
        return posting.officer


@standing
def _postings(ids):
    return Posting.objects.filter(pk__among=ids).select_related("officer", "post__area")


@standing
def _with_stand_in(postings, on):
    away = Absence.objects.on(on).filter(posting_id__among=postings)
    return away.exclude(stand_in=None).select_related("stand_in__officer", "stand_in__post")


@standing
def _followers(complaints):
    return Follower.objects.filter(complaint_id__among=complaints).select_related("citizen", "merged")


@for_half_a_minute
def _templates() -> dict[tuple, MessageTemplate]:
    used = MessageTemplate.objects.filter(is_active=True)
    return {(template.event, template.audience, template.channel, template.language): template for template in used}


@for_half_a_minute
def _reasons() -> dict[str, Reason]:
    return {reason.code: reason for reason in Reason.objects.all()}


def _latest_resolutions(complaint_ids: set[int]) -> dict[int, int]:
    """The number of each complaint's latest resolution, which a verdict answers."""
    resolutions = Event.objects.filter(complaint__in=complaint_ids, action=RESOLVE).order_by()
    return dict(resolutions.values_list("complaint").annotate(latest=Max("seq")))


def _for_event(event: Event, context: _Context):
    for_citizen, for_officer = CALLS_FOR[event.action]
    if event.action in ("transfer", "hand_over") and not _is_work(event):
        for_officer = None
    complaint = event.complaint
    if for_citizen:
        citizen = Recipient(complaint.citizen, Audience.CITIZEN, complaint.number, for_citizen in WITH_VERDICT_LINK)
        yield from _to(citizen, for_citizen, event, context)
        if for_citizen in FOLLOWERS_HEAR:
            for follower in context.followers.get(complaint.pk, ()):
                recipient = Recipient(follower.citizen, Audience.CITIZEN, follower.merged.number)
                yield from _to(recipient, FOLLOWERS_HEAR[for_citizen], event, context)
    posting = context.postings.get(_desk(event))
    if for_officer and posting:
        officer = context.reader(posting, complaint)
        yield from _to(Recipient(officer, Audience.OFFICER, complaint.number), for_officer, event, context)


def _desk(event: Event) -> int | None:
    """The posting that an event is about: who it came to, whose order lapsed, else who has the complaint."""
    return event.data.get("proposer") or event.data.get("to") or event.complaint.assignee_id


def _is_work(event: Event) -> bool:
    """Whether the event laid work on an officer's desk: not in triage, nor what waits for the citizen."""
    return bool(event.data.get("to")) and event.to_state in RUNNING_STATES


def _to(recipient: Recipient, name: str, event: Event, context: _Context):
    """One delivery for each way the recipient can be reached; none to somebody who does not exist."""
    user = recipient.user
    phone = context.phone(user)
    if is_synthetic(phone):
        return
    language = event.complaint.language if recipient.audience == Audience.CITIZEN else user.language
    values = None
    for channel, address in (("sms", phone), ("email", user.email)):
        template = context.templates.get((name, recipient.audience, channel, language))
        if not address or template is None:
            continue
        if values is None:
            values = _values(recipient, event, context, language)
        yield Delivery(
            event=event, complaint=event.complaint, urgent=event.complaint.category.emergency, recipient=user,
            template=name, audience=recipient.audience, channel=channel, language=language,
            address=address, subject=fill(template.subject, values)[:200], body=fill(template.body, values),
            dlt_id=template.dlt_id, key=f"{event.pk}:{recipient.audience}:{user.pk}:{recipient.number}:{channel}",
            available_at=timezone.now(), created_at=event.at,
        )  # fmt: skip


def _values(recipient: Recipient, event: Event, context: _Context, language: str) -> dict[str, str]:
    complaint = event.complaint
    page = "desk" if recipient.audience == Audience.OFFICER else "complaints"
    posting = context.postings.get(_desk(event))
    with override(language):
        due = parse_datetime(event.data["due_at"]) if event.data.get("due_at") else complaint.due_at
        values = {
            "number": grouped(recipient.number),
            "category": _("your matter") if complaint.confidential else complaint.category.name,
            "place": "" if complaint.confidential else complaint.area.name,
            "post": posting.post.title if posting else _("the triage desk"),
            "due": ist_date(due) if due else "",
            "link": f"{settings.BASE_URL}/{page}/{recipient.number}/",
            "reason": _reason(event, context, language),
            "question": "" if complaint.confidential else _short(event.text, SMS_QUESTION),
            "name": recipient.user.name or _("citizen"),
            "used": str(event.data.get("used", "")),
            "outcome": str(Outcome(event.data["outcome"]).label) if event.data.get("outcome") else "",
            "state_name": settings.STATE_NAME[language],
        }
        if recipient.verdict:
            resolution = context.resolutions.get(complaint.pk, event.seq)
            values["verdict_link"] = f"{settings.BASE_URL}/v/{verdict_token(complaint, resolution)}/"
    return values


def _reason(event: Event, context: _Context, language: str) -> str:
    reason = context.reasons.get(event.data.get("reason"))
    if reason:
        return reason.text_en if language == "en" else reason.text_hi or reason.text_en
    return "" if event.complaint.confidential else _short(event.text or event.data.get("order", ""))


def _short(text: str, most: int = 120) -> str:
    """A few words of a text: an SMS is no place for the whole."""
    text = " ".join(text.split())
    return text if len(text) <= most else text[: most - 1] + "…"
