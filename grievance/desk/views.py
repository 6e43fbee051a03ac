"""The pages of one complaint on the desk: what it is, what may be done, and doing it."""

import time

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import get_language
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from departments import places
from grievance import access, routing, words, workflow
from grievance.errors import ChangedMeanwhile, Invalid, NotAllowedNow, NotPermitted
from grievance.models import Complaint
from grievance.table import TABLE

from . import acting, choices, timeline
from .clock_face import face
from .entrance import found_or_404, inbox_address, only_agent, staff_only
from .forms import ACTIONS, REFILLS, ActionForm

# How long a phone number that was asked for stays readable for whoever asked.
REVEALED_SECONDS = 10 * 60
REVEALED = "revealed_phones"
# What an officer does most comes first and as a button; the rest stands below it.
MAIN_ACTIONS = (
    "accept", "resolve", "ask", "update", "approve_reject", "approve_special_close", "satisfied", "not_satisfied",
)  # fmt: skip


@staff_only
@require_GET
def complaint(request, number):
    """One complaint: all there is to know, and just what may be done now."""
    found = found_or_404(request.user, number)
    return render(request, "desk/complaint.html", _page_of(request, found))


def _page_of(request, found: Complaint) -> dict:
    events = timeline.events_of(found)
    actions = allowed(request.user, found)
    latitude, longitude = _pin(found)
    return {
        "complaint": found,
        "face": face(found),
        "answers": words.answers(found.category, found.fields),
        "why": routing.explain(found.why, get_language()),
        "lines": list(reversed(timeline.lines(events, request.user))),
        "path": timeline.path(found, events),
        "filed_files": [file for event in events if event.action == "register" for file in event.attachments.all()],
        "proposal": timeline.proposed(found, request.user),
        "main_actions": sorted(
            (rule for rule in actions if rule.name in MAIN_ACTIONS), key=lambda rule: MAIN_ACTIONS.index(rule.name)
        ),
        "other_actions": [rule for rule in actions if rule.name not in MAIN_ACTIONS],
        "may_reveal": access.may(request.user, "reveal", found),
        "revealed": _is_revealed(request, found),
        "has_inbox": not only_agent(request.user),
        "age": timeline.age(found),
        "latitude": latitude,
        "longitude": longitude,
        "inbox": inbox_address(request),
    }


def _pin(found: Complaint) -> tuple:
    """Where the citizen stood, else where the place lies."""
    if found.latitude is not None and found.longitude is not None:
        return found.latitude, found.longitude
    return places.coordinates_of(found.area)


def allowed(user, found: Complaint) -> list:
    """The table's rows of what the user may do now and has a page for."""
    return [TABLE[name] for name in access.allowed_actions(user, found) if name in ACTIONS]


def _is_revealed(request, found: Complaint) -> bool:
    since = request.session.get(REVEALED, {}).get(found.number, 0)
    return time.time() - since < REVEALED_SECONDS


@staff_only
@require_POST
def reveal(request, number):
    """Shows the citizen's phone number to whoever asks, and writes down that they asked."""
    found = found_or_404(request.user, number)
    if not _is_revealed(request, found):
        try:
            workflow.change(found, "reveal", user=request.user)
        except (NotAllowedNow, NotPermitted):
            raise Http404 from None
        now = time.time()
        shown = {key: at for key, at in request.session.get(REVEALED, {}).items() if now - at < REVEALED_SECONDS}
        request.session[REVEALED] = shown | {found.number: now}
    return redirect("desk_complaint", found.number)


@staff_only
@require_http_methods(["GET", "POST"])
def act(request, number, action):
    """The form of one action, and sending it off."""
    if action not in ACTIONS:
        raise Http404
    if request.method == "POST":
        return _posted(request, number, action)
    found = found_or_404(request.user, number)
    if not access.may(request.user, action, found):
        return _refused(request, found, action)
    prefilled = {"text": _reply(found, request.GET.get("reply"), action)}
    return _form_page(request, found, ActionForm(action, found, request.user, initial=prefilled))


def _posted(request, number: str, action: str):
    try:
        found = found_or_404(request.user, number)
    except Http404:
        return _gone(request)
    form = ActionForm(action, found, request.user, data=request.POST, files=request.FILES)
    usable = form.is_valid()
    files, problems = _files_of(request, form)
    for problem in problems:
        form.add_error("files", problem)
    if any(name in request.POST for name in REFILLS):
        return _form_page(request, found, _again(request, form), files)
    if form.has_error("version"):
        return _form_page(request, found, _again(request, form, found), files, incomplete=True)
    if not usable or problems:
        return _form_page(request, found, form, files)
    return _sent(request, found, form, files)


def _sent(request, found: Complaint, form: ActionForm, files: list):
    version, data = form.cleaned_data["version"], form.action_data()
    if "files" in form.fields:
        data["files"] = files
    try:
        acting.send(request.user, found, form.action, version, data)
    except Invalid as error:
        _show_errors(form, error)
        return _form_page(request, found, form, files)
    except ChangedMeanwhile:
        return _changed(request, form, files)
    except (NotAllowedNow, NotPermitted):
        return _refused(request, found, form.action, version)
    messages.success(request, form.rule.done)
    return redirect(_next_page(request, found))


def _changed(request, form: ActionForm, files: list):
    """The form once more, with what was typed, what happened meanwhile, and the version to send it again."""
    try:
        fresh = found_or_404(request.user, form.complaint.number)
    except Http404:
        return _gone(request)
    changes = timeline.lines(timeline.events_of(fresh, after=form.cleaned_data["version"]), request.user)
    return _form_page(request, fresh, _again(request, form, fresh), files, changes=changes, status=409)


def _show_errors(form: ActionForm, error: Invalid) -> None:
    """Each message beside its field; what has none stands above the form."""
    for name, message in error.errors.items():
        form.add_error(name if name in form.fields else None, str(message))


def _next_page(request, found: Complaint) -> str:
    """Back to the complaint, or to the inbox when it has left the user's sight."""
    if only_agent(request.user) or access.visible_to(request.user).filter(pk=found.pk).exists():
        return reverse("desk_complaint", args=[found.number])
    return inbox_address(request)


def _files_of(request, form: ActionForm) -> tuple[list, list[str]]:
    """The files kept from an earlier try and those uploaded now."""
    if "files" not in form.fields:
        return [], []
    kept = acting.kept_files(request.user, request.POST.getlist("kept"))
    uploads = form.cleaned_data.get("files") or []
    stored, problems = acting.store_files(request.user, uploads)
    return kept + stored, problems


def _reply(found: Complaint, key, action: str) -> str:
    """A canned reply in the citizen's language."""
    if not str(key or "").isdecimal() or len(key) > 12:
        return ""
    reply = choices.replies(found, action).filter(pk=int(key)).first()
    return reply.text_in(found.language) if reply else ""


def _again(request, form: ActionForm, fresh: Complaint | None = None) -> ActionForm:
    """The form with all that was typed, to be sent once more."""
    found = fresh or form.complaint
    typed = {name: request.POST.get(name, "") for name in form.fields if name not in ("files", "version")}
    if "use_reply" in request.POST:
        reply = _reply(found, request.POST.get("reply"), form.action)
        typed["text"] = "\n\n".join(part for part in (typed.get("text", "").strip(), reply) if part)
    elif fresh is None and (request.POST.get("version") or "").isdecimal():
        typed["version"] = request.POST["version"][:9]
    return ActionForm(form.action, found, request.user, initial=typed)


def _form_page(request, found, form, files=(), changes=(), incomplete=False, status=200):
    return render(
        request,
        "desk/act.html",
        {
            "complaint": found,
            "face": face(found),
            "form": form,
            "rule": form.rule,
            "kept": files,
            "changes": changes,
            "incomplete": incomplete,
            "replies": choices.replies(found, form.action) if "text" in form.fields else (),
            "proposal": timeline.proposed(found, request.user),
        },
        status=status,
    )


def _refused(request, found: Complaint, action: str, version: int = 0):
    """What was asked for cannot be done now: what happened, what can be done, and the text to copy."""
    try:
        fresh = found_or_404(request.user, found.number)
    except Http404:
        return _gone(request)
    context = {
        "complaint": fresh,
        "face": face(fresh),
        "rule": TABLE[action],
        "allowed": allowed(request.user, fresh),
        "changes": timeline.lines(timeline.events_of(fresh, after=version), request.user) if version else [],
        "text": request.POST.get("text", ""),
    }
    return render(request, "desk/refused.html", context, status=409)


def _gone(request):
    """The complaint is not for this user, or not any more: only what they typed themselves is shown."""
    text = request.POST.get("text", "").strip()
    if not text:
        raise Http404
    return render(request, "desk/gone.html", {"text": text, "inbox": inbox_address(request)}, status=404)
