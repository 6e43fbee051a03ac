"""Who may see and do what. The only place that decides: pages, API, exports, search and files ask here.

Two questions: `visible_to(user)`, a queryset, and `may(user, action, complaint)`. Deny by default.
What a person may not see answers 404. The rules are those of the design's section 7:

- citizen: their own complaints; API client: those it registered; agent: those they registered, any
  other by its number (`find`).
- officer: their posting's department and area, at their level or below; nodal officer: the
  department; Deputy Commissioner: the district; CM office and triage: all.
- confidential complaints: only posts of the same partner line. To everyone else they do not exist.
- a complaint about an officer: never that officer, and nobody below the level it starts at.

A third one, of the boards: whose figures, `figures_of(user)`.
"""

import datetime
from dataclasses import dataclass

from django.db.models import Q
from django.utils import timezone

from departments import remembered
from departments.models import Area, Posting, Role
from departments.remembered import for_half_a_minute
from departments.standing import standing

from .models import Complaint, Outcome, State, remember_to_show
from .postings_today import postings_of, stands_in_for
from .routing import TOP_LEVEL
from .table import REOPEN_DAYS, TABLE

# Roles that see every place and department (but never a confidential line).
EVERYWHERE = {Role.CM_OFFICE, Role.TRIAGE}
TRANSFERS_BEFORE_TRIAGE = 2
# So many places are named one by one: a block of Himachal has at most 76, a district hundreds.
MOST_NAMED = 100


@dataclass(frozen=True)
class Actor:
    """Who changes a complaint: a person in a role, or the system. `channel` says which way they came."""

    user: object | None
    role: str
    posting: Posting | None = None
    channel: str = "web"

    @classmethod
    def system(cls) -> "Actor":
        """The portal itself: routing, deadlines, time-outs."""
        return cls(None, "system", None, "system")


def on_desk_of(user) -> Q:
    """What the user must act on: what is assigned to their own postings or to those they stand in for. A stand-in
    gets nothing that their own post may not have: no other line's matter, none about an officer so high."""
    rule = Q(assignee_id__in=[posting.pk for posting in postings_of(user)])
    by_posting: dict[Posting, list[int]] = {}
    for away, posting in stands_in_for(user).items():
        by_posting.setdefault(posting, []).append(away)
    for posting, away in by_posting.items():
        level = posting.post.level or TOP_LEVEL
        rule |= Q(assignee_id__in=away, min_level__lte=level) & _line(posting.post)
    return rule


def _acts_by(user, complaint: Complaint) -> Posting | None:
    """`on_desk_of`, for one complaint already at hand: by which posting the user must act."""
    own = next((posting for posting in postings_of(user) if posting.pk == complaint.assignee_id), None)
    posting = own or stands_in_for(user).get(complaint.assignee_id)
    if posting is None or own:
        return own
    post = posting.post
    fits = complaint.min_level <= (post.level or TOP_LEVEL) and _of_line(post, complaint)
    return posting if fits else None


def visible_to(user):
    """The complaints a user may see."""
    if not user.is_authenticated or not user.is_active:
        return Complaint.objects.none()
    if user.kind == user.Kind.CITIZEN:
        return Complaint.objects.filter(citizen=user)
    if user.kind == user.Kind.CLIENT:
        return Complaint.objects.filter(registered_by=user, confidential=False)
    if not postings_of(user):
        return Complaint.objects.none()
    return Complaint.objects.filter(_seen_by(user)).exclude(about_officer=user)


def _seen_by(user) -> Q:
    rule = on_desk_of(user)
    for posting in postings_of(user):
        rule |= _sees(posting, user)
    return rule


def _sees(posting: Posting, user) -> Q:
    post = posting.post
    line = _line(post)
    if post.role in EVERYWHERE:
        return line
    if post.role == Role.NODAL:
        return line & Q(department=post.department_id)
    if post.role == Role.DISTRICT:
        return line & Q(district=post.area_id)
    if post.role == Role.OFFICER:
        return line & Q(department=post.department_id, level__lte=post.level, min_level__lte=post.level) & _within(post)
    if post.role == Role.AGENT:
        return line & Q(registered_by=user)
    return Q(pk__in=[])


def _within(post) -> Q:
    """Its place and all below it. A block's places are named one by one, so that the index of what is open there
    serves; to name those of a district would take longer than that index saves."""
    places = _places_in(post.area_id)
    return Q(area__in=places) if len(places) <= MOST_NAMED else Q(area__path__startswith=post.area.path)


@for_half_a_minute
def _places_in(area_id: int) -> tuple[int, ...]:
    """A place and those below it; where there are many, only more than MOST_NAMED of them."""
    inside = Area.objects.within(remembered.area(area_id)).order_by()
    return tuple(inside.values_list("pk", flat=True)[: MOST_NAMED + 1])


def _line(post) -> Q:
    """A partner line's posts see its confidential complaints and no others; all other posts, none of them."""
    return Q(confidential=True, line=post.line) if post.line else Q(confidential=False)


def _of_line(post, complaint: Complaint) -> bool:
    """`_line`, for one complaint already at hand."""
    return post.line == complaint.line if complaint.confidential else not post.line


def find(user, number: str):
    """The complaint with this number, if the user may see it; an agent may look up any by its number.

    Raises Complaint.DoesNotExist.
    """
    for complaint in _numbered(number) if number.isascii() and number.isdigit() else ():
        remember_to_show([complaint])
        if sees(user, complaint):
            return complaint
    raise Complaint.DoesNotExist


@standing
def _numbered(number):
    return Complaint.objects.select_related("citizen").filter(number=number)


def reachable_by(user):
    """What a user may find who already knows its number or its citizen's phone number: what they see, and an agent,
    who is told either by the caller, any of their line. By words an agent finds only what they registered: nobody
    browses other people's complaints for a caller who knows neither."""
    if (known := to_call(user)) is None:
        return visible_to(user)
    return Complaint.objects.filter(_seen_by(user) | known).exclude(about_officer=user)


def may_search_phones(user) -> bool:
    """Who may look at a phone number (`reveal` in the table) may look for one: staff, never a program."""
    return bool(postings_of(user))


def to_call(user) -> Q | None:
    """Which complaints' citizens a call agent may call back; None for whoever is no agent."""
    rule = None
    for posting in postings_of(user):
        if posting.post.role == Role.AGENT:
            seen = _line(posting.post) & Q(about_officer__isnull=True)
            rule = seen if rule is None else rule | seen
    return rule


def registering_role(user) -> str | None:
    """In which capacity a user may register for a citizen: as an agent, a desk or officer, or an API client."""
    if user.kind == user.Kind.CLIENT:
        return "client"
    postings = postings_of(user)
    return str(postings[0].post.role) if postings else None


def _covers(posting: Posting, complaint: Complaint) -> bool:
    """`_sees`, for one complaint already at hand."""
    post = posting.post
    if not _of_line(post, complaint):
        return False
    if post.role in EVERYWHERE or post.role == Role.AGENT:
        return True
    if post.role == Role.NODAL:
        return post.department_id == complaint.department_id
    if post.role == Role.DISTRICT:
        return post.area_id == complaint.district_id
    return (
        post.department_id == complaint.department_id
        and max(complaint.level, complaint.min_level) <= post.level
        and complaint.area.path.startswith(post.area.path)
    )


def standings(user, complaint: Complaint) -> dict[str, Posting | None]:  # noqa: C901 - the rules, one a line
    """In which capacities a user may act on a complaint, and by which posting each."""
    if not user.is_authenticated or not user.is_active:
        return {}
    if user.kind == user.Kind.CITIZEN:
        return {"citizen": None} if complaint.citizen_id == user.pk else {}
    if user.kind == user.Kind.CLIENT:
        return {"client": None} if complaint.registered_by_id == user.pk and not complaint.confidential else {}
    if complaint.about_officer_id == user.pk:
        return {}
    found, about = {}, complaint.about_officer_id is not None
    if acting := _acts_by(user, complaint):
        found["assignee"] = acting
    for posting in postings_of(user):
        role = str(posting.post.role)
        registered_here = complaint.registered_by_id == user.pk
        if not _covers(posting, complaint) or (role == Role.AGENT and about and not registered_here):
            continue
        found.setdefault(role, posting)
        if role == Role.OFFICER and posting.post.level >= 3:
            found.setdefault("l3", posting)
        if role == Role.OFFICER and posting.post.level == 4:
            found.setdefault("l4", posting)
    if found.keys() - {"agent"}:
        found.setdefault("staff", next(posting for role, posting in found.items() if role != "agent"))
    return found


def sees(user, complaint: Complaint) -> bool:
    """Whether `find` would give this complaint to the user, decided on the row at hand."""
    return bool(standings(user, complaint))


def lists(user, complaint: Complaint) -> bool:
    """Whether `visible_to(user)` holds this complaint, decided on the row at hand: a call agent finds any, and has in
    their lists what they registered."""
    held = standings(user, complaint)
    return bool(held.keys() - {"agent"}) or ("agent" in held and complaint.registered_by_id == user.pk)


def may(user, action: str, complaint: Complaint) -> bool:
    """Whether the user may do this to the complaint now."""
    return actor_for(user, action, complaint) is not None


def actor_for(user, action: str, complaint: Complaint, *, channel: str = "web") -> Actor | None:
    """The user in the capacity that allows the action now, or None."""
    rule = TABLE.get(action)
    if rule is None or complaint.state not in rule.from_states:
        return None
    return _actor(user, rule, complaint, standings(user, complaint), channel)


def allowed_actions(user, complaint: Complaint, among=tuple(TABLE)) -> list[str]:
    """What the user may do to the complaint now, in the table's order; `among` asks of these actions alone."""
    held = standings(user, complaint)
    rules = [TABLE[name] for name in among] if held else []
    possible = [rule for rule in rules if complaint.state in rule.from_states]
    return [rule.name for rule in possible if _actor(user, rule, complaint, held)]


def _actor(user, rule, complaint: Complaint, held: dict, channel: str = "web") -> Actor | None:
    """The first capacity of the row that the user holds and whose conditions are met."""
    for role in _capacities(rule, held):
        if _in_time(rule, complaint) and _role_may(role, rule.name, complaint, user):
            return Actor(user, role, held[role], channel)
    return None


def _capacities(rule, held: dict) -> list[str]:
    """Those of the row's capacities that the user holds."""
    return [role for role in rule.who if role in held]


def holds_any(user, rule, complaint: Complaint) -> bool:
    """Whether the user has a capacity that the table's row names, whatever its other conditions."""
    return bool(_capacities(rule, standings(user, complaint)))


def _in_time(rule, complaint: Complaint) -> bool:
    """Conditions of the table that hold whoever acts."""
    if rule.name == "reopen":
        return complaint.outcome != Outcome.WITHDRAWN and _lately_closed(complaint)
    if rule.name in ("satisfied", "not_satisfied") and complaint.state == State.CLOSED:
        return complaint.outcome == Outcome.NO_REPLY and _lately_closed(complaint)
    if rule.name in ("approve_reject", "approve_special_close", "decline"):
        proposal = waiting_proposal(complaint)
        kind = {"approve_reject": "reject", "approve_special_close": "special_close"}.get(rule.name)
        return proposal is not None and kind in (None, proposal.kind)
    if rule.name in ("propose_reject", "propose_special_close"):
        return waiting_proposal(complaint) is None and complaint.close_after is None
    if rule.name == "object":
        return complaint.close_after is not None
    return True


def _lately_closed(complaint: Complaint) -> bool:
    return timezone.now() - complaint.closed_at <= datetime.timedelta(days=REOPEN_DAYS)


def waiting_proposal(complaint: Complaint):
    """The proposal that waits for another person's decision, or None; read once for each version."""
    seen = getattr(complaint, "_waiting_proposal", None)
    if seen is None or seen[0] != complaint.event_count:
        seen = complaint._waiting_proposal = (complaint.event_count, complaint.proposals.filter(decision="").first())
    return seen[1]


def _role_may(role: str, action: str, complaint: Complaint, user) -> bool:
    """Conditions of the table that depend on who acts."""
    if action == "transfer" and complaint.transfer_count >= TRANSFERS_BEFORE_TRIAGE:
        return role == "triage"
    if action == "reassign" and complaint.in_triage:
        return role in ("triage", "nodal")
    if action == "merge" and complaint.confidential:
        return False  # its citizen would get news of a matter that is nobody else's
    if action in ("approve_reject", "approve_special_close", "decline"):
        proposal = waiting_proposal(complaint)
        if proposal.proposed_by_id == user.pk:
            return False
        if action == "decline":
            return (role == "cm_office") == (proposal.kind == "special_close")
    return True


@dataclass(frozen=True)
class SeenFigures:
    """Whose figures a user may see: the whole state's, some departments', some districts', the departments of some
    posts within their areas, the scorecards of some postings. Empty for citizens, clients and confidential lines,
    whose complaints are in no figure but the state's total."""

    state: bool = False
    every_officer: bool = False
    call_desk: bool = False
    departments: frozenset[int] = frozenset()
    districts: frozenset[int] = frozenset()
    offices: tuple = ()
    postings: frozenset[int] = frozenset()

    def __bool__(self):
        return any((self.state, self.call_desk, self.departments, self.districts, self.offices, self.postings))

    def districts_of(self, department_id: int, districts) -> frozenset[int] | None:
        """In which of the districts (areas) the user may see a department's figures; None: everywhere."""
        offices = [post.area for post in self.offices if post.department_id == department_id]
        if self.state or department_id in self.departments or any(area.depth == 0 for area in offices):
            return None
        within = {district.pk for district in districts for area in offices if area.contains(district)}
        return frozenset(within) | self.districts

    def sees_area(self, area) -> bool:
        """All departments' figures of one place together."""
        return self.state or not self.districts.isdisjoint(area.path_ids())

    def sees_officer(self, posting: Posting) -> bool:
        """One officer's scorecard: for themselves, the head of their department, those above them, the CM office."""
        post = posting.post
        if post.role != Role.OFFICER or post.line:
            return False
        return (
            self.every_officer
            or posting.pk in self.postings
            or post.department_id in self.departments
            or any(
                office.department_id == post.department_id
                and office.level > post.level
                and office.area.contains(post.area)
                for office in self.offices
            )
        )


def figures_of(user) -> SeenFigures:
    """Whose figures a user may see. Officers of level 1 see their own scorecard alone, those above them their
    department within their area; a posting at a confidential line gives no right to any."""
    held = [posting for posting in postings_of(user) if not posting.post.line]
    posts = [posting.post for posting in held]
    roles = {post.role for post in posts}
    officers = [posting for posting in held if posting.post.role == Role.OFFICER]
    return SeenFigures(
        state=bool(roles & EVERYWHERE),
        every_officer=Role.CM_OFFICE in roles,
        call_desk=bool(roles & {Role.CM_OFFICE, Role.AGENT}),
        departments=frozenset(post.department_id for post in posts if post.role == Role.NODAL),
        districts=frozenset(post.area_id for post in posts if post.role == Role.DISTRICT),
        offices=tuple(posting.post for posting in officers if posting.post.level > 1),
        postings=frozenset(posting.pk for posting in officers),
    )
