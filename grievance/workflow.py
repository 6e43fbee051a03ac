"""Every change of a complaint goes through here: `register` makes one, `change` moves one.

One transaction locks the row, checks the table (`grievance.table`) and the actor's right
(`grievance.access`), lets the effect (`grievance.effects`) change the complaint, and appends the event
(`grievance.log`). Bells ring after the commit; nothing else happens here.
"""

import hashlib
import json

from django.db import IntegrityError, transaction
from django.utils import timezone
from django.utils.translation import gettext as _

from departments.fields import check_answers

from . import access, doorbell, effects, log, numbers, routing
from .aadhaar import mask, mask_answers
from .errors import ChangedMeanwhile, Invalid, KeyReused, NotAllowedNow, NotPermitted
from .models import Attachment, Complaint, Event, Kind, State
from .table import TABLE

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
        number=numbers.new_number(), kind=kind, category=category, department_id=category.department_id,
        text=text, fields=answers, place_note=mask(place_note.replace("\x00", "").strip())[:200],
        citizen=citizen, language=language, channel=actor.channel, registered_by=actor.user, idempotency_key=key,
        confidential=category.confidential, line=category.line, state=State.REGISTERED, registered_at=timezone.now(),
    )  # fmt: skip
    complaint.latitude, complaint.longitude = location or (None, None)
    effects.place(complaint, area)
    _about(complaint, category, about_post)
    complaint.request_hash = _request_hash(complaint)
    try:
        with transaction.atomic():
            _write_new(complaint, actor, files)
    except IntegrityError:
        first = Complaint.objects.filter(registered_by=actor.user, idempotency_key=key).first()
        if first is None:
            raise
        if first.request_hash != complaint.request_hash:
            raise KeyReused from None
        return first, False
    doorbell.ring_after_commit(doorbell.ROUTE, doorbell.FOLLOW)
    return complaint, True


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


def _write_new(complaint: Complaint, actor, files) -> None:
    facts = {
        "category": complaint.category_id,
        "department": complaint.department_id,
        "area": complaint.area_id,
        "content": log.content_hash(complaint),
        "moved": [None, _place_in_figures(complaint)],
        "files": [file.sha256 for file in files],
    }
    event = log.next_event(complaint, "register", "", actor, at=complaint.registered_at, data=facts)
    complaint.save(force_insert=True)
    _save_event(event, complaint, files)


def _place_in_figures(complaint: Complaint) -> list:
    """What the figures count a complaint by; events keep it before and after, so that readers need no more."""
    return [complaint.department_id, complaint.district_id, complaint.category_id, complaint.level,
            complaint.channel, str(complaint.state), str(complaint.outcome)]  # fmt: skip


def _save_event(event: Event, complaint: Complaint, files) -> None:
    event.complaint = complaint
    event.save(force_insert=True)
    if files:
        Attachment.objects.filter(pk__in=[file.pk for file in files]).update(
            complaint=complaint, event=event, draft=None
        )


def change(complaint, action: str, *, user=None, channel="web", version=None, **data) -> Complaint:
    """Changes a complaint by one action of the table and returns it as it now is.

    `user` acts in the capacity `access` finds; without a user the system acts. `version` is the
    `event_count` of the page the person saw: if it moved on, ChangedMeanwhile tells what happened.
    `data` holds what the table's row needs and takes. Raises NotAllowedNow, NotPermitted, Invalid.
    """
    with transaction.atomic():
        locked = (
            Complaint.objects.select_for_update(of=("self",))
            .select_related("category", "department", "area", "citizen", "assignee__post__area")
            .get(pk=complaint.pk)
        )
        return change_locked(locked, action, user=user, channel=channel, version=version, **data)


def change_locked(complaint: Complaint, action: str, *, user=None, channel="web", version=None, **data) -> Complaint:
    """`change`, for a row the caller has locked in the present transaction (batches of the workers)."""
    rule = TABLE[action]
    actor = _actor(rule, complaint, user, channel)
    if version is not None and version != complaint.event_count:
        raise ChangedMeanwhile(list(complaint.events.filter(seq__gt=version).order_by("seq")))
    data = _clean(rule, data)
    before, standing = _values(complaint), _place_in_figures(complaint)
    from_state, now = complaint.state, timezone.now()
    if rule.to is not None:
        complaint.state = rule.to
    facts = effects.EFFECTS[action](complaint, actor, data, now)
    if standing != (standing_now := _place_in_figures(complaint)):
        facts["moved"] = [standing, standing_now]
    files = data.get("files", ())
    if files:
        facts["files"] = [file.sha256 for file in files]
    event = log.next_event(
        complaint, action, from_state, actor, at=now, text=data.get("text", ""), internal=rule.internal, data=facts
    )
    after = _values(complaint)
    complaint.save(update_fields=[name for name, value in after.items() if value != before[name]])
    _save_event(event, complaint, files)
    doorbell.ring_after_commit(doorbell.FOLLOW)
    return complaint


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
    for name in data.keys() - set(rule.needs) - set(rule.takes) - {"decision"}:
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
    return cleaned | {"decision": data["decision"]} if "decision" in data else cleaned


def _clean_text_and_rating(cleaned: dict, errors: dict) -> None:
    if "text" in cleaned:
        cleaned["text"] = mask(str(cleaned["text"]))
        if len(cleaned["text"]) > LONGEST_TEXT:
            errors["text"] = _("Write at most %(count)s characters.") % {"count": LONGEST_TEXT}
    if "rating" in cleaned and cleaned["rating"] not in range(1, 6):
        errors["rating"] = _("Choose 1 to 5.")
    if len(cleaned.get("files", ())) > MOST_FILES:
        errors["files"] = _("Add at most %(count)s files.") % {"count": MOST_FILES}


# What can change after registration; the rest of a complaint is what the citizen filed.
CHANGEABLE = tuple(
    field.attname
    for field in Complaint._meta.concrete_fields
    if field.attname not in {"id", "number", "text", "fields", "citizen_id", "registered_by_id", "registered_at"}
)

# Of these, what registering sets and no action changes, or what answers to nobody's question here.
KEPT_FROM_REGISTERING = {
    "kind", "place_note", "latitude", "longitude", "language", "channel", "idempotency_key", "request_hash",
    "confidential", "line", "about_post_id", "about_officer_id", "min_level", "district_id",
}  # fmt: skip


def _values(complaint: Complaint) -> dict:
    return {name: getattr(complaint, name) for name in CHANGEABLE}


def route_registered(limit: int = 100) -> int:
    """Sends a batch of registered complaints to their officers; returns how many it took.

    Several workers share the work: rows another one holds are skipped. What goes wrong with one
    complaint sends it to triage and touches no other.
    """
    with transaction.atomic():
        waiting = list(
            Complaint.objects.select_for_update(skip_locked=True, of=("self",))
            .filter(state=State.REGISTERED, triage_since__isnull=True)
            .select_related("category", "area", "citizen")
            .order_by("id")[:limit]
        )
        for complaint in waiting:
            _route_one(complaint)
    return len(waiting)


def _route_one(complaint: Complaint) -> None:
    try:
        with transaction.atomic():
            decision = routing.choose(complaint, complaint.level)
            change_locked(complaint, "route" if decision.posting else "queue", decision=decision)
    except Exception:  # noqa: BLE001 - whatever is wrong with one must not keep the others waiting
        routing.logger.exception("routing_failed", extra={"complaint": complaint.pk})
        fresh = Complaint.objects.select_related("category", "area", "citizen").get(pk=complaint.pk)
        change_locked(fresh, "queue", decision=routing.Decision(None, fresh.level, {"rule": "failed", "skipped": []}))
