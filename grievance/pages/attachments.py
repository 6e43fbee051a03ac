"""Serving files: only through access, never from the web root."""

from django.http import FileResponse, Http404, HttpResponse
from django.views.decorators.http import require_safe

from grievance import access, drafts, files
from grievance.models import Attachment, Complaint

# What a browser may show by itself: images we made and sound. A PDF is for saving.
SHOWN = ("image/jpeg", "audio/")


@require_safe
def attachment(request, key):
    """One file, for whoever may see its complaint or whose draft it is in."""
    found = Attachment.objects.filter(key=key).select_related("complaint", "draft", "event").first()
    if found is None or not _may_see(request, found):
        raise Http404
    if request.GET.get("size") == "small" and found.is_image:
        response = HttpResponse(files.small(found), content_type="image/jpeg")
    else:
        shown = found.content_type.startswith(SHOWN)
        response = FileResponse(
            found.file.open("rb"), content_type=found.content_type, filename=found.name, as_attachment=not shown
        )
    response["X-Content-Type-Options"] = "nosniff"
    response["Cache-Control"] = "private, max-age=300"
    response["Content-Security-Policy"] = "default-src 'none'; sandbox"
    return response


def _may_see(request, found: Attachment) -> bool:
    if found.complaint_id is None:
        draft = drafts.current(request)
        own_draft = draft is not None and found.draft_id == draft.pk
        return own_draft or (request.user.is_authenticated and found.uploaded_by_id == request.user.pk)
    if found.event_id and found.event.internal and getattr(request.user, "is_citizen", True):
        return False
    try:
        access.find(request.user, found.complaint.number)
    except Complaint.DoesNotExist:
        return False
    return True
