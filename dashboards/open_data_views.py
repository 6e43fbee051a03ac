"""The pages and files of `/open-data/`. Files are the same for everyone: they may be kept anywhere, and say by their
ETag whether they changed."""

import datetime
import hashlib

from django.http import Http404, HttpResponse, StreamingHttpResponse
from django.shortcuts import get_object_or_404, render
from django.utils.cache import get_conditional_response, patch_cache_control
from django.views.decorators.http import require_safe

from grievance import log_heads
from grievance.models import LogHead

from . import figures, open_data
from .suppression import COVER, LEAST

DAY, MINUTES = 24 * 3600, 300
MEDIA = {"csv": "text/csv; charset=utf-8", "json": "application/json; charset=utf-8"}
# A day's list is sent as a whole up to so many events (65 bytes each); a bulk load's is not for the web.
LONGEST_LIST = 500_000


@require_safe
def index(request):
    """What there is, what it means, under which licence, and how the log is verified."""
    context = {
        "datasets": open_data.datasets(),
        "dictionary": [(each, open_data.type_of(each)) for each in figures.FIGURES.values()],
        "licence": {"name": open_data.LICENCE_NAME, "url": open_data.LICENCE_URL},
        "heads": LogHead.objects.order_by("-day")[:7],
        "least": LEAST,
        "cover": COVER,
    }
    return render(request, "open_data/index.html", context)


@require_safe
def table(request, grain: str, dimension: str, period: str, ending: str):
    """One table of one period."""
    if ending not in MEDIA:
        raise Http404
    try:
        content = open_data.table(grain, dimension, period)
    except open_data.NotThere:
        raise Http404 from None
    text = open_data.as_csv(content) if ending == "csv" else open_data.as_json(content, _base(request))
    return _file(request, text, ending, f"{grain}-by-{dimension}-{period}", DAY if content.final else MINUTES)


@require_safe
def dictionary(request):
    """Every figure's name, meaning, formula and type, in both languages."""
    text = open_data.compact({"licence": open_data.LICENCE, "figures": open_data.dictionary()})
    return _file(request, text, "json", "dictionary", DAY)


@require_safe
def catalogue(request):
    """All files, for programs that harvest catalogues."""
    return _file(request, open_data.catalogue(_base(request)), "json", "catalog", MINUTES)


@require_safe
def heads(request, ending: str):
    """The chain of the log's daily heads."""
    chain = LogHead.objects.order_by("day")
    if ending == "csv":
        return _file(request, log_heads.as_csv(chain.iterator()), ending, "log-heads", MINUTES)
    if ending != "json":
        raise Http404
    rows = [{name: str(value) if name == "day" else value for name, value in row.items()}
            for row in chain.values(*log_heads.COLUMNS)]  # fmt: skip
    text = open_data.compact({"licence": open_data.LICENCE, "beginning": log_heads.BEGINNING, "heads": rows})
    return _file(request, text, ending, "log-heads", MINUTES)


@require_safe
def list_of_day(request, day: str):
    """The hashes that a day's digest was made of."""
    try:
        head = get_object_or_404(LogHead, day=datetime.date.fromisoformat(day))
    except ValueError:
        raise Http404 from None
    if head.events > LONGEST_LIST:
        raise Http404
    etag = f'"{head.digest}"'
    unchanged = get_conditional_response(request, etag=etag)
    before = LogHead.objects.filter(day__lt=head.day).order_by("-day").first()
    pieces = log_heads.blocks(before.last_event if before else 0, head.last_event)
    answer = unchanged or StreamingHttpResponse(pieces, content_type="text/plain; charset=us-ascii")
    answer["ETag"] = etag
    patch_cache_control(answer, public=True, max_age=DAY, immutable=True)
    return answer


def _base(request) -> str:
    return request.build_absolute_uri("/").rstrip("/")


def _file(request, text: str, ending: str, name: str, seconds: int):
    content = text.encode()
    etag = f'"{hashlib.sha256(content).hexdigest()[:32]}"'
    answer = get_conditional_response(request, etag=etag) or HttpResponse(content, content_type=MEDIA[ending])
    answer["ETag"] = etag
    answer["Access-Control-Allow-Origin"] = "*"
    if answer.status_code == 200:
        answer["Content-Disposition"] = f'inline; filename="{name}.{ending}"'
    patch_cache_control(answer, public=True, max_age=seconds)
    return answer
