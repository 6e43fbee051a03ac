"""Pages of lists as files: asking for one, watching it being written, taking it."""

from django.http import FileResponse, Http404, HttpResponse, QueryDict, StreamingHttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import get_language, override
from django.views.decorators.http import require_GET, require_POST

from grievance.models import Export

from . import exports, lists, sheets
from .entrance import staff_only

TYPES = {
    Export.Format.CSV: "text/csv; charset=utf-8",
    Export.Format.XLSX: "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet",
}
SHOWN = 20


@staff_only
@require_POST
def ask(request):
    """Gives the list at once where it is short, else leads to where it can be watched."""
    of = request.POST.get("of", Export.List.INBOX)
    if of not in lists.EVERY or not lists.EVERY[of].is_of(request.user):
        raise Http404
    query = QueryDict(request.POST.get("list", "").lstrip("?"))
    chosen = request.POST.get("format")
    chosen = chosen if chosen in TYPES else Export.Format.CSV
    try:
        export, batches = exports.ask(request.user, of, query, chosen, get_language())
    except exports.TooMany:
        return _refused(request, 429, too_many=exports.MOST_PENDING)
    except exports.TooManyFilters:
        return _refused(request, 400, too_many_filters=True)
    except exports.TooLong:
        return _refused(request, 400, most=exports.MOST_ROWS)
    if batches is not None:
        return _given(export, batches)
    return redirect("desk_export", key=export.key)


def _refused(request, status: int, **why):
    return render(request, "desk/exports.html", _mine(request) | why, status=status)


def _given(export: Export, batches):
    sheet = lists.of(export).sheet
    if export.format == Export.Format.XLSX:
        response = HttpResponse(content_type=TYPES[export.format])
        sheets.write_xlsx(response, sheet, batches)
    else:
        pieces = _in_language(sheets.as_csv(sheet, batches), export.language)
        response = StreamingHttpResponse(pieces, content_type=TYPES[export.format])
    response["Content-Disposition"] = f'attachment; filename="{_name(export)}"'
    return response


def _in_language(pieces, language: str):
    """What is streamed is made after the request's language was put away."""
    while True:
        with override(language):
            piece = next(pieces, None)
        if piece is None:
            return
        yield piece


def _name(export: Export) -> str:
    return f"{lists.of(export).file_name}-{timezone.localtime(export.asked_at):%Y-%m-%d-%H%M}.{export.format}"


def _mine(request) -> dict:
    return {"exports": list(Export.objects.filter(owner=request.user)[:SHOWN])}


@staff_only
@require_GET
def mine(request):
    """The user's last ones."""
    return render(request, "desk/exports.html", _mine(request))


@staff_only
@require_GET
def one(request, key):
    """How far it is; the page asks again by itself while it is being written."""
    export = _found(request, key)
    template = "desk/parts/export.html" if request.htmx else "desk/export.html"
    if request.htmx:
        request.session.modified = False
    context = {
        "export": export,
        "percent": min(99, 100 * export.rows // export.total) if export.total else 0,
        "list_address": lists.address(export),
        "may_take": exports.may_take(request.user, export),
    }
    response = render(request, template, context)
    if export.is_pending and not request.htmx:
        # Without JavaScript the page is loaded again.
        response["Refresh"] = "5"
    return response


@staff_only
@require_GET
def take(request, key):
    """The file, for its owner alone, while it is kept and their postings are what they were."""
    export = _found(request, key)
    if not exports.may_take(request.user, export):
        return redirect(reverse("desk_export", args=[export.key]))
    response = FileResponse(
        export.file.open("rb"), as_attachment=True, filename=_name(export), content_type=TYPES[export.format]
    )
    response["X-Content-Type-Options"] = "nosniff"
    return response


def _found(request, key) -> Export:
    export = Export.objects.filter(key=key, owner=request.user).first()
    if export is None:
        raise Http404
    return export
