"""The administration's pages of the calendar in force: its versions, and what a new one would move."""

from dataclasses import dataclass

from django.contrib import admin, messages
from django.core.exceptions import PermissionDenied, ValidationError
from django.shortcuts import redirect
from django.template.response import TemplateResponse
from django.urls import path
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy
from django.views.decorators.http import require_http_methods

from departments import calendars
from departments.admin.base import ReadOnlyAdmin
from departments.models import CalendarVersion

from . import redating

MOST_DAYS_SHOWN = 400
HOURS = ("opens", "closes", "closed_saturdays")


@dataclass(frozen=True)
class Change:
    what: str
    old: str
    new: str


@admin.register(CalendarVersion)
class CalendarVersionAdmin(ReadOnlyAdmin):
    list_display = ["in_force_from", "hours", "days", "made_by", "made_at"]
    list_select_related = ["made_by"]
    list_before_template = "admin/parts/calendar_waits.html"
    ordering = ["-id"]
    fields = ["in_force_from", "hours", "closed_saturdays", "days", "made_by", "made_at"]
    readonly_fields = ["hours", "days"]

    @admin.display(description=gettext_lazy("office hours"))
    def hours(self, version) -> str:
        return f"{version.opens:%H:%M}–{version.closes:%H:%M}"

    @admin.display(description=gettext_lazy("holidays"))
    def days(self, version) -> int:
        """Of the state and of its districts together."""
        return len(version.closed_days["state"]) + sum(map(len, version.closed_days["districts"].values()))

    def get_urls(self):
        address = path("next/", self.admin_site.admin_view(self.next_version), name="calendar_preview")
        return [address, *super().get_urls()]

    def next_version(self, request):
        """What the holidays and office hours as they now stand would move; confirmed, they come into force."""
        if not self.has_view_permission(request):
            raise PermissionDenied
        return _next_version(request, self.admin_site)


@require_http_methods(["GET", "HEAD", "POST"])
def _next_version(request, site):
    may_confirm = request.user.has_perm("departments.add_calendarversion")
    if request.method == "POST":
        if not may_confirm:
            raise PermissionDenied
        if _confirm(request):
            return redirect("admin:departments_calendarversion_changelist")
    now, before, coming = timezone.now(), calendars.newest(), calendars.draft()
    changed = before.digest != coming.digest
    context = {
        **site.each_context(request),
        "title": _("What the new calendar would move"),
        "changed": changed,
        "coming": coming,
        "hours": _hours(before, coming),
        "differences": calendars.differences(before, coming)[:MOST_DAYS_SHOWN],
        "preview": redating.preview(coming, now) if changed else None,
        "errors": _faults(coming) if changed else [],
        "behind": redating.behind().count(),
        "may_confirm": may_confirm,
    }
    return TemplateResponse(request, "admin/calendar_preview.html", context)


def _confirm(request) -> bool:
    """Whether the calendar that was shown is now on its way into force."""
    try:
        version = calendars.put_in_force(request.user, shown=request.POST.get("digest", ""))
    except calendars.Changed:
        messages.error(request, _("A holiday was changed meanwhile. Please look at what would move again."))
        return False
    except ValidationError:
        return False  # the page says why
    text = _("The calendar comes into force at %(time)s, and deadlines move then.")
    messages.success(request, text % {"time": f"{timezone.localtime(version.in_force_from):%H:%M}"})
    return True


def _faults(coming: CalendarVersion) -> list[str]:
    try:
        coming.check_workable(timezone.localdate())
    except ValidationError as error:
        return list(error.messages)
    return []


def _hours(before: CalendarVersion, coming: CalendarVersion) -> list[Change]:
    """Office hours that differ, in words."""
    found = []
    for name in HOURS:
        old, new = getattr(before, name), getattr(coming, name)
        if old != new:
            found.append(Change(str(CalendarVersion._meta.get_field(name).verbose_name), _words(old), _words(new)))
    return found


def _words(value) -> str:
    return ", ".join(map(str, value)) or "–" if isinstance(value, list) else f"{value:%H:%M}"
