"""Accepting or reassigning several complaints at once: each by itself, each with its own result.

Reassigning is shown before it is done: which complaint goes to whom, which cannot and why. What is confirmed is what
was shown, complaint by complaint.
"""

from dataclasses import dataclass, field

from django.utils.translation import gettext as _

from departments.models import Posting
from grievance import access, workflow
from grievance.desks import open_work
from grievance.errors import ChangedMeanwhile, Invalid, NotAllowedNow, NotPermitted
from grievance.models import Complaint

from . import acting, choices

MOST_AT_ONCE = 100
# No complaint has so many events, no row so large a number.
MOST_EVENTS, LONGEST_NUMBER = 10**8, 18


@dataclass(frozen=True)
class Chosen:
    """The chosen complaints, each with the version its row showed."""

    items: list[tuple[Complaint, int]] = field(default_factory=list)
    too_many: bool = False


@dataclass(frozen=True)
class Result:
    """What became of one complaint, or would: `problem` is empty where it is done. `posting` is who gets it."""

    complaint: Complaint
    problem: str = ""
    posting: Posting | None = None
    version: int = 0


def chosen(user, values: list[str]) -> Chosen:
    """Reads `number:version` of each ticked row; what the user may not see is passed over in silence."""
    versions = {}
    for value in values[:MOST_AT_ONCE]:
        number, version = _numbers(value, 2)
        if number is not None and version < MOST_EVENTS:
            versions[value.partition(":")[0]] = version
    found = access.visible_to(user).filter(number__in=versions).order_by("id")
    found = found.select_related("category", "area", "district", "assignee__post__area")
    return Chosen([(complaint, versions[complaint.number]) for complaint in found], len(values) > MOST_AT_ONCE)


def _numbers(value: str, count: int) -> list[int | None]:
    """The numbers of `1:2:3`; as many times None where the text is anything else."""
    parts = value.split(":")
    good = len(parts) == count and all(p.isascii() and p.isdecimal() and len(p) < LONGEST_NUMBER for p in parts)
    return [int(part) for part in parts] if good else [None] * count


def reassigning(chosen: Chosen, query: str) -> dict:
    """What the page of reassigning shows: the officers who may get them, if all are of one department and level."""
    first = chosen.items[0][0]
    alike = {(complaint.department_id, complaint.level, bool(complaint.assignee_id)) for complaint, _v in chosen.items}
    if len(alike) > 1:
        return {"mixed": True, "colleagues": [], "query": query}
    return {"mixed": False, "colleagues": choices.colleagues(first, query), "query": query}


def accept(user, chosen: Chosen) -> list[Result]:
    """Accepts complaint by complaint; one that is refused stops none of the others."""
    return [Result(complaint, _try(user, "accept", complaint, version, {})) for complaint, version in chosen.items]


def postings(keys: list[str]) -> list[Posting]:
    """The postings in force among those chosen, in the order of their desks."""
    wanted = {number for key in keys[:MOST_AT_ONCE] for number in _numbers(key, 1)} - {None}
    return list(Posting.objects.staffed().filter(pk__in=wanted).select_related("post__area", "officer").order_by("id"))


def plan(user, chosen: Chosen, to: list[Posting], text: str) -> list[Result]:
    """Who would get which complaint: shared out so that the open work of those chosen evens out. Nothing is done;
    where a complaint could not go there, its problem says why."""
    load, found = dict.fromkeys([p.pk for p in to], 0) | open_work([p.pk for p in to]), []
    for complaint, version in chosen.items:
        others = [posting for posting in to if posting.pk != complaint.assignee_id] or to
        posting = min(others, key=lambda p: (load[p.pk], p.pk))
        data = {"assignee": posting, "text": text}
        problem = _try(user, "reassign", complaint, version, data, workflow.rehearse)
        load[posting.pk] += not problem
        found.append(Result(complaint, problem, posting, version))
    return found


def carry_out(user, values: list[str], text: str) -> list[Result]:
    """Does what a plan showed, each of `values` being `number:version:posting`."""
    triples = [(value, *_numbers(value, 3)) for value in values[:MOST_AT_ONCE]]
    to = {value.partition(":")[0]: posting for value, _number, _version, posting in triples if posting is not None}
    known = {posting.pk: posting for posting in postings([str(pk) for pk in to.values()])}
    found = []
    for complaint, version in chosen(user, [value.rpartition(":")[0] for value, *_rest in triples]).items:
        posting = known.get(to.get(complaint.number))
        problem = _try(user, "reassign", complaint, version, {"assignee": posting, "text": text})
        found.append(Result(complaint, problem, posting, version))
    return found


def _try(user, action: str, complaint: Complaint, version: int, data: dict, act=workflow.change) -> str:
    try:
        acting.send(user, complaint, action, version, dict(data), act)
    except ChangedMeanwhile:
        return _("Someone changed it meanwhile. Open it and look.")
    except Invalid as error:
        return " ".join(str(message) for message in error.errors.values())
    except (NotAllowedNow, NotPermitted) as error:
        return str(error)
    return ""
