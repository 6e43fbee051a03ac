"""The inbox's pages: the list with its views and filters, work on several at once, what is new."""

import datetime

from django import forms
from django.db.models import Q
from django.http import HttpResponse, QueryDict
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from departments.models import Area, Department, Role
from departments.remembered import for_half_a_minute
from grievance import access, numbers
from grievance.filters import LONGEST_SEARCH, DeskFilter
from grievance.models import Complaint
from grievance.paging import ORDERS, BadCursor, Page
from grievance.table import TABLE

from . import bulk, choices, inbox, lists
from .clock_face import face
from .entrance import LONGEST_QUERY, only_agent, remember_inbox, roles_of, staff_only

MOST_PLACES_OFFERED = 150
# What narrows the list by a field on the page. What else does, as a board's number, is named and goes along.
FILTERS = ("text", "state", "category", "department", "area", "level", "age")


@staff_only
@require_GET
def inbox_page(request):
    """The list of one view, narrowed by the filters, all kept in the address."""
    if only_agent(request.user):
        return redirect("desk_search")
    view, offered = inbox.view_of(request.user, request.GET.get("view")), inbox.views_for(request.user)
    narrowed = _filter_of(request)
    order = request.GET.get("order")
    order = order if order in ORDERS else view.order
    used = narrowed.used
    page, lost = _page(narrowed, view, request.GET.get("cursor", ""), order)
    counts = inbox.counts(request.user)
    found, may_be_more = inbox.matches(narrowed) if used else (counts.get(view.name), False)
    context = {
        "view": view,
        "views": [(other, counts.get(other.name), counts.get(inbox.LATE.get(other.name))) for other in offered],
        "uncounted": any(other.only_open and other.name not in counts for other in offered),
        "most_open": inbox.MOST_OPEN,
        "filter": narrowed,
        "orders": ORDERS.items(),
        "order": order,
        "rows": [_row(request.user, found) for found in page.items],
        "page": page,
        "lost": lost,
        "is_narrowed": bool(used),
        "typed": request.GET.get("text", "").strip()[:LONGEST_SEARCH],
        "is_filtered": bool({*used} & {*FILTERS} - {"text"}),
        "also": [_also(narrowed, request.GET.getlist(name), name) for name in used if name not in FILTERS],
        "found": found,
        "may_be_more": may_be_more,
        "is_agent": Role.AGENT in roles_of(request.user),
        "most_counted": inbox.MOST_COUNTED,
        "posting": access.postings_of(request.user)[0],
        "places": _places(request.user),
    }
    remember_inbox(request)
    return render(request, "desk/inbox.html", context | _bulk_buttons(request.user))


def _also(narrowed: DeskFilter, typed: list[str], name: str) -> dict:
    """What the list is narrowed by without a field on the page: its name, its value in words, what was typed."""
    field = narrowed.form.fields[name]
    known = dict(getattr(field, "choices", ())) if name != "group" else {}
    if isinstance(field, forms.NullBooleanField):
        known = {"true": _("yes"), "false": _("no")}
    words = [str(known.get(value, value))[:60] for value in typed[:10]]
    return {"name": name, "label": field.label, "words": words, "typed": [value[:60] for value in typed[:10]]}


def _row(user, found: Complaint) -> dict:
    """What a row shows beside the complaint itself."""
    may, number = access.allowed_actions(user, found, among=("accept", "update")), numbers.grouped(found.number)
    return {
        "complaint": found,
        "number": number,
        "address": reverse("desk_complaint", args=[found.number]),
        "choose": _("Choose %(number)s") % {"number": number},
        "face": face(found),
        "may_accept": "accept" in may,
        "may_write": "update" in may,
    }


def _bulk_buttons(user) -> dict:
    """What may be done to several at once; each complaint is asked about again when it is done."""
    roles = roles_of(user)
    can_accept, can_reassign = Role.OFFICER in roles, bool(roles & {Role.NODAL, Role.TRIAGE})
    return {"can_accept": can_accept, "can_reassign": can_reassign, "can_choose": can_accept or can_reassign}


def _filter_of(request) -> DeskFilter:
    """The list's filters, offering categories where the user has few and departments where they have several. What
    is offered decides nothing: whatever the address names is chosen, as it is for the file of the same list."""
    narrowed = lists.narrowed(request.user, request.GET)
    narrowed.is_valid()
    own = {posting.post.department_id for posting in access.postings_of(request.user)}
    everywhere = None in own
    department, category = (narrowed.form.cleaned_data.get(name) for name in ("department", "category"))
    narrowed.offers_departments = len(own) > 1 or everywhere or bool(request.GET.get("department"))
    departments, categories = Q(is_active=True), Q(is_active=True)
    if not everywhere:
        departments &= Q(pk__in=own)
        categories &= Q(department__in=own)
    if department:
        categories &= Q(department=department)
    _offer(narrowed, "department", departments, department)
    _offer(narrowed, "category", categories, category)
    # Four hundred categories help nobody: who sees all departments chooses one first.
    narrowed.offers_categories = not everywhere or bool(department or request.GET.get("category"))
    return narrowed


def _offer(narrowed: DeskFilter, name: str, offered: Q, chosen) -> None:
    """Offers these in a field, and what is chosen in it even if it is out of use."""
    field = narrowed.form.fields[name]
    field.queryset = field.queryset.filter(offered | Q(pk=chosen.pk) if chosen else offered)


def _page(narrowed: DeskFilter, view: inbox.View, cursor: str, order: str) -> tuple[Page, bool]:
    """The page, and whether its address had to be given up for the first page's."""
    try:
        return inbox.page(narrowed, view, cursor, order), False
    except BadCursor:
        return inbox.page(narrowed, view, "", order), True


def _places(user) -> list[Area]:
    """Places to offer while the name is typed: those directly within the user's own."""
    return _within(tuple(posting.post.area_id for posting in access.postings_of(user)))


@for_half_a_minute
def _within(area_ids: tuple[int, ...]) -> list[Area]:
    return list(Area.objects.filter(parent__in=area_ids, is_active=True)[:MOST_PLACES_OFFERED])


@staff_only
@require_POST
def work_on_several(request):
    """Accepts or reassigns the chosen complaints, each for itself, and reports on each."""
    if only_agent(request.user):
        return redirect("desk_inbox")
    action = request.POST.get("action", "")
    if action == "reassign":
        return _reassign_several(request)
    chosen = bulk.chosen(request.user, request.POST.getlist("chosen"))
    report = bulk.accept(request.user, chosen) if action == "accept" else []
    return _report(request, action, report, too_many=chosen.too_many)


def _reassign_several(request):
    """First to whom, then what would come of it, and only then does it."""
    text = request.POST.get("text", "")
    if request.POST.get("confirm"):
        return _report(request, "reassign", bulk.carry_out(request.user, request.POST.getlist("give"), text))
    chosen = bulk.chosen(request.user, request.POST.getlist("chosen"))
    if not chosen.items:
        return _report(request, "reassign", [])
    context = {"chosen": chosen, "back": _back(request), "too_many": chosen.too_many, "text": text}
    to = bulk.postings(request.POST.getlist("assignee"))
    if request.POST.get("send") and to:
        planned = bulk.plan(request.user, chosen, to, text)
        possible = [result for result in planned if not result.problem]
        context |= {"planned": planned, "possible": possible, "assignees": to}
        return render(request, "desk/bulk_preview.html", context)
    context |= bulk.reassigning(chosen, request.POST.get("colleague", "")[:100])
    context["ticked"] = {posting.pk for posting in to}
    if request.POST.get("send"):
        context["errors"] = [_("Choose an officer.")]
    return render(request, "desk/bulk_reassign.html", context)


def _report(request, action: str, report: list[bulk.Result], *, too_many: bool = False):
    done = sum(not result.problem for result in report)
    context = {"report": report, "done": done, "back": _back(request), "too_many": too_many}
    if report:
        context["label"] = TABLE[action].label
    return render(request, "desk/bulk.html", context)


def _back(request) -> str:
    """The query of the inbox one came from; nothing but a query, so it leads nowhere else."""
    typed = request.POST.get("back", "")
    typed = typed if len(typed) <= LONGEST_QUERY else ""
    return f"?{QueryDict(typed.lstrip('?')).urlencode()}"


@require_GET
def notice(request):
    """What the page tells of by itself, asked every few seconds: new work, or that the session has ended."""
    if not request.user.is_authenticated:
        # Led to the sign-in, the page would put it above what is being written, and what is written would be lost.
        return render(request, "desk/parts/signed_out.html")
    return _new_work(request)


@staff_only
def _new_work(request):
    """How many complaints reached the user's desk since the page was opened."""
    # A page that asks by itself is not a person at work: the session's idle time is not touched.
    request.session.modified = False
    opened = request.GET.get("since", "")[:40]
    try:
        since = datetime.datetime.fromisoformat(opened)
        count = inbox.arrived_since(request.user, since) if timezone.is_aware(since) else 0
    except (ValueError, OverflowError):
        count = 0
    if not count or request.GET.get("told") == str(count):
        return HttpResponse(status=204)
    return render(request, "desk/parts/notice.html", {"count": count, "since": opened})


@staff_only
@require_GET
def search_departments(request):
    """Departments by part of a name, as choices for the transfer's form."""
    found = choices.departments_named(request.GET.get("department_query", ""))
    chosen = Department.objects.filter(code=request.GET.get("department", "")[:60]).first()
    return render(request, "desk/parts/departments.html", {"departments": found, "chosen": chosen})
