"""What all pages of the administration share. The only module that knows which admin frame is used:
with Django's own `ModelAdmin` in place of unfold's the administration works the same, plainer."""

from django.contrib import messages
from django.contrib.admin.models import LogEntry
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.core.paginator import Paginator
from django.http import Http404
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import capfirst
from django.utils.translation import gettext as _
from unfold.admin import ModelAdmin as Frame
from unfold.views import ChangeList
from unfold.widgets import (
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminFileFieldWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextareaWidget,
    UnfoldAdminTextInputWidget,
)

from departments.history import changes, is_tracked

__all__ = [
    "ConfigurationAdmin",
    "ReadOnlyAdmin",
    "UnfoldAdminCheckboxSelectMultipleWidget",
    "UnfoldAdminFileFieldWidget",
    "UnfoldAdminSelectWidget",
    "UnfoldAdminTextInputWidget",
    "UnfoldAdminTextareaWidget",
    "tell_of",
]

MOST_LISTED = 100_000
MOST_DELETIONS_SHOWN = 50


class CappedPaginator(Paginator):
    """Counts no further than a lakh of rows: beyond that one searches, and a list costs the same in any state."""

    @cached_property
    def count(self) -> int:
        return self.object_list.order_by()[:MOST_LISTED].count()


class List(ChangeList):
    """Without a second count: where nothing is searched or filtered, what is listed is all there is."""

    def get_results(self, request):
        super().get_results(request)
        if not self.query and not self.has_active_filters:
            self.full_result_count = self.result_count
        self.is_capped = self.result_count >= MOST_LISTED


class ConfigurationAdmin(Frame):
    """A page of settings: paged lists, nothing deleted in bulk, and a history of every change."""

    list_per_page = 50
    list_max_show_all = 50
    show_full_result_count = False
    paginator = CappedPaginator
    warn_unsaved_form = True
    compressed_fields = True
    object_history_template = "admin/history.html"
    # What is switched off by “in use” is never deleted: complaints refer to it.
    deletable = False
    # Other fields than the model's that the log of the administration tells of, as rights or a password.
    show_log = False

    def get_changelist(self, request, **kwargs):
        return List

    def get_actions(self, request):
        """Without deleting many at once."""
        return {name: action for name, action in super().get_actions(request).items() if name != "delete_selected"}

    def has_delete_permission(self, request, obj=None) -> bool:
        return self.deletable and super().has_delete_permission(request, obj)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """Text in two languages says in which one it is, for screen readers and spelling checkers."""
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name.endswith(("_hi", "_en")):
            field.widget.attrs["lang"] = db_field.name[-2:]
        return field

    def history_view(self, request, object_id, extra_context=None):
        """Who changed what when: versions kept by the database, not only what was done on these pages."""
        thing = self.get_object(request, object_id)
        if thing is None:
            raise Http404
        if not self.has_view_or_change_permission(request, thing):
            raise PermissionDenied
        before = request.GET.get("before", "")
        found, following = [], None
        if is_tracked(self.model):
            found, following = changes(thing, int(before) if before.isascii() and before[:18].isdigit() else None)
        context = {
            **self.admin_site.each_context(request),
            "title": _("History: %(thing)s") % {"thing": thing},
            "module_name": str(capfirst(self.opts.verbose_name_plural)),
            "object": thing,
            "opts": self.opts,
            "changes": found,
            "next_before": following,
            "log": self._log(thing) if self.show_log or not is_tracked(self.model) else [],
            **(extra_context or {}),
        }
        request.current_app = self.admin_site.name
        return TemplateResponse(request, self.object_history_template, context)

    def _log(self, thing) -> list[LogEntry]:
        kind = ContentType.objects.get_for_model(thing)
        log = LogEntry.objects.filter(content_type=kind, object_id=str(thing.pk)).select_related("user")
        return list(log.order_by("-action_time", "-id")[:MOST_DELETIONS_SHOWN])


def tell_of(request, text, address: str, link) -> None:
    """Says something above the next page, with a link to where it goes on."""
    words = format_html('{} <a class="seva-admin-link" href="{}">{}</a>', text, reverse(address), link)
    messages.warning(request, words)


class ReadOnlyAdmin(ConfigurationAdmin):
    """A page to look at."""

    def has_add_permission(self, request) -> bool:
        return False

    def has_change_permission(self, request, obj=None) -> bool:
        return False
