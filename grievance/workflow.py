"""Every change of a complaint goes through here: `register` makes one, `change` moves one.

One transaction locks the row, checks the table (`grievance.table`) and the actor's right
(`grievance.access`), lets the effect (`grievance.effects`) change the complaint, appends the event
(`grievance.log`) and writes both (`grievance.record`). Workers take the same steps for many complaints at
once. Bells ring after the commit; nothing else happens here.
"""

import hashlib
import json
import logging
from dataclasses import dataclass

from django.db import DatabaseError, OperationalError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from departments.fields import check_answers
from departments.standing import standing

from . import access, clock, doorbell, effects, log, numbers, record, routing
from .aadhaar import mask, mask_answers
from .desks import Desks
from .errors import ChangedMeanwhile, Invalid, KeyReused, NotAllowedNow, NotPermitted
from .models import Complaint, Escalation, Event, Kind, State, remember_reference_rows
from .table import TABLE, Rule

logger = logging.getLogger(__name__)

ROUTING_BATCH = 100
LONGEST_TEXT = 4000
MOST_FILES = 5


# fmt: off
def register(*, citizen, actor, key, category, area, text, kind=Kind.COMPLAINT, fields=None,  # noqa: PLR0913 - a form
             language="hi", place_note="", location=None, about_post=None, files=()):
    # fmt: on
    """Registers a complaint and returns it with whether it is new: the same key gives the same complaint.

    `actor` is who registers (the citizen, an agent, a client); `key` its idempotency key. Raises Invalid
    with messages per field, and KeyReused when the key came before with other content.
    """
    text, answers = _checked(category, area, text, fields, files)
    complaint = Complaint(
        number=numbers.new_number(), kind=kind, category=category, department=category.department,
        text=text, fields=answers, place_note=mask(place_note.replace("\x00", "").strip())[:200],
        citizen=citizen, language=language, channel=actor.channel, registered_by=actor.user, idempotency_key=key,
        confidential=category.confidential, line=category.line, state=State.REGISTERED, registered_at=timezone.now(),
    )  # fmt: skip
    complaint.latitude, complaint.longitude = location or (None, None)
    effects.place(complaint, area)
    _about(complaint, category, about_post)
    complaint.request_hash = _request_hash(complaint)
    with transaction.atomic(savepoint=False):
        is_new = _write_new(complaint, actor, files)
    if is_new:
        doorbell.ring_after_commit(doorbell.ROUTE, doorbell.FOLLOW)
        return complaint, True
    first = Complaint.objects.get(registered_by=actor.user, idempotency_key=key)
    if first.request_hash != complaint.request_hash:
        raise KeyReused
    return first, False


def as_registered(complaint: Complaint) -> Complaint:
    """The complaint as its registration left it, in memory alone: who sends the same key again, whenever, gets
    the answer that was lost and not what became of it since."""
    event = complaint.events.get(seq=1)
    untouched = Complaint()
    for name in CHANGEABLE:
        if name not in KEPT_FROM_REGISTERING:
            setattr(complaint, name, getattr(untouched, name))
    complaint.category_id, complaint.department_id = event.data["category"], event.data["department"]
    complaint.area_id, complaint.level, complaint.state = event.data["area"], event.level, event.to_state
    complaint.event_count, complaint.head_hash = event.seq, event.hash
    return complaint


def _checked(category, area, text, fields, files) -> tuple[str, dict]:
    errors = {}
    text = text.replace("\x00", "").strip()
    if not text:
        errors["text"] = _("Write what happened.")
    elif len(text) > LONGEST_TEXT:
        errors["text"] = _("Write at most %(count)s characters.") % {"count": LONGEST_TEXT}
    if not category.is_active:
        errors["category"] = _("This category is not in use any more.")
    if not area.is_active:
        errors["area"] = _("This place is not in use any more.")
    if len(files) > MOST_FILES:
        errors["files"] = _("Add at most %(count)s files.") % {"count": MOST_FILES}
    answers, wrong_answers = check_answers(category.fields, fields)
    if wrong_answers:
        errors["fields"] = wrong_answers
    if errors:
        raise Invalid(**errors)
    return mask(text), mask_answers(answers)


def _about(complaint: Complaint, category, about_post) -> None:
    """A complaint about an officer begins above that officer, and never reaches them."""
    complaint.min_level = effects.lowest_level(category)
    if category.about_officer and about_post:
        complaint.min_level = max(complaint.min_level, (about_post.level or 0) + 1)
        complaint.about_post = about_post
        holder = about_post.postings.current().first()
        complaint.about_officer = holder.officer if holder else None
    complaint.level = min(complaint.min_level, routing.TOP_LEVEL)


def _request_hash(complaint: Complaint) -> str:
    content = [complaint.category_id, complaint.area_id, complaint.text, complaint.kind, complaint.fields,
               complaint.citizen_id, complaint.place_note]  # fmt: skip
    return hashlib.sha256(json.dumps(content, sort_keys=True).encode()).hexdigest()


def _write_new(complaint: Complaint, actor, files) -> bool:
    facts = {
        "category": complaint.category_id,
        "department": complaint.department_id,
        "area": complaint.area_id,
        "content": log.content_hash(complaint),
        "moved": [None, place_in_figures(complaint)],
        "files": [file.sha256 for file in files],
    }
    event = log.next_event(complaint, "register", "", actor, at=complaint.registered_at, data=facts)
    is_new = record.registration(complaint, event)
    if is_new:
        complaint.whole_history = [event]
        if files:
            record.files(files, complaint, event)
    return is_new


def place_in_figures(complaint: Complaint) -> list:
    """What the figures count a complaint by; events keep it before and after, so that readers need no more."""
    return [complaint.department_id, complaint.district_id, complaint.category_id, complaint.level,
            complaint.channel, str(complaint.state), str(complaint.outcome), complaint.area_id, complaint.assignee_id,
            complaint.breached_at is not None]  # fmt: skip


def change(complaint, action: str, *, user=None, channel="web", version=None, **data) -> Complaint:
    """Changes a complaint by one action of the table and returns it as it now is.

    `user` acts in the capacity `access` finds; without a user the system acts. `version` is the
    `event_count` of the page the person saw: if it moved on, ChangedMeanwhile tells what happened.
    `data` holds what the table's row needs and takes. Raises NotAllowedNow, NotPermitted, Invalid.
    """
    rule = TABLE[action]
    with transaction.atomic():
        [locked] = _locked(complaint.pk)
        remember_reference_rows([locked])
        actor = _actor(rule, locked, user, channel)
        if version is not None and version != locked.event_count:
            raise ChangedMeanwhile(list(locked.events.filter(seq__gt=version).order_by("seq")))
        write([decide(locked, rule, actor, _clean(rule, data))])
    return locked


@standing
def _locked(pk):
    return Complaint.objects.filter(pk=pk).select_for_update()


def locked_rows(complaints, *, skip_locked: bool = False) -> list[Complaint]:
    """Complaints under their locks, with what deciding on them needs. `skip_locked` passes over what another
    worker holds."""
    taken = list(complaints.select_for_update(of=("self",), skip_locked=skip_locked))
    remember_reference_rows(taken)
    return taken


@dataclass(frozen=True)
class Step:
    """What was decided for one complaint and waits to be written: its event, the attributes that changed, and
    what came with it. Without an event only the calendar that a due date is checked against changes."""

    complaint: Complaint
    event: Event | None
    changed: frozenset[str]
    files: tuple = ()
    climb: Escalation | None = None


def decide(complaint: Complaint, rule: Rule, actor, data: dict) -> Step:
    """One step of a locked complaint, in memory: the effect changes it and the next event says so. Several steps
    of one complaint can be decided before they are written together."""
    before, standing = dict(vars(complaint)), place_in_figures(complaint)
    from_state, now = complaint.state, timezone.now()
    if rule.to is not None:
        complaint.state = rule.to
    facts = effects.EFFECTS[rule.name](complaint, actor, data, now)
    climb = facts.pop("climb", None)
    if _clock_of(complaint) != tuple(before[name] for name in CLOCK):
        clock.set_warning(complaint)
    facts["moved"] = [standing, place_in_figures(complaint)]
    files = data.get("files", ())
    if files:
        facts["files"] = [file.sha256 for file in files]
    event = log.next_event(
        complaint, rule.name, from_state, actor, at=now, text=data.get("text", ""), internal=rule.internal, data=facts
    )
    after = vars(complaint)
    changed = frozenset(name for name in CHANGEABLE if after[name] != before[name])
    return Step(complaint, event, changed, tuple(files), climb)


def write(steps: list[Step]) -> None:
    """Writes what was decided, in the transaction that holds the locks; readers are rung for when it commits."""
    if not steps:
        return
    climbs = [step.climb for step in steps if step.climb]
    if climbs:
        record.climbs(climbs)
    complaints = list({step.complaint.pk: step.complaint for step in steps}.values())
    changed = set().union(*(step.changed for step in steps))
    record.changes(complaints, [step.event for step in steps if step.event], changed)
    for step in steps:
        if step.files:
            record.files(step.files, step.complaint, step.event)
    doorbell.ring_after_commit(doorbell.FOLLOW)


def rehearse(complaint, action: str, **arguments) -> None:
    """Raises what `change` would raise, and changes nothing."""
    with transaction.atomic():
        change(complaint, action, **arguments)
        transaction.set_rollback(True)


def _actor(rule, complaint: Complaint, user, channel: str):
    if user is None:
        if complaint.state not in rule.from_states:
            raise NotAllowedNow(rule.name, complaint.state, [])
        if "system" not in rule.who:
            raise NotPermitted
        return access.Actor.system()
    actor = access.actor_for(user, rule.name, complaint, channel=channel)
    if actor is not None:
        return actor
    if complaint.state in rule.from_states and not access.holds_any(user, rule, complaint):
        raise NotPermitted
    raise NotAllowedNow(rule.name, complaint.state, access.allowed_actions(user, complaint))


def _clean(rule, data: dict) -> dict:
    """The action's data, masked and checked against the row's `needs` and `takes`."""
    cleaned, errors = {}, {}
    for name in data.keys() - set(rule.needs) - set(rule.takes):
        errors[name] = _("This action does not take this.")
    for name in (*rule.needs, *rule.takes):
        value = data.get(name)
        if isinstance(value, str):
            value = value.replace("\x00", "").strip()
        if value in (None, "", [], ()):
            if name in rule.needs:
                errors[name] = _("Fill this in.")
            continue
        cleaned[name] = value
    _clean_text_and_rating(cleaned, errors)
    if errors:
        raise Invalid(**errors)
    return cleaned


def _clean_text_and_rating(cleaned: dict, errors: dict) -> None:
    if "text" in cleaned:
        cleaned["text"] = mask(str(cleaned["text"]))
        if len(cleaned["text"]) > LONGEST_TEXT:
            errors["text"] = _("Write at most %(count)s characters.") % {"count": LONGEST_TEXT}
    if "rating" in cleaned and cleaned["rating"] not in range(1, 6):
        errors["rating"] = _("Choose 1 to 5.")
    if len(cleaned.get("files", ())) > MOST_FILES:
        errors["files"] = _("Add at most %(count)s files.") % {"count": MOST_FILES}


# What can change after registration; the rest of a complaint is what the citizen filed, and how.
FILED = {"id", "number", "kind", "place_note", "latitude", "longitude", "text", "fields", "citizen_id", "language",
         "channel", "registered_by_id", "idempotency_key", "request_hash", "confidential", "about_post_id",
         "about_officer_id", "registered_at"}  # fmt: skip
CHANGEABLE = tuple(
    field.attname for field in Complaint._meta.concrete_fields if field.attname not in FILED
)

# Of these, what registering sets and hardly any action touches.
KEPT_FROM_REGISTERING = {"line", "min_level", "district_id"}


# What the moment of the next warning follows from.
CLOCK = ("due_at", "clock_minutes", "warned", "breached_at")


def _clock_of(complaint: Complaint) -> tuple:
    return tuple(getattr(complaint, name) for name in CLOCK)


def _values(complaint: Complaint) -> dict:
    return {name: getattr(complaint, name) for name in CHANGEABLE}


def take(rows, steps_of, desks: Desks | None = None) -> int:
    """Locks a batch of complaints, decides on each with `steps_of(complaint, desks)` and writes all steps together.

    Returns how many it took; what another worker holds is passed over. Raises DatabaseError, and nothing of
    the batch is written.
    """
    with transaction.atomic():
        taken = locked_rows(rows, skip_locked=True)
        if desks is None:
            desks = Desks(taken)
        else:
            desks.expect(taken)
        write([step for complaint in taken for step in steps_of(complaint, desks)])
    return len(taken)


def take_one_by_one(rows, steps_of, otherwise=None) -> int:
    """`take`, each complaint by itself, after a batch failed: one that cannot be written stops no other.

    For that one the steps of `otherwise` are written, if given; not where the database itself was in trouble (a
    deadlock, a lost connection): that passes, and the next sweep finds it as it was. Returns how many were written.
    """
    taken = 0
    for pk in rows.values_list("pk", flat=True):
        alone = Complaint.objects.filter(pk=pk)
        for steps in filter(None, (steps_of, otherwise)):
            try:
                taken += take(alone, steps)
                break
            except OperationalError:
                logger.exception("step_postponed", extra={"complaint": pk})
                break
            except DatabaseError:
                logger.exception("step_failed", extra={"complaint": pk})
    return taken


def sweep(rows, steps_of, desks: Desks | None = None, otherwise=None) -> int:
    """`take`; where the batch cannot be written, `take_one_by_one`. Returns how many were taken."""
    try:
        return take(rows, steps_of, desks)
    except DatabaseError:
        logger.exception("sweep_batch_failed")
    return take_one_by_one(rows, steps_of, otherwise)


def route_registered(limit: int = ROUTING_BATCH) -> int:
    """Sends a batch of registered complaints to their officers; returns how many it took.

    Several workers share the work: rows another one holds are skipped. What goes wrong with one
    complaint sends it to triage and touches no other.
    """
    waiting = Complaint.objects.filter(state=State.REGISTERED, triage_since__isnull=True).order_by("id")[:limit]
    return sweep(waiting, _route_one, otherwise=_to_triage)


def _route_one(complaint: Complaint, desks: Desks) -> list[Step]:
    before = _values(complaint)
    try:
        return [_sent(complaint, routing.choose(complaint, complaint.level, desks))]
    except DatabaseError:
        raise
    except Exception:
        logger.exception("routing_failed", extra={"complaint": complaint.pk})
        for name, value in before.items():
            setattr(complaint, name, value)
        return _to_triage(complaint, desks)


def _to_triage(complaint: Complaint, _desks: Desks) -> list[Step]:
    return [_sent(complaint, routing.Decision(None, complaint.level, {"rule": "failed", "skipped": []}))]


def _sent(complaint: Complaint, decision: routing.Decision) -> Step:
    rule = TABLE["route" if decision.posting else "queue"]
    return decide(complaint, rule, access.Actor.system(), {"decision": decision})
