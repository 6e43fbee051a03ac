"""The citizen's complaints: all of them, one with its history, and what can be done with it."""

import datetime

from django.contrib import messages
from django.contrib.auth.decorators import login_required
from django.http import Http404, HttpResponse
from django.shortcuts import redirect, render
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from grievance import access, clock, files, routing, table, words, workflow
from grievance.errors import ChangeRefused, Invalid, NotAllowedNow, NotPermitted
from grievance.models import Complaint
from grievance.paging import BadCursor, page_by_key

from . import own_words
from .filing import qr_code
from .forms import ActionForm, NumberForm

# What citizens do, in the order the page offers it.
CITIZEN_ACTIONS = ("satisfied", "not_satisfied", "answer", "object", "add", "reopen", "withdraw")
# What the citizen is asked for: the page's green button. The rest stays quiet beside it.
ASKED = ("satisfied", "answer", "object")


@login_required
@never_cache
@require_safe
def mine(request):
    """One's own complaints, the newest first."""
    if not request.user.is_citizen:
        return redirect("desk_inbox")
    own = access.visible_to(request.user).select_related("category", "area", "assignee__post__area")
    try:
        page = page_by_key(own, request.GET.get("cursor", ""), size=20)
    except BadCursor:
        return redirect("my_complaints")
    return render(request, "complaints/mine.html", {"page": page})


def _own(request, number: str) -> Complaint:
    try:
        return access.find(request.user, number)
    except Complaint.DoesNotExist:
        raise Http404 from None


@login_required
@never_cache
@require_safe
def one(request, number: str):
    """One complaint: who has it, by when, what happened, and what can be done now."""
    if not request.user.is_citizen:
        return redirect("desk_complaint", number)
    complaint = _own(request, number)
    if request.htmx and request.GET.get("seen") == str(complaint.event_count):
        # Nothing is new: the page stays as it is, with the keyboard and the screen reader where they are.
        return HttpResponse(status=204)
    allowed = _allowed(request.user, complaint)
    context = page_context(complaint) | {
        "allowed": allowed,
        "asked": ASKED,
        "can_reopen": any(rule.name == "reopen" for rule in allowed),
    }
    if request.GET.get("print"):
        return render(request, "complaints/print.html", context | {"qr": qr_code(complaint)})
    return render(request, "complaints/live.html" if request.htmx else "complaints/one.html", context)


def _allowed(user, complaint: Complaint) -> list:
    possible = set(access.allowed_actions(user, complaint))
    return [table.TABLE[name] for name in CITIZEN_ACTIONS if name in possible]


def _reopen_until(complaint: Complaint):
    """The last day on which the citizen may still reopen it."""
    return complaint.closed_at + datetime.timedelta(days=table.REOPEN_DAYS) if complaint.closed_at else None


def page_context(complaint: Complaint) -> dict:
    """What the citizen's page of a complaint shows."""
    events = (
        complaint.events.filter(internal=False)
        .select_related("actor_posting__post__area")
        .prefetch_related("attachments")
        .order_by("-seq")
    )
    return {
        "complaint": complaint,
        "answered": words.answers(complaint.category, complaint.fields),
        "why": routing.explain(complaint.why, get_language()),
        "events": [
            {"title": own_words.sentence(e.action), "at": e.at, "text": e.text, "attachments": e.attachments.all(),
             "who": e.actor_posting.post.title if e.actor_posting_id else ""}
            for e in events
        ],
        "overdue": clock.is_overdue(complaint),
        "finding": complaint.state == "registered" and not complaint.in_triage,
        "survivor": complaint.merged_into,
        "said": own_words.said_before(complaint, complaint.state),
        "order": own_words.order_about(complaint),
        "reopen_until": _reopen_until(complaint),
    }  # fmt: skip


@login_required
@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def act(request, number: str, action: str):
    """One action on its own page: answering, adding, judging, reopening, withdrawing."""
    complaint = _own(request, number)
    if action not in CITIZEN_ACTIONS or not request.user.is_citizen:
        raise Http404
    if not access.may(request.user, action, complaint):
        messages.info(request, _("That is done already, or cannot be done now. This is how it stands."))
        return redirect("complaint", number)
    return judge_or_act(request, complaint, table.TABLE[action], request.user, "web")


def judge_or_act(request, complaint: Complaint, rule, user, channel: str):
    """Shows and takes the form of an action; what was typed stays when something is wrong."""
    by_link = channel == "link"
    order = None if by_link else own_words.order_about(complaint)
    form = ActionForm(request.POST or None, request.FILES or None, rule=rule, order=order)
    if request.method == "POST" and form.is_valid():
        data = {key: value for key, value in form.cleaned_data.items() if value not in ("", None, [])}
        try:
            if "files" in data:
                data["files"] = [files.store(upload, uploaded_by=user) for upload in data["files"]]
            workflow.change(complaint, rule.name, user=user, channel=channel, **data)
        except files.Refused as reason:
            form.add_error("files", str(reason))
        except Invalid as refused:
            for field, message in refused.errors.items():
                form.add_error(field if field in form.fields else None, message)
        except (NotAllowedNow, NotPermitted):
            # The other half of a double tap, or somebody was quicker: show how it stands.
            messages.info(request, _("That is done already, or cannot be done now. This is how it stands."))
            return _after(request, complaint, channel)
        except ChangeRefused as refused:
            form.add_error(None, str(refused))
        else:
            return _after(request, complaint, channel, own_words.THANKS[rule.name])
    context = {
        "complaint": complaint,
        "rule": rule,
        "form": form,
        "effect": own_words.EFFECTS[rule.name],
        "said": None if by_link and complaint.confidential else own_words.said_before(complaint, rule.name),
        "order": order,
        "by_link": by_link,
        # What is typed is kept in the tab until the citizen's own next act, whatever the officer does meanwhile.
        "own_acts": complaint.events.filter(actor_role="citizen").count(),
    }
    return render(request, "complaints/act.html", context)


def _after(request, complaint: Complaint, channel: str, thanks=""):
    """Where an action leads: by the link to a page that says it all, else back to the complaint."""
    if channel == "link":
        return render(request, "complaints/thanks.html", {"complaint": complaint, "thanks": thanks})
    if thanks:
        messages.success(request, thanks)
    return redirect("complaint", complaint.number)


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def track(request):
    """From the number to the complaint's page; the owner proves themselves by a one-time password."""
    form = NumberForm(request.POST or None)
    if request.method == "POST" and form.is_valid():
        return redirect("complaint", form.cleaned_data["number"])
    return render(request, "complaints/track.html", {"form": form})
