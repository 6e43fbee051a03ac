"""Staff without a second factor are led to set one up, wherever it is required."""

from allauth.mfa.utils import is_mfa_enabled
from django.conf import settings
from django.shortcuts import redirect, render
from django.urls import reverse

# What someone without a second factor may still open.
FREE = ("/staff/", "/language/", "/static/", "/healthz", "/readyz", "/sign-out/", "/api/")
STAFF_PAGES = "/staff/"
CHECKED = "second_factor_checked"


class RequireSecondFactorMiddleware:
    """Outside the demo no staff page opens before TOTP is set up (signing in asks for it from then on)."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if request.path.startswith(STAFF_PAGES) and request.user.is_authenticated and request.user.is_citizen:
            # Citizens have no password and no second factor; for them these pages do not exist.
            return render(request, "errors/404.html", status=404)
        if settings.SECOND_FACTOR_REQUIRED and self._lacks_it(request):
            return redirect(reverse("mfa_activate_totp"))
        return self.get_response(request)

    def _lacks_it(self, request) -> bool:
        if request.path.startswith(FREE) or not request.session.session_key:
            return False
        user = request.user
        if not user.is_authenticated or user.is_citizen or request.session.get(CHECKED):
            return False
        if is_mfa_enabled(user):
            request.session[CHECKED] = True
            return False
        return True
