"""What each action of the table does to a complaint. Called by `grievance.workflow` alone, on a locked row.

An effect gets the complaint, the actor, the checked data and the time; it changes the complaint in
memory and returns facts for the event's `data`. The state has already moved where the table says so.
"""

import datetime

from django.utils.translation import gettext as _

from departments import remembered
from departments.models import Area, Category, Department, Posting, Reason, Role
from departments.standing import standing

from . import clock, routing, system_effects, turn_effects
from .errors import Invalid
from .models import Complaint, Escalation, Follower, Outcome, Proposal, State
from .table import OBJECTION_DAYS, REMINDER_DAYS

TOP = routing.TOP_LEVEL


def give(complaint: Complaint, decision: routing.Decision, now, *, since=None) -> dict:
    """Puts the complaint on the desk of the decision, with a fresh clock that runs from `since` (now); without
    a desk: to triage."""
    before = complaint.assignee_id
    complaint.why = decision.why
    if decision.posting is None:
        system_effects.to_triage(complaint, now)
    else:
        complaint.state, complaint.level = State.ASSIGNED, decision.level
        complaint.assignee, complaint.assigned_at = decision.posting, now
        complaint.triage_since = complaint.triage_due_at = None
        clock.start(complaint, since or now)
    return {
        "from": before,
        "to": complaint.assignee_id,
        "level": complaint.level,
        "due_at": complaint.due_at.isoformat() if complaint.due_at else None,
        "why": decision.why,
    }


def route(complaint, actor, data, now) -> dict:
    return give(complaint, data["decision"], now)


queue = route


def accept(complaint, actor, data, now) -> dict:
    return _let_rejection_lapse(complaint, now)


def _let_rejection_lapse(complaint, now) -> dict:
    """Whoever begins to work on it answers a waiting proposal to reject it, which could not be decided any more."""
    waiting = [one.pk for one in _undecided(complaint.pk) if one.kind == Proposal.Kind.REJECT]
    if not waiting:
        return {}
    complaint.proposals.filter(pk__in=waiting).update(decision=Proposal.Decision.DECLINED, decided_at=now)
    return {"lapsed": str(Proposal.Kind.REJECT)}


@standing
def _undecided(complaint_id):
    return Proposal.objects.filter(complaint=complaint_id, decision="")


def update(complaint, actor, data, now) -> dict:
    return {}


note = add = reveal = update


def ask(complaint, actor, data, now) -> dict:
    clock.pause(complaint, now)
    return {"left_seconds": complaint.left_seconds}


def answer(complaint, actor, data, now) -> dict:
    clock.resume(complaint, now)
    return {"due_at": complaint.due_at.isoformat()}


def reassign(complaint, actor, data, now) -> dict:
    posting = data["assignee"]
    if not isinstance(posting, Posting):
        posting = Posting.objects.current().filter(pk=posting).select_related("post", "officer").first()
    if not posting or not posting.in_force() or not posting.officer.is_active:
        raise Invalid(assignee=_("This posting is not in force."))
    if posting.pk == complaint.assignee_id:
        raise Invalid(assignee=_("This officer has the complaint already."))
    post = posting.post
    if post.role != Role.OFFICER or post.department_id != complaint.department_id:
        raise Invalid(assignee=_("Choose an officer of the same department."))
    if (
        post.line != (complaint.line if complaint.confidential else "")
        or posting.officer_id == complaint.about_officer_id
    ):
        raise Invalid(assignee=_("This officer may not have this complaint."))
    if post.level < complaint.min_level or (complaint.assignee_id and post.level != complaint.level):
        raise Invalid(assignee=_("Choose an officer of the same level."))
    if (
        complaint.assignee_id is None
        and complaint.escalations.filter(round=complaint.round, level__gte=post.level).exists()
    ):
        # It climbed to where nobody was. What is given back to a level it had passed can climb from there once more.
        complaint.round += 1
    kept = clock.running(complaint)
    facts = give(complaint, routing.Decision(posting, post.level, {"rule": "by_hand", "by": actor.role}), now)
    if kept:
        # Handing it to a colleague of the same level does not buy time.
        for name, value in kept.items():
            setattr(complaint, name, value)
        facts["due_at"] = complaint.due_at.isoformat()
    return facts


def transfer(complaint, actor, data, now) -> dict:
    department = _one(Department.objects.filter(is_active=True), data["department"], "department")
    reason = _one(Reason.objects.filter(kind=Reason.Kind.TRANSFER, is_active=True), data["reason"], "reason")
    category = complaint.category
    if data.get("category"):
        category = _one(Category.objects.filter(is_active=True), data["category"], "category")
        if category.department_id != department.pk:
            raise Invalid(category=_("This category belongs to another department."))
        if category.confidential != complaint.confidential:
            raise Invalid(category=_("A confidential matter stays confidential, and only that."))
    area = _one(Area.objects.filter(is_active=True), data["area"], "area") if data.get("area") else complaint.area
    if (
        department.pk == complaint.department_id
        and area.pk == complaint.area_id
        and category.pk == complaint.category_id
    ):
        raise Invalid(department=_("The complaint is with this department already."))
    facts = {"from_department": complaint.department_id, "to_department": department.pk, "reason": reason.code}
    complaint.department, complaint.category, complaint.line = department, category, category.line
    place(complaint, area)
    complaint.transfer_count += 1
    # It begins again at the bottom of another ladder: what it climbed before does not count against it there.
    complaint.round += 1
    complaint.breached_at = None
    complaint.min_level = _lowest_after_transfer(complaint)
    complaint.level = min(complaint.min_level, TOP)
    decision = routing.choose(complaint, 1)
    if complaint.confidential and decision.posting is None:
        # Triage sees nothing confidential: there it would lie where nobody finds it.
        raise Invalid(department=_("In this department nobody works on this confidential matter."))
    return facts | give(complaint, decision, now)


def _lowest_after_transfer(complaint) -> int:
    """Never lower than before; but nobody of another department stands below the head of this one, so there its
    highest level may take what is about them."""
    lowest, about = max(complaint.min_level, lowest_level(complaint.category)), complaint.about_post
    if about and about.level and about.department_id == complaint.department_id:
        return max(lowest, about.level + 1)
    return min(lowest, TOP)


def lowest_level(category: Category) -> int:
    """Where complaints of a category begin: those about an officer above the first level."""
    return max(category.start_level, 2 if category.about_officer else 1)


def place(complaint, area: Area) -> None:
    """Where it is: the place and, found on its path, the district whose holidays and Commissioner apply."""
    complaint.area = area
    complaint.district = remembered.district_of(area)


def _one(queryset, code, field: str):
    """The row with this code (or the row itself). Raises Invalid."""
    if not isinstance(code, str):
        return code
    found = queryset.filter(code=code).first()
    if found is None:
        raise Invalid(**{field: _("There is no such choice.")})
    return found


def escalate(complaint, actor, data, now) -> dict:
    climb = _climb(complaint, now)
    decision = data.get("decision") or routing.choose(complaint, complaint.level + 1)
    facts = {"from_level": complaint.level, "climb": climb}
    # The next level's time runs from the moment this one's ran out: a sweep that comes late gives nobody more.
    facts |= give(complaint, decision, now, since=complaint.due_at)
    # After an outage the next level's time may be over too: then only the last climb is announced.
    return facts | {"passed_on": True} if clock.is_overdue(complaint, now) else facts


def breach(complaint, actor, data, now) -> dict:
    climb = _climb(complaint, now)
    complaint.breached_at = now
    return {"climb": climb, "to": complaint.assignee_id}


def _climb(complaint, now) -> Escalation:
    """The row that makes this climb happen once."""
    if not clock.is_overdue(complaint, now):
        raise Invalid(due_at=_("The time has not run out."))
    return Escalation(
        complaint_id=complaint.pk, round=complaint.round, level=complaint.level, due_at=complaint.due_at, at=now
    )


def resolve(complaint, actor, data, now) -> dict:
    if complaint.category.needs_proof and not data.get("files"):
        raise Invalid(files=_("Add a photo or a document as proof that it is done."))
    facts = {"late": _is_late(complaint, now)} | _let_rejection_lapse(complaint, now)
    clock.stop(complaint)
    complaint.resolved_at = now
    complaint.remind_at = now + datetime.timedelta(days=REMINDER_DAYS[0])
    return facts


def _is_late(complaint, now) -> bool:
    """Whether any level's time has run out since it was registered or last reopened or transferred."""
    if clock.is_overdue(complaint, now):
        return True
    return complaint.level > complaint.min_level and complaint.escalations.filter(round=complaint.round).exists()


def _close(complaint, outcome: Outcome, now) -> dict:
    clock.stop(complaint)
    complaint.outcome, complaint.closed_at, complaint.close_after = outcome, now, None
    complaint.triage_since = complaint.triage_due_at = complaint.remind_at = None
    if _undecided(complaint.pk):
        complaint.proposals.filter(decision="").update(decision=Proposal.Decision.DECLINED, decided_at=now)
    return {"outcome": str(outcome)}


def satisfied(complaint, actor, data, now) -> dict:
    complaint.verdict, complaint.rating = "satisfied", data["rating"]
    return _close(complaint, Outcome.SATISFIED, now) | {"rating": data["rating"]}


def not_satisfied(complaint, actor, data, now) -> dict:
    complaint.verdict, complaint.rating = "not_satisfied", data.get("rating")
    complaint.outcome, complaint.closed_at = "", None
    if complaint.close_after:
        # Whoever says that it is not settled objects to its closing too.
        object_(complaint, actor, data, now)
    return {"rating": data.get("rating")} | _back_one_up(complaint, now)


def reopen(complaint, actor, data, now) -> dict:
    complaint.outcome, complaint.closed_at, complaint.merged_into = "", None, None
    return _back_one_up(complaint, now)


def _back_one_up(complaint, now) -> dict:
    complaint.round += 1
    complaint.reopen_count += 1
    complaint.resolved_at = complaint.remind_at = complaint.breached_at = None
    facts = {"from_level": complaint.level}
    return facts | give(complaint, routing.choose(complaint, min(complaint.level + 1, TOP)), now)


def no_reply(complaint, actor, data, now) -> dict:
    attempts = turn_effects.checked_attempts(complaint, now)
    return _close(complaint, Outcome.NO_REPLY, now) | {"attempts": attempts}


def withdraw(complaint, actor, data, now) -> dict:
    return _close(complaint, Outcome.WITHDRAWN, now)


def propose_reject(complaint, actor, data, now) -> dict:
    reason = _one(Reason.objects.filter(kind=Reason.Kind.REJECT, is_active=True), data["reason"], "reason")
    _propose(complaint, actor, Proposal.Kind.REJECT, data["text"], now, reason.code)
    return {"reason": reason.code}


def propose_special_close(complaint, actor, data, now) -> dict:
    _propose(complaint, actor, Proposal.Kind.SPECIAL_CLOSE, data["text"], now)
    return {}


def _propose(complaint, actor, kind, text, now, reason="") -> None:
    Proposal.objects.create(
        complaint=complaint, kind=kind, reason=reason, text=text, proposed_by=actor.user, proposed_at=now
    )


def _decide(complaint, actor, decision, now) -> Proposal:
    proposal = complaint.proposals.get(decision="")
    proposal.decision, proposal.decided_by, proposal.decided_at = decision, actor.user, now
    proposal.save(update_fields=["decision", "decided_by", "decided_at"])
    return proposal


def approve_reject(complaint, actor, data, now) -> dict:
    proposal = _decide(complaint, actor, Proposal.Decision.APPROVED, now)
    return _close(complaint, Outcome.REJECTED, now) | {"reason": proposal.reason, "order": proposal.text}


def approve_special_close(complaint, actor, data, now) -> dict:
    proposal = _decide(complaint, actor, Proposal.Decision.APPROVED, now)
    complaint.close_after = now + datetime.timedelta(days=OBJECTION_DAYS)
    return {"close_after": complaint.close_after.isoformat(), "order": proposal.text}


def decline(complaint, actor, data, now) -> dict:
    _decide(complaint, actor, Proposal.Decision.DECLINED, now)
    return {}


def object_(complaint, actor, data, now) -> dict:
    complaint.close_after = None
    complaint.proposals.filter(kind=Proposal.Kind.SPECIAL_CLOSE, decision=Proposal.Decision.APPROVED).update(
        decision=Proposal.Decision.OBJECTED
    )
    return {}


def special_close(complaint, actor, data, now) -> dict:
    if complaint.close_after is None or now < complaint.close_after:
        raise Invalid(close_after=_("The citizen still has time to object."))
    turn_effects.check_notice_was_sent(complaint, now)
    return _close(complaint, Outcome.UNSATISFIED, now)


def merge(complaint, actor, data, now) -> dict:
    into = data["into"]
    if into.pk == complaint.pk:
        raise Invalid(into=_("A complaint cannot be joined with itself."))
    if not into.is_open or into.merged_into_id:
        raise Invalid(into=_("Choose a complaint that is open."))
    if into.department_id != complaint.department_id or into.confidential or complaint.confidential:
        raise Invalid(into=_("Choose a complaint of the same department."))
    complaint.merged_into = into
    Follower.objects.create(complaint=into, citizen=complaint.citizen, merged=complaint, since=now)
    complaint.followers.update(complaint=into)
    return _close(complaint, Outcome.DUPLICATE, now) | {"into": into.number}


EFFECTS = {
    "route": route,
    "queue": queue,
    "accept": accept,
    "update": update,
    "note": note,
    "ask": ask,
    "answer": answer,
    "run_on": turn_effects.run_on,
    "add": add,
    "reassign": reassign,
    "transfer": transfer,
    "escalate": escalate,
    "breach": breach,
    "resolve": resolve,
    "satisfied": satisfied,
    "not_satisfied": not_satisfied,
    "no_reply": no_reply,
    "propose_reject": propose_reject,
    "approve_reject": approve_reject,
    "propose_special_close": propose_special_close,
    "approve_special_close": approve_special_close,
    "decline": decline,
    "object": object_,
    "special_close": special_close,
    "merge": merge,
    "withdraw": withdraw,
    "reopen": reopen,
    "reveal": reveal,
    "redate": system_effects.redate,
    "hand_over": system_effects.hand_over,
    "warn": turn_effects.warn,
    "remind": turn_effects.remind,
    "call": turn_effects.call,
    "lapse": turn_effects.lapse,
}
