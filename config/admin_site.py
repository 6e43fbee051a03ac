"""The administration's site: staff sign in where they always do, and to everyone else it does not exist."""

from functools import update_wrapper

from django.contrib.auth.views import redirect_to_login
from django.http import Http404, HttpResponseNotAllowed
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.csrf import csrf_protect
from unfold.sites import UnfoldAdminSite

from citizens.sign_in import sign_out
from grievance import unattended


class PortalAdminSite(UnfoldAdminSite):
    index_title = _("Administration")

    def admin_view(self, view, cacheable=False):
        """Strangers are sent to the staff's sign-in; who is signed in and may not enter finds nothing."""
        inner = super().admin_view(view, cacheable)

        def guarded(request, *args, **kwargs):
            if request.user.is_authenticated and not self.has_permission(request):
                raise Http404
            return inner(request, *args, **kwargs)

        return update_wrapper(guarded, inner)

    def has_permission(self, request) -> bool:
        """Only staff whom an administrator let in; a citizen never, whatever stands in the row."""
        return super().has_permission(request) and not request.user.is_citizen

    def index(self, request, extra_context=None):
        """Says above all for which partner lines somebody must be posted."""
        return super().index(request, {**(extra_context or {}), "unattended_lines": unattended.lines()})

    def login(self, request, extra_context=None):
        """The staff's sign-in, so that the second factor and the lock-out hold here too."""
        if not request.user.is_authenticated:
            return redirect_to_login(request.GET.get("next") or reverse("admin:index"), reverse("account_login"))
        if self.has_permission(request):
            return redirect("admin:index")
        raise Http404

    def logout(self, request, extra_context=None):
        """The portal's own signing out."""
        return csrf_protect(sign_out)(request) if request.method == "POST" else HttpResponseNotAllowed(["POST"])

    def password_change(self, request, extra_context=None):
        """The staff's own page for it, which asks for the present password."""
        return redirect("account_change_password")
