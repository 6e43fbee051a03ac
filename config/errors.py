"""What is said when something goes wrong outside a view: a page to people, JSON to programs."""

from django.http import JsonResponse
from django.shortcuts import render
from django.utils.translation import gettext as _

API = "/api/"


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
    return _answer(request, 500, _("A server error occurred."))


def _answer(request, status: int, detail: str):
    if request.path.startswith(API):
        return JsonResponse({"detail": detail}, status=status)
    return render(request, f"errors/{status}.html", status=status)
