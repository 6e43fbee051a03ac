"""What is said when something goes wrong outside a view: a page to people, JSON to programs."""

import sys

from django.db import InterfaceError, OperationalError
from django.http import HttpResponse, JsonResponse
from django.middleware.csrf import get_token
from django.shortcuts import render
from django.template.loader import render_to_string
from django.utils.translation import gettext as _

from . import context

API = "/api/"
# How long a database takes to come back after a restart.
RETRY_SECONDS = 5


def csrf_failure(request, reason=""):
    """The form's guard was missing or old: nothing was done, go back and send it again."""
    return render(request, "errors/csrf.html", status=403)


def bad_request(request, exception=None):
    return _answer(request, 400, _("What was sent could not be read: send UTF-8 in the form the schema names."))


def not_permitted(request, exception=None):
    return _answer(request, 403, _("You may not do this."))


def not_found(request, exception=None):
    return _answer(request, 404, _("Not found."))


def server_error(request):
    """A mistake of ours, or (503) a database that is away for a moment, which asking again mends."""
    if not isinstance(sys.exc_info()[1], OperationalError | InterfaceError):
        return _answer(request, 500, _("A server error occurred."), alone=True)
    away = _("The portal is away for a moment. Send the same again in a few seconds.")
    answer = _answer(request, 503, away, alone=True)
    answer["Retry-After"] = RETRY_SECONDS
    return answer


def _answer(request, status: int, detail: str, *, alone: bool = False):
    """`alone`: the page asks the database nothing, not even who is signed in, because it may be away."""
    if request.path.startswith(API):
        return JsonResponse({"detail": detail}, status=status)
    page = f"errors/{status}.html"
    if not alone:
        return render(request, page, status=status)
    known = {"request": request, "csrf_token": get_token(request), **context.portal(request)}
    return HttpResponse(render_to_string(page, known), status=status)
