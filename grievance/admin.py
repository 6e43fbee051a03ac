"""The administration's pages of people and of how the portal itself is doing. Complaints are not here:
officers work on them at their desk, where every step is an event."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.utils.translation import gettext_lazy as _

from departments.admin.base import ReadOnlyAdmin

from . import calendar_admin, people_admin, posting_admin
from .models import ReaderPosition

__all__ = ["calendar_admin", "people_admin", "posting_admin"]

# Pages that come with other parts: sessions, devices and lock-outs are people's own, or of no use here.
for model in (EmailAddress, Authenticator, UserSession, AccessAttempt, AccessLog, AccessFailureLog, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
admin.site.register(Group, people_admin.GroupAdmin)


@admin.register(ReaderPosition)
class ReaderPositionAdmin(ReadOnlyAdmin):
    list_display = ["name", "xid", "event_id", "moved_at", "failed_at", "failure"]
    fields = ["name", "xid", "event_id", "moved_at", "failed_at", "failure"]
    ordering = ["name"]


@admin.register(LogEntry)
class LogEntryAdmin(ReadOnlyAdmin):
    """What was done in the administration, deletions too."""

    list_display = ["action_time", "user", "content_type", "object_repr", "done"]
    list_display_links = None
    list_filter = ["action_flag"]
    list_select_related = ["user", "content_type"]
    ordering = ["-id"]

    @admin.display(description=_("what"))
    def done(self, entry) -> str:
        return entry.get_change_message() or entry.get_action_flag_display()
