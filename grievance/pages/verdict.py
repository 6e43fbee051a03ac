"""The verdict through the signed link of a message: no sign-in, good once."""

from django.http import Http404
from django.shortcuts import render
from django.views.decorators.cache import never_cache
from django.views.decorators.http import require_http_methods

from grievance import table
from grievance.verdict_link import DeadLink, complaint_of

from .complaints import judge_or_act

VERDICTS = ("satisfied", "not_satisfied")


@never_cache
@require_http_methods(["GET", "HEAD", "POST"])
def by_link(request, token: str):
    """What the officer reports, and the two answers. A confidential matter shows no words of it."""
    verdict = request.GET.get("verdict", "")
    try:
        complaint = complaint_of(token)
    except DeadLink as dead:
        if dead.complaint is None:
            raise Http404 from None
        return render(request, "complaints/link_used.html", {"complaint": dead.complaint})
    if verdict in VERDICTS:
        return judge_or_act(request, complaint, table.TABLE[verdict], complaint.citizen, "link")
    report = complaint.events.filter(action="resolve").prefetch_related("attachments").order_by("-seq").first()
    return render(request, "complaints/verdict.html", {"complaint": complaint, "report": report})
