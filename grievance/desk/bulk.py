"""Accepting or reassigning several complaints at once: each by itself, each with its own result."""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from departments.models import Posting
from grievance import access
from grievance.errors import ChangedMeanwhile, Invalid, NotAllowedNow, NotPermitted
from grievance.models import Complaint

from . import acting, choices

ACTIONS = ("accept", "reassign")
MOST_AT_ONCE = 100


@dataclass(frozen=True)
class Chosen:
    """The chosen complaints, each with the version its row showed."""

    items: list[tuple[Complaint, int]] = field(default_factory=list)
    too_many: bool = False


@dataclass(frozen=True)
class Result:
    """What became of one complaint: `problem` is empty where it was done."""

    complaint: Complaint
    problem: str = ""


def chosen(user, values: list[str]) -> Chosen:
    """Reads `number:version` of each ticked row; what the user may not see is passed over in silence."""
    versions = {}
    for value in values[:MOST_AT_ONCE]:
        number, _colon, version = value.partition(":")
        if number.isascii() and number.isdecimal() and version.isascii() and version.isdecimal() and len(version) < 9:
            versions[number] = int(version)
    found = access.visible_to(user).filter(number__in=versions).order_by("id")
    found = found.select_related("category", "area", "district", "assignee__post__area")
    return Chosen([(complaint, versions[complaint.number]) for complaint in found], len(values) > MOST_AT_ONCE)


def reassigning(chosen: Chosen, query: str) -> dict:
    """What the page of reassigning shows: the officers who may get them, if all are of one department and level."""
    first = chosen.items[0][0]
    alike = {(complaint.department_id, complaint.level, bool(complaint.assignee_id)) for complaint, _v in chosen.items}
    if len(alike) > 1:
        return {"mixed": True, "colleagues": [], "query": query}
    return {"mixed": False, "colleagues": choices.colleagues(first, query), "query": query}


def run(user, action: str, chosen: Chosen, data) -> list[Result]:
    """Does it complaint by complaint; one that is refused stops none of the others."""
    extra = {"assignee": _posting(data.get("assignee")), "text": data.get("text", "")} if action == "reassign" else {}
    return [Result(complaint, _try(user, action, complaint, version, extra)) for complaint, version in chosen.items]


def _posting(key) -> Posting | None:
    key = str(key or "")
    if not (key.isascii() and key.isdecimal() and len(key) < 18):
        return None
    return Posting.objects.current().filter(pk=int(key)).select_related("post", "officer").first()


def _try(user, action: str, complaint: Complaint, version: int, extra: dict) -> str:
    try:
        acting.send(user, complaint, action, version, dict(extra))
    except ChangedMeanwhile:
        return _("Someone changed it meanwhile. Open it and look.")
    except Invalid as error:
        return " ".join(str(message) for message in error.errors.values())
    except (NotAllowedNow, NotPermitted) as error:
        return str(error)
    return ""
