"""To whose desk a complaint goes, and why. Pure choice: `grievance.workflow` makes the change.

Department and area give the posting whose area is the *deepest* that contains the place; of several
the one with the least open work; none, or on leave without a stand-in → the next area up, then the
next level, then the triage queue. The reason is data (`why`), put into words by `explain`.
"""

import logging
from collections import defaultdict
from dataclasses import dataclass, field

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from departments.models import Absence, Area, Post, Posting, Role

from .models import Complaint, State

logger = logging.getLogger(__name__)

TOP_LEVEL = 4


@dataclass
class Decision:
    """The posting that must act (None: the triage queue), at which level, and why."""

    posting: Posting | None
    level: int
    why: dict = field(default_factory=dict)


def choose(complaint: Complaint, level: int) -> Decision:
    """Finds the desk for a complaint at `level` or, where nobody is, above. Never raises, never empty-handed:
    without any officer the decision is the triage queue."""
    asked = max(level, complaint.min_level)
    skipped = []
    on = timezone.localdate()
    desks = _desks(complaint, asked)
    for rung in range(asked, TOP_LEVEL + 1):
        for area_id in reversed(complaint.area.path_ids()):
            posts = desks.get((rung, area_id), [])
            candidates = [c for post in posts for c in _holders(post, complaint, on, skipped)]
            if candidates:
                return _decide(complaint, candidates, asked, rung, area_id, skipped)
    return Decision(None, min(asked, TOP_LEVEL), {"rule": "nobody", "asked": asked, "skipped": skipped[:6]})


def _desks(complaint: Complaint, asked: int) -> dict[tuple[int, int], list[Post]]:
    """The posts that could take it, by level and area."""
    posts = Post.objects.filter(
        role=Role.OFFICER,
        is_active=True,
        department=complaint.department_id,
        level__gte=asked,
        area__in=complaint.area.path_ids(),
        line=complaint.line if complaint.confidential else "",
    ).prefetch_related("postings__officer")
    desks = defaultdict(list)
    for post in posts:
        desks[post.level, post.area_id].append(post)
    return desks


def _holders(post: Post, complaint: Complaint, on, skipped: list) -> list[tuple[Posting, Posting | None]]:
    """Postings of the post that can act today, with whom they stand in for; notes who was passed over."""
    held = [p for p in post.postings.all() if p.in_force(on) and p.officer.is_active]
    held = [p for p in held if p.officer_id != complaint.about_officer_id]
    if not held:
        skipped.append({"post": post.pk, "reason": "vacant"})
        return []
    away = {
        absence.posting_id: absence
        for absence in Absence.objects.filter(posting__in=held, starts_on__lte=on, ends_on__gte=on).select_related(
            "stand_in__officer", "stand_in__post"
        )
    }
    found = []
    for posting in held:
        absence = away.get(posting.pk)
        if absence is None:
            found.append((posting, None))
        elif _can_stand_in(absence.stand_in, complaint, on):
            found.append((absence.stand_in, posting))
        else:
            skipped.append({"post": post.pk, "reason": "leave"})
    return found


def _can_stand_in(stand_in: Posting | None, complaint: Complaint, on) -> bool:
    return (
        stand_in is not None
        and stand_in.in_force(on)
        and stand_in.post.is_active
        and stand_in.officer.is_active
        and stand_in.officer_id != complaint.about_officer_id
        and (stand_in.post.level or TOP_LEVEL) >= complaint.min_level
        and stand_in.post.line == (complaint.line if complaint.confidential else "")
        and not Absence.objects.filter(posting=stand_in, starts_on__lte=on, ends_on__gte=on).exists()
    )


def _decide(complaint, candidates, asked: int, rung: int, area_id: int, skipped: list) -> Decision:
    posting, stands_in_for = candidates[0]
    if len(candidates) > 1:
        load = open_work([p.pk for p, _for in candidates])
        posting, stands_in_for = min(candidates, key=lambda c: (load.get(c[0].pk, 0), c[0].pk))
    why = {
        "rule": "deepest",
        "asked": asked,
        "level": rung,
        "area": area_id,
        "place": complaint.area_id,
        "department": complaint.department_id,
        "of": len(candidates),
        "skipped": skipped[:6],
    }
    if stands_in_for:
        why["stands_in_for"] = stands_in_for.post_id
    return Decision(posting, rung, why)


def open_work(posting_ids: list[int]) -> dict[int, int]:
    """How many open complaints each posting must act on."""
    rows = (
        Complaint.objects.filter(Q(assignee__in=posting_ids), ~Q(state=State.CLOSED))
        .order_by()
        .values_list("assignee")
        .annotate(n=Count("id"))
    )
    return dict(rows)


def explain(why: dict, language: str) -> str:
    """The reason in a sentence or two, in the reader's language."""
    with override(language):
        return " ".join(_sentences(why))


def _sentences(why: dict) -> list[str]:
    rule = why.get("rule")
    if rule == "deepest":
        return _chosen(why) + _passed_over(why)
    if rule == "failed":
        return [_("The portal could not find the officer, so the triage desk decides.")]
    if rule == "nobody":
        return [
            _("No officer could be found for this place and department, so the triage desk decides."),
            *_passed_over(why),
        ]
    if rule == "by_hand":
        return [_("%(who)s gave it to this officer by hand.") % {"who": _role_name(why)}]
    return []


def _role_name(why: dict) -> str:
    return {"nodal": _("The nodal officer of the department"), "triage": _("The triage desk")}.get(
        why.get("by"), _("An authorised officer")
    )


def _chosen(why: dict) -> list[str]:
    area, place = Area.objects.in_bulk([why["area"]])[why["area"]], why["place"]
    from_area = _("This office of the department is in charge of %(area)s.") % {"area": area.name}
    if area.pk != place:
        from_area = _("This office of the department is in charge of %(area)s, where the place lies.") % {
            "area": area.name
        }
    sentences = [from_area]
    if why["of"] > 1:
        sentences.append(
            _("Of %(count)s officers there it went to the one with the least open work.") % {"count": why["of"]}
        )
    if why["level"] > why["asked"]:
        sentences.append(_("Nobody could take it at level %(asked)s, so it went to level %(level)s.") % why)
    if "stands_in_for" in why:
        post = Post.objects.select_related("area").get(pk=why["stands_in_for"])
        sentences.append(_("%(post)s is on leave; the stand-in has it.") % {"post": post.title})
    return sentences


def _passed_over(why: dict) -> list[str]:
    reasons = {"vacant": _("%(post)s is vacant."), "leave": _("%(post)s is on leave without a stand-in.")}
    posts = Post.objects.select_related("area").in_bulk([item["post"] for item in why.get("skipped", [])])
    return [
        reasons[item["reason"]] % {"post": posts[item["post"]].title}
        for item in why.get("skipped", [])
        if item["post"] in posts
    ]
