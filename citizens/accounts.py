"""How allauth treats accounts here: administrators make them, nobody signs up."""

from allauth.account.adapter import DefaultAccountAdapter
from django.shortcuts import resolve_url


class StaffAccountAdapter(DefaultAccountAdapter):
    def is_open_for_signup(self, request):
        return False

    def get_login_redirect_url(self, request):
        """Administrators without a post go to the administration, officers to their desk."""
        user = request.user
        return resolve_url("admin:index" if user.is_superuser else "desk_inbox")

    def get_client_ip(self, request):
        from .addresses import client_address  # noqa: PLC0415 - allauth imports adapters before apps are ready

        return client_address(request)
