"""The views of the inbox: which complaints each holds, and how many, counted over everything."""

import datetime
from collections.abc import Callable
from dataclasses import dataclass

from django.db.models import Count, Q
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from departments.models import Role
from grievance import access, clock, numbers
from grievance.desks import OPEN_WORK
from grievance.filters import DeskFilter
from grievance.models import RUNNING_STATES, Complaint, Proposal, State, remember_to_show
from grievance.paging import Page, count_up_to, page_by_key

from .entrance import has_own_work, roles_of

# Matches of a filter are counted one by one up to here; beyond it the page says "more than".
MOST_COUNTED = 1000
# An office with more open than that is not counted: it would take longer than the page.
MOST_OPEN = 20_000
ROWS = 30
# As people write one, with spaces.
LONGEST_NUMBER = 40
IN_TRIAGE = Q(state=State.REGISTERED, triage_since__isnull=False)
# Not views: how many of a view's complaints are late, beside its count.
LATE = {"overdue": "overdue", "triage": "triage_late"}


@dataclass(frozen=True)
class View:
    """One view of the inbox. `holds` narrows what the user sees: a view that is `only_open` says so in states, each no
    more often than it must, for the database takes every condition for another. `whole_office` looks past one's own
    desk."""

    name: str
    label: object
    empty: object
    holds: Callable
    order: str = "due"
    whole_office: bool = False
    # Few, and in an index of their own: counted however much else is open.
    queue: bool = False
    only_open: bool = True
    have_deadline: bool | None = None


def _end_of_today() -> datetime.datetime:
    return datetime.datetime.combine(
        timezone.localdate() + datetime.timedelta(days=1), datetime.time(), tzinfo=clock.zone()
    )


def _today(user) -> Q:
    return OPEN_WORK & Q(due_at__gte=timezone.now(), due_at__lt=_end_of_today())


def _decides(user) -> Q:
    """Proposals that this user, not being who proposed them, may decide."""
    kinds = []
    if Role.CM_OFFICE in roles_of(user):
        kinds.append(Proposal.Kind.SPECIAL_CLOSE)
    if decides_rejections(user):
        kinds.append(Proposal.Kind.REJECT)
    waiting = Proposal.objects.filter(decision="", kind__in=kinds).exclude(proposed_by=user)
    return OPEN_WORK & Q(pk__in=waiting.values("complaint"))


def decides_rejections(user) -> bool:
    """Triage and officers from level 3 upwards."""
    return any(
        posting.post.role == Role.TRIAGE or (posting.post.role == Role.OFFICER and posting.post.level >= 3)
        for posting in access.postings_of(user)
    )


VIEWS = {
    view.name: view
    for view in (
        View("today", _("Due today"), _("Nothing falls due today."), _today, have_deadline=True),
        View("overdue", _("Overdue"), _("Nothing is overdue."), lambda _user: OPEN_WORK & Q(due_at__lt=timezone.now()),
             have_deadline=True),
        View("new", _("New, to accept"), _("Nothing new waits to be accepted."), lambda _user: Q(state=State.ASSIGNED),
             have_deadline=True),
        View("waiting", _("Waiting for the citizen"), _("No question to a citizen is open."),
             lambda _user: Q(state=State.AWAITING_CITIZEN), have_deadline=False),
        View("reopened", _("Reopened"), _("Nothing was reopened."),
             lambda _user: Q(reopen_count__gt=0, state__in=[*RUNNING_STATES, State.AWAITING_CITIZEN])),
        View("triage", _("Triage queue"), _("Every complaint has found its officer."), lambda _user: IN_TRIAGE,
             order="oldest", whole_office=True, queue=True),
        View("proposals", _("Proposals to decide"), _("No proposal waits for your decision."), _decides,
             order="oldest", whole_office=True, queue=True),
        View("mine", _("All mine"), _("Nothing is on your desk. New complaints appear here by themselves."),
             lambda _user: OPEN_WORK),
        View("office", _("My office"), _("Nothing is open in your office."), lambda _user: OPEN_WORK,
             whole_office=True),
        View("all", _("All, also closed"), _("There is no complaint yet."), lambda _user: Q(), order="newest",
             whole_office=True, only_open=False),
    )
}  # fmt: skip


TRIAGE_LATE = View("triage_late", "", "", lambda _user: IN_TRIAGE & Q(triage_due_at__lt=timezone.now()),
                   whole_office=True, queue=True)  # fmt: skip


def views_for(user) -> list[View]:
    """The views that make sense for the user's roles."""
    hidden = set()
    if not has_own_work(user):
        hidden.add("mine")
    if not roles_of(user) & {Role.TRIAGE, Role.NODAL}:
        hidden.add("triage")
    if not decides_rejections(user) and Role.CM_OFFICE not in roles_of(user):
        hidden.add("proposals")
    return [view for view in VIEWS.values() if view.name not in hidden]


def first_view(user) -> str:
    """What opens when nothing is chosen: the triage queue for triage, else one's own work, else the office's."""
    if Role.TRIAGE in roles_of(user):
        return "triage"
    return "mine" if has_own_work(user) else "office"


def complaints_of(user, view: View):
    """The complaints of a view; `access` has the first and the last word."""
    seen = access.visible_to(user).filter(view.holds(user))
    if not view.whole_office and has_own_work(user):
        seen = seen.filter(access.on_desk_of(user))
    return seen


def counts(user) -> dict[str, int]:
    """How many each view holds: one query over the user's own desk, one over the office's open complaints. Where more
    than MOST_OPEN are open only the queues are counted."""
    views = [view for view in views_for(user) if view.only_open]
    if any(view.name == "triage" for view in views):
        views.append(TRIAGE_LATE)
    office = access.visible_to(user).filter(OPEN_WORK)
    if not has_own_work(user):
        return _counted(office, user, views)
    own = [view for view in views if not view.whole_office]
    whole = [view for view in views if view.whole_office]
    return _counted(office.filter(access.on_desk_of(user)), user, own) | _counted(office, user, whole)


def _counted(complaints, user, views: list[View]) -> dict[str, int]:
    some = complaints.order_by()[: MOST_OPEN + 1]
    by_view = {view.name: Count("pk", filter=view.holds(user)) for view in views}
    counted = some.aggregate(all_of_them=Count("pk"), **by_view)
    if counted.pop("all_of_them") <= MOST_OPEN:
        return counted
    queues = {view.name: complaints.filter(view.holds(user)).order_by() for view in views if view.queue}
    lengths = {name: queue[: MOST_OPEN + 1].count() for name, queue in queues.items()}
    return {name: length for name, length in lengths.items() if length <= MOST_OPEN}


def view_of(user, name: str | None) -> View:
    """The view of this name if the user has it, else the one their inbox opens on."""
    view = VIEWS.get(name)
    return view if view in views_for(user) else VIEWS[first_view(user)]


def search_scope(user, view: View, text: str):
    """A whole number finds its complaint wherever the user may see it; words look through the view."""
    return access.visible_to(user) if _is_number(text) else complaints_of(user, view)


def _is_number(text: str) -> bool:
    try:
        numbers.clean(text[:LONGEST_NUMBER])
    except numbers.Mistyped:
        return False
    return True


def page(filtered: DeskFilter, view: View, cursor: str, order: str) -> Page:
    """One page of rows with all that a row shows."""
    # The complaint of a number may be none of the view's.
    of_view = not _is_number(filtered.data.get("text", ""))
    found = page_by_key(
        filtered.qs, cursor, ROWS, order, filtered.along, narrowed=filtered.narrowed,
        only_open=view.only_open and of_view, have_deadline=view.have_deadline if of_view else None,
    )  # fmt: skip
    remember_to_show(found.items)
    return found


def matches(filtered: DeskFilter) -> tuple[int, bool]:
    """How many there are, counted up to just above MOST_COUNTED, and whether there may be more than could be counted in
    a moment."""
    return count_up_to(filtered.qs, MOST_COUNTED + 1, filtered.along, filtered.narrowed)


def arrived_since(user, since: datetime.datetime) -> int:
    """How many complaints came onto the user's desk after that moment."""
    arrived = Complaint.objects.filter(access.on_desk_of(user), OPEN_WORK, assigned_at__gt=since)
    return arrived.exclude(about_officer=user).count()
