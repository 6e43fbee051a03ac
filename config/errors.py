"""Pages for what goes wrong outside a view: what happened and what to do next."""

from django.shortcuts import render


def csrf_failure(request, reason=""):
    """The form's guard was missing or old: nothing was done, go back and send it again."""
    return render(request, "errors/csrf.html", status=403)


def bad_request(request, exception=None):
    return render(request, "errors/400.html", status=400)


def not_permitted(request, exception=None):
    return render(request, "errors/403.html", status=403)


def not_found(request, exception=None):
    return render(request, "errors/404.html", status=404)


def server_error(request):
    return render(request, "errors/500.html", status=500)
