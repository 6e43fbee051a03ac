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

from . import people_admin
from .models import ReaderPosition

__all__ = ["people_admin"]

# Pages that come with other parts: sessions, devices and lock-outs are people's own, or of no use here.
for model in (EmailAddress, Authenticator, UserSession, AccessAttempt, AccessLog, AccessFailureLog, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
admin.site.register(Group, people_admin.GroupAdmin)


@admin.register(ReaderPosition)
class ReaderPositionAdmin(ReadOnlyAdmin):
    """How far each reader has come, and what stops it. The model's fields have no names for people."""

    list_display = ["reader", "came_to", "moved", "failed", "why_it_failed"]
    fields = readonly_fields = list_display
    ordering = ["name"]

    @admin.display(description=_("reader"), ordering="name")
    def reader(self, position) -> str:
        return position.name

    @admin.display(description=_("last event read"))
    def came_to(self, position) -> int:
        return position.event_id

    @admin.display(description=_("read at"))
    def moved(self, position):
        return position.moved_at

    @admin.display(description=_("failed at"))
    def failed(self, position):
        return position.failed_at

    @admin.display(description=_("why it failed"))
    def why_it_failed(self, position) -> str:
        return position.failure


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
