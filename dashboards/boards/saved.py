"""Views of boards that a user keeps under a name: an address, so that every filter is in it."""

from urllib.parse import urlsplit

from django.contrib import messages
from django.http import Http404, QueryDict
from django.shortcuts import get_object_or_404, redirect
from django.urls import Resolver404, resolve
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST

from dashboards.models import SavedView
from grievance import access

LONGEST_NAME = 60
LONGEST_PATH = 200
LONGEST_QUERY = 1000
MOST = 30


def of(user, path: str) -> list[SavedView]:
    """The user's views, those of this board first."""
    return sorted(SavedView.objects.filter(user=user), key=lambda view: (view.board != path, view.name))


@require_POST
def save(request):
    """Keeps the address of a board under a name; the same name again replaces it."""
    if not access.figures_of(request.user):
        raise Http404
    board, query = _board(request.POST.get("address", ""))
    name = " ".join(request.POST.get("name", "").split())[:LONGEST_NAME]
    if not name:
        messages.error(request, _("Give the view a name."))
    elif SavedView.objects.filter(user=request.user).exclude(name=name).count() >= MOST:
        messages.error(request, _("You keep %(count)s views already. Remove one first.") % {"count": MOST})
    else:
        SavedView.objects.update_or_create(user=request.user, name=name, defaults={"board": board, "query": query})
        messages.success(request, _("The view is kept."))
    return redirect(_address(board, query))


@require_POST
def forget(request, pk: int):
    """Removes one of the user's own views, and leads back to where they were."""
    if not access.figures_of(request.user):
        raise Http404
    view = get_object_or_404(SavedView, pk=pk if pk < 2**63 else 0, user=request.user)
    board, query = _board(request.POST.get("address") or view.board)
    view.delete()
    messages.success(request, _("The view is removed."))
    return redirect(_address(board, query))


def _address(board: str, query: str) -> str:
    return f"{board}?{query}" if query else board


def _board(address: str) -> tuple[str, str]:
    """A board's path and query, of ours alone; 404 for anything else."""
    try:
        parts = urlsplit(address)
        match = resolve(parts.path)
    except (ValueError, Resolver404):
        raise Http404 from None
    ours = not (parts.scheme or parts.netloc) and (match.url_name or "").startswith("board")
    if not ours or match.url_name in ("boards_save", "boards_forget", "board_mailed"):
        raise Http404
    query = QueryDict(parts.query).urlencode()
    if len(parts.path) > LONGEST_PATH or len(query) > LONGEST_QUERY:
        raise Http404
    return parts.path, query
