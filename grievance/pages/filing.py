"""Filing a complaint, one thing a page: what, where, details, check, done. Every step works without JavaScript."""

import base64
import io
import uuid

import segno
from django.conf import settings
from django.contrib import messages
from django.db import transaction
from django.http import Http404
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.http import urlencode
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods, require_safe

from departments import places, suggestions
from departments.bilingual import by_name
from departments.models import Area, Category, CategoryGroup, Department, Post, Role
from grievance import access, drafts, files, words, workflow
from grievance.errors import Invalid
from grievance.models import Attachment, Complaint, Draft, Kind

from .forms import DetailsForm

STEPS = 4


def with_draft(view):
    """Gives the view the browser's draft; without one the filing begins; what is finished shows its number."""

    def guarded(request, *args, **kwargs):
        if request.user.is_authenticated and not request.user.is_citizen:
            return render(request, "filing/staff.html")
        draft = drafts.current(request)
        if draft is None:
            return redirect("file_start")
        if draft.complaint_id:
            return redirect("file_done", draft.complaint.number)
        return view(request, draft, *args, **kwargs)

    return never_cache(guarded)


@never_cache
@require_safe
def start(request):
    """Begins, or goes on with what was begun."""
    if request.user.is_authenticated and not request.user.is_citizen:
        return render(request, "filing/staff.html")
    drafts.begin(request)
    return redirect("file_what")


@with_draft
@require_http_methods(["GET", "HEAD", "POST"])
def what(request, draft: Draft):
    """What it is about: a few words and the best categories, or browsing by department."""
    if request.method == "POST":
        category = Category.objects.filter(code=request.POST.get("category", "")[:100], is_active=True).first()
        if category:
            typed = request.POST.get("q", "")[: workflow.LONGEST_TEXT]
            before = draft.answers.get("category")
            drafts.remember(draft, category=category.code, typed=typed or draft.answers.get("typed", ""))
            if before != category.code:
                drafts.remember(draft, fields={}, about_post="")
            return redirect("file_check" if _complete(draft) else "file_where")
        if request.POST.get("department"):
            return redirect(f"{reverse('file_browse')}?{_browsed(request)}")
    # Coming back, one finds what one typed and chose.
    given = request.POST if request.method == "POST" else request.GET
    typed = given.get("q", draft.answers.get("typed", ""))[: suggestions.LONGEST_TEXT].strip()
    context = {
        "draft": draft,
        "typed": typed,
        "suggested": _with_chosen(suggestions.suggest(typed) if typed else [], draft, searching="q" in request.GET),
        "searched": bool(typed),
        "chosen": draft.answers.get("category"),
        "error": _("Choose what it is about.") if request.method == "POST" else "",
        "step": 1,
        "of": STEPS,
    }
    fragment = request.htmx and request.method == "GET" and not request.htmx.boosted
    return render(request, "filing/suggestions.html" if fragment else "filing/what.html", context)


def _browsed(request) -> str:
    """Back to the list one chose nothing from, to say so there."""
    names = ("department", "group")
    return urlencode({name: request.POST.get(name, "")[:80] for name in names} | {"missing": "1"})


def _with_chosen(suggested: list, draft: Draft, *, searching: bool) -> list:
    """The suggestions, with what was chosen before among them where one only came back to look."""
    chosen = None if searching else drafts.category_of(draft)
    return [chosen, *suggested] if chosen and chosen not in suggested else suggested


@with_draft
@require_safe
def browse(request, draft: Draft):
    """Departments, then groups, then categories."""
    department = Department.objects.filter(code=request.GET.get("department", "")[:60], is_active=True).first()
    group = CategoryGroup.objects.filter(code=request.GET.get("group", "")[:80]).first() if department else None
    missing = _("Choose what it is about.") if request.GET.get("missing") else ""
    context = {"department": department, "group": group, "error": missing, "step": 1, "of": STEPS}
    if department is None:
        found = Department.objects.filter(is_active=True, categories__is_active=True).distinct()
        context["departments"] = sorted(found, key=by_name)
    else:
        context["groups"] = CategoryGroup.objects.filter(department=department, parent=group)
        context["categories"] = Category.objects.filter(department=department, group=group, is_active=True)
    return render(request, "filing/browse.html", context)


@with_draft
@require_http_methods(["GET", "HEAD", "POST"])
def where(request, draft: Draft):
    """Where it is: by name or PIN, by where the phone is, or step by step."""
    category = drafts.category_of(draft)
    if category is None:
        return redirect("file_what")
    if request.method == "POST":
        area = places.choosable(request.POST.get("area", "")[:40])
        if area:
            note = request.POST.get("place_note", "")[:200]
            drafts.remember(draft, area=area.code, place_note=note, location=_location(request.POST))
            return redirect("file_check" if _complete(draft) else "file_details")
    given = request.POST if request.method == "POST" else request.GET
    location = _location(given)
    typed = given.get("q", "")[: places.LONGEST_TEXT]
    inside = Area.objects.filter(code=request.GET.get("in", "")[:40], is_active=True).first()
    context = {
        "category": category,
        "draft": draft,
        "typed": typed,
        "found": places.find(typed) if typed else [],
        "location": location,
        "near": places.nearest(*location) if location else [],
        "inside": inside,
        "trail": list(Area.objects.containing(inside).exclude(kind__in=["state", "division"])) if inside else [],
        "below": places.steps(inside) if inside or not (typed or location) else [],
        "choosable_kinds": places.CHOOSABLE,
        "chosen": drafts.area_of(draft),
        "error": _("Choose a place from the list.") if request.method == "POST" else "",
        "step": 2,
        "of": STEPS,
    }
    return render(request, "filing/where.html", context)


def _location(given) -> tuple[float, float] | None:
    """Latitude and longitude, if they were given and can be meant."""
    try:
        latitude, longitude = float(given.get("latitude", "")), float(given.get("longitude", ""))
    except ValueError:
        return None
    return (latitude, longitude) if -90 <= latitude <= 90 and -180 <= longitude <= 180 else None


@with_draft
@require_http_methods(["GET", "HEAD", "POST"])
def details(request, draft: Draft):
    """What happened, the category's questions, files."""
    category, area = drafts.category_of(draft), drafts.area_of(draft)
    if category is None or area is None:
        return redirect("file_what" if category is None else "file_where")
    answers = draft.answers
    initial = {
        "text": answers.get("text", answers.get("typed", "")),
        "kind": answers.get("kind", Kind.COMPLAINT),
        "about_post": answers.get("about_post", ""),
    }
    kept = list(draft.attachments.all())
    form = DetailsForm(
        request.POST or None, request.FILES or None, initial=initial, category=category,
        posts=_posts_over(category, area), answers=answers.get("fields", {}), already=len(kept),
    )  # fmt: skip
    if request.method == "POST":
        if "remove" in request.POST:
            Attachment.objects.filter(draft=draft, key=_key(request.POST["remove"])).delete()
            return redirect("file_details")
        valid = form.is_valid()
        _keep_files(request, draft, form)
        _keep_answers(draft, form)
        if valid and not form.errors:
            return redirect("file_check") if request.user.is_authenticated else redirect(_sign_in_first())
    context = {
        "form": form,
        "category": category,
        "area": area,
        "kept": draft.attachments.all(),
        "step": 3,
        "of": STEPS,
    }
    return render(request, "filing/details.html", {**context, "draft": draft})


def _sign_in_first() -> str:
    return f"{reverse('sign_in')}?next={reverse('file_check')}"


def _key(text: str):
    """A file's key, or one that no file has."""
    try:
        return uuid.UUID(text)
    except ValueError:
        return uuid.UUID(int=0)


def _posts_over(category: Category, area: Area):
    if not category.about_officer:
        return []
    return (
        Post.objects.filter(department=category.department, role=Role.OFFICER, line="", is_active=True,
                            area__in=area.path_ids())
        .select_related("area")
        .order_by("level", "id")[:8]
    )  # fmt: skip


def _keep_files(request, draft: Draft, form) -> None:
    """Stores the files even when the text is still wrong: nothing has to be chosen twice."""
    for upload in request.FILES.getlist("files")[: workflow.MOST_FILES - form.already]:
        try:
            files.store(upload, draft=draft)
        except files.Refused as reason:
            form.add_error("files", f"{upload.name[:60]}: {reason}")


def _keep_answers(draft: Draft, form) -> None:
    typed = {name: form.data.get(name, "") for name in ("text", "kind", "about_post")}
    given = {d["key"]: form.data.get(f"field-{d['key']}", "")[:500] for d in form.category.fields}
    typed["text"] = workflow.mask(typed["text"])
    drafts.remember(draft, fields=workflow.mask_answers(given), **typed)


def _complete(draft: Draft) -> bool:
    return bool(draft.answers.get("text") and drafts.category_of(draft) and drafts.area_of(draft))


@with_draft
@require_http_methods(["GET", "HEAD", "POST"])
def check(request, draft: Draft):
    """Shows all answers; sending registers, once."""
    category, area = drafts.category_of(draft), drafts.area_of(draft)
    if not _complete(draft):
        return redirect("file_details" if category and area else "file_what")
    if not request.user.is_authenticated:
        return redirect(_sign_in_first())
    if request.method == "POST":
        try:
            complaint = register(request, draft)
        except Invalid as refused:
            for message in refused.errors.values():
                messages.error(request, " ".join(message.values()) if isinstance(message, dict) else message)
            return redirect("file_details")
        return redirect("file_done", complaint.number)
    context = {
        "draft": draft,
        "category": category,
        "area": area,
        "whole_place": places.in_words(area),
        "kind": Kind(draft.answers.get("kind") or Kind.COMPLAINT).label,
        "answered": words.answers(category, draft.answers.get("fields", {})),
        "about_post": drafts.about_post_of(draft),
        "attachments": draft.attachments.all(),
        "step": 4,
        "of": STEPS,
    }
    return render(request, "filing/check.html", context)


@transaction.atomic
def register(request, draft: Draft) -> Complaint:
    """Makes the draft a complaint; the draft's key makes the second time harmless. Raises Invalid."""
    answers = draft.answers
    kind = answers.get("kind")
    complaint, _new = workflow.register(
        citizen=request.user,
        actor=access.Actor(request.user, "citizen", None, "web"),
        key=f"draft-{draft.key}",
        category=drafts.category_of(draft),
        area=drafts.area_of(draft),
        text=answers["text"],
        kind=kind if kind in Kind.values else Kind.COMPLAINT,
        fields={key: value for key, value in answers.get("fields", {}).items() if value},
        language=get_language(),
        place_note=answers.get("place_note", ""),
        location=answers.get("location"),
        about_post=drafts.about_post_of(draft),
        files=list(draft.attachments.all()),
    )
    draft.complaint = complaint
    draft.save(update_fields=["complaint", "changed_at"])
    return complaint


@never_cache
@require_safe
def done(request, number: str):
    """The number, what happens next and by when; looks again by itself until the officer is found."""
    try:
        complaint = access.find(request.user, number)
    except Complaint.DoesNotExist:
        raise Http404 from None
    context = {
        "complaint": complaint,
        "finding": complaint.state == "registered" and not complaint.in_triage,
        "qr": qr_code(complaint),
        "receipt": complaint.head_hash[:16],
    }
    return render(request, "filing/done_next.html" if request.htmx else "filing/done.html", context)


def qr_code(complaint: Complaint) -> str:
    """The address of the complaint's page as a QR code, an image inside the page."""
    out = io.BytesIO()
    segno.make(f"{settings.BASE_URL}/complaints/{complaint.number}/", error="m").save(
        out, kind="svg", scale=4, border=2
    )
    return "data:image/svg+xml;base64," + base64.b64encode(out.getvalue()).decode()
