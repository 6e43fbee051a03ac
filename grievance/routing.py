"""To whose desk a complaint goes, and why. Pure choice: `grievance.workflow` makes the change.

Department and area give the posting whose area is the *deepest* that contains the place; of several
the one with the least open work; none, or on leave without a stand-in → the next area up, then the
next level, then the triage queue. Who is on leave and has a stand-in keeps the desk: the stand-in acts at
it while the leave lasts (`grievance.access`), and whoever comes back finds there what came meanwhile. The
reason is data (`why`), put into words by `explain`.
"""

import datetime
from dataclasses import dataclass, field

from django.utils.translation import gettext as _
from django.utils.translation import override

from departments import remembered
from departments.models import Post, Posting

from .desks import Desks
from .models import Complaint

TOP_LEVEL = 4
# Of the posts that were passed over the reason names the first few.
MOST_NAMED = 6


@dataclass
class Decision:
    """The posting that must act (None: the triage queue), at which level, and why."""

    posting: Posting | None
    level: int
    why: dict = field(default_factory=dict)


def choose(complaint: Complaint, level: int, desks: Desks | None = None) -> Decision:
    """Finds the desk for a complaint at `level` or, where nobody is, above. Never raises, never empty-handed:
    without any officer the decision is the triage queue. A batch shares its `desks`."""
    asked = max(level, complaint.min_level)
    skipped = []
    desks = desks or Desks([complaint])
    for rung in range(asked, TOP_LEVEL + 1):
        for area_id in reversed(complaint.area.path_ids()):
            posts = desks.posts(complaint, rung, area_id)
            candidates = [able for post in posts for able in _able(post, complaint, desks, skipped)]
            if candidates:
                posting = _one_of(candidates, desks)
                why = reason(complaint, asked, rung, area_id, len(candidates), skipped) | _leave(posting, desks)
                return Decision(posting, rung, why)
    return Decision(None, min(asked, TOP_LEVEL), {"rule": "nobody", "asked": asked, "skipped": skipped[:MOST_NAMED]})


def successor(complaint: Complaint, desks: Desks | None = None) -> Decision:
    """Who takes over what lies with a posting that is not in force any more: the holder of the same post today, else
    whom routing finds at the same level or above."""
    desks = desks or Desks([complaint])
    before = complaint.assignee.post
    kept = (before.department_id, before.level, before.line) == (
        complaint.department_id, complaint.level, complaint.line if complaint.confidential else ""
    )  # fmt: skip
    post = desks.post(before.pk) if kept else None
    candidates = _able(post, complaint, desks, []) if post else []
    if not candidates:
        decision = choose(complaint, complaint.level, desks)
        return Decision(decision.posting, decision.level, decision.why | {"left": before.pk})
    posting = _one_of(candidates, desks)
    why = {"rule": "successor", "left": before.pk, "of": len(candidates)} | _leave(posting, desks)
    return Decision(posting, complaint.level, why)


def _able(post: Post, complaint: Complaint, desks: Desks, skipped: list) -> list[Posting]:
    """Postings of the post whose desk is manned today, by the holder or a stand-in; notes who was passed over."""
    held = [p for p in desks.holders(post) if p.officer_id != complaint.about_officer_id]
    if not held:
        skipped.append({"post": post.pk, "reason": "vacant"})
    found = []
    for posting in held:
        absence = desks.absence(posting)
        if absence is None or (
            absence.stand_in
            and can_stand_in(absence.stand_in, complaint, desks.on)
            and not desks.is_away(absence.stand_in)
        ):
            found.append(posting)
        else:
            skipped.append({"post": post.pk, "reason": "leave"})
    return found


def can_stand_in(stand_in: Posting, complaint: Complaint, on: datetime.date) -> bool:
    """Whether a stand-in may have this complaint on a date: nobody gets by standing in what their own post may not
    have (`access.on_desk_of`)."""
    return (
        stand_in.is_staffed(on)
        and stand_in.officer_id != complaint.about_officer_id
        and (stand_in.post.level or TOP_LEVEL) >= complaint.min_level
        and stand_in.post.line == (complaint.line if complaint.confidential else "")
    )


def _one_of(candidates: list[Posting], desks: Desks) -> Posting:
    """The only one, or of several the one with the least open work; it is counted as given."""
    posting = candidates[0] if len(candidates) == 1 else desks.least_busy(candidates)
    desks.give(posting)
    return posting


def _leave(posting: Posting, desks: Desks) -> dict:
    """What the reason says of the leave its holder is on."""
    return {"stands_in_for": posting.post_id} if desks.absence(posting) else {}


def reason(complaint, asked: int, rung: int, area_id: int, of: int, skipped: list) -> dict:
    """Why it went to a desk that was found, as data that `explain` puts into words."""
    return {
        "rule": "deepest",
        "asked": asked,
        "level": rung,
        "area": area_id,
        "place": complaint.area_id,
        "department": complaint.department_id,
        "of": of,
        "skipped": skipped[:MOST_NAMED],
    }


def explain(why: dict, language: str) -> str:
    """The reason in a sentence or two, in the reader's language."""
    with override(language):
        return " ".join(_sentences(why))


def _sentences(why: dict) -> list[str]:
    left = [_("The officer who had it does not hold that post any more.")] if "left" in why else []
    return left + _found(why)


def _found(why: dict) -> list[str]:
    rule = why.get("rule")
    if rule == "successor":
        return [_("It went to the successor in the same post."), *_stand_in(why)]
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
    area, place = remembered.area(why["area"]), why["place"]
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
    return sentences + _stand_in(why)


def _stand_in(why: dict) -> list[str]:
    if "stands_in_for" not in why:
        return []
    post = Post.objects.select_related("area").get(pk=why["stands_in_for"])
    return [_("%(post)s was on leave then; the stand-in acts until the leave ends.") % {"post": post.title}]


def _passed_over(why: dict) -> list[str]:
    reasons = {"vacant": _("%(post)s is vacant."), "leave": _("%(post)s is on leave without a stand-in.")}
    if not why.get("skipped"):
        return []
    posts = Post.objects.select_related("area").in_bulk([item["post"] for item in why["skipped"]])
    return [
        reasons[item["reason"]] % {"post": posts[item["post"]].title}
        for item in why.get("skipped", [])
        if item["post"] in posts
    ]
