"""How allauth treats accounts here: administrators make them, nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from allauth.mfa.adapter import DefaultMFAAdapter
from django.shortcuts import resolve_url
from django.utils.translation import gettext_lazy as _

WRONG = _("The username or the password is wrong.")


class StaffMFAAdapter(DefaultMFAAdapter):
    error_messages = DefaultMFAAdapter.error_messages | {"incorrect_code": _("This code is wrong or too old.")}


class StaffAccountAdapter(DefaultAccountAdapter):
    error_messages = DefaultAccountAdapter.error_messages | {
        "username_password_mismatch": WRONG,
        "invalid_login": WRONG,
        "incorrect_password": _("The password is wrong."),
        "enter_current_password": _("Write your present password."),
        "incorrect_code": _("This code is wrong or too old."),
        "too_many_login_attempts": _("Too many wrong passwords. Try again in 15 minutes."),
        "rate_limited": _("That was too often. Wait a minute and try again."),
    }

    def is_open_for_signup(self, request):
        return False

    def get_login_redirect_url(self, request):
        """Administrators without a post go to the administration, officers to their desk."""
        user = request.user
        return resolve_url("admin:index" if user.is_superuser else "desk_inbox")

    def get_client_ip(self, request):
        from .addresses import client_address  # noqa: PLC0415 - allauth imports adapters before apps are ready

        return client_address(request)
