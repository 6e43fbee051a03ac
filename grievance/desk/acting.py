"""Sending an action off: what two people do at once, what is sent twice, and the files that came with it."""

from django.core.exceptions import ValidationError

from grievance import files, workflow
from grievance.aadhaar import mask
from grievance.errors import ChangedMeanwhile, NotAllowedNow
from grievance.models import Attachment, Complaint, Event

# What an event keeps of the person or thing an action named, by the name of the field.
TARGETS = {"assignee": "to", "department": "to_department"}
MOST_KEYS = 20


def send(user, complaint: Complaint, action: str, version: int, data: dict, act=workflow.change) -> Complaint | None:
    """`workflow.change` for a form shown at `version`. Sent twice, it is done once; that someone looked at the
    phone number in between is no change. Raises what `workflow.change` raises; with `workflow.rehearse` as `act`
    only that."""
    try:
        return act(complaint, action, user=user, version=version, **data)
    except (ChangedMeanwhile, NotAllowedNow) as refusal:
        since = list(complaint.events.filter(seq__gt=version).order_by("seq"))
        if any(_is_the_same(event, user, action, data) for event in since):
            return Complaint.objects.get(pk=complaint.pk)
        if isinstance(refusal, ChangedMeanwhile) and all(event.action == "reveal" for event in since):
            return act(complaint, action, user=user, version=version + len(since), **data)
        raise


def _is_the_same(event: Event, user, action: str, data: dict) -> bool:
    if event.actor_id != user.pk or event.action != action or event.text != mask((data.get("text") or "").strip()):
        return False
    return all(event.data.get(kept) == data[name].pk for name, kept in TARGETS.items() if data.get(name))


def kept_files(user, keys: list[str]) -> list[Attachment]:
    """Files this user uploaded with an earlier try of the form, which belong to nothing yet."""
    try:
        waiting = Attachment.objects.filter(
            key__in=keys[:MOST_KEYS], uploaded_by=user, complaint=None, event=None, draft=None
        )
        return list(waiting.order_by("id"))
    except (ValidationError, ValueError):
        return []


def store_files(user, uploads: list) -> tuple[list[Attachment], list[str]]:
    """Stores what was uploaded, and says what is wrong with those that cannot be taken."""
    stored, problems = [], []
    for upload in uploads:
        try:
            stored.append(files.store(upload, uploaded_by=user))
        except files.Refused as error:
            problems.append(f"{upload.name}: {error}")
    return stored, problems
