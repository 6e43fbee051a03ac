"""The administration's pages of people and of how the portal itself is doing. Complaints are not here:
officers work on them at their desk, where every step is an event."""

from allauth.account.models import EmailAddress
from allauth.mfa.models import Authenticator
from allauth.usersessions.models import UserSession
from axes.models import AccessAttempt, AccessFailureLog, AccessLog
from django.contrib import admin, messages
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Group
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from departments.admin.base import ReadOnlyAdmin

from . import calendar_admin, people_admin, posting_admin, readers
from .desk import lists
from .models import Export, ReaderPosition

__all__ = ["calendar_admin", "people_admin", "posting_admin"]

# Pages that come with other parts: sessions, devices and lock-outs are people's own, or of no use here.
for model in (EmailAddress, Authenticator, UserSession, AccessAttempt, AccessLog, AccessFailureLog, Group):
    if admin.site.is_registered(model):
        admin.site.unregister(model)
admin.site.register(Group, people_admin.GroupAdmin)


@admin.register(ReaderPosition)
class ReaderPositionAdmin(ReadOnlyAdmin):
    """How far each reader is, and what stops it: an event's id and the kind of failure, nothing anyone wrote."""

    list_display = ["name", "seconds_behind", "moved_at", "failed_at", "failure", "failing_event", "failures",
                    "retry_at"]  # fmt: skip
    fields = [*list_display, "xid", "event_id"]
    readonly_fields = fields
    ordering = ["name"]
    actions = ["try_again"]

    @admin.display(description=_("seconds behind"))
    def seconds_behind(self, position) -> int:
        return round(readers.lag(position))

    def has_try_again_permission(self, request) -> bool:
        return request.user.has_perm("grievance.change_readerposition")

    @admin.action(description=_("Try again now"), permissions=["try_again"])
    def try_again(self, request, queryset):
        count = readers.try_again_now(queryset)
        text = ngettext("%(count)s reader tries again.", "%(count)s readers try again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.INFO)


@admin.register(Export)
class ExportAdmin(ReadOnlyAdmin):
    """Who took which list out, and how many complaints; the file is for its owner alone."""

    list_display = ["asked_at", "officer", "of", "format", "state", "rows", "filters"]
    list_filter = ["of", "state", "format"]
    list_select_related = ["owner"]
    fields = ["asked_at", "officer", "of", "format", "filters", "state", "total", "rows", "expires_at"]
    readonly_fields = fields
    ordering = ["-id"]

    @admin.display(description=_("officer"), ordering="owner")
    def officer(self, export):
        return export.owner

    @admin.display(description=_("filters"))
    def filters(self, export) -> str:
        """Without the words searched for, also while the list is being written."""
        chosen = QueryDict(lists.without_words(export.query))
        return "; ".join(f"{name}: {', '.join(values)}" for name, values in chosen.lists() if any(values))


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
