"""Departments, reasons, canned replies."""

from django import forms
from django.contrib import admin
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from departments.models import CannedReply, Department, Reason

from .base import ConfigurationAdmin, UnfoldAdminSelectWidget

# Actions an officer writes to the citizen with.
REPLY_ACTIONS = [
    ("update", _("Update")),
    ("ask", _("Ask")),
    ("resolve", _("Resolve")),
    ("reject", _("Reject")),
    ("transfer", _("Transfer")),
]


@admin.register(Department)
class DepartmentAdmin(ConfigurationAdmin):
    list_display = ["name_en", "name_hi", "short_en", "code", "is_active"]
    list_display_links = ["name_en", "name_hi"]
    list_filter = ["is_active"]
    search_fields = ["name_en", "name_hi", "short_en", "short_hi", "code"]
    fields = ["code", "name_en", "name_hi", "short_en", "short_hi", "kind", "is_active"]


@admin.register(Reason)
class ReasonAdmin(ConfigurationAdmin):
    list_display = ["text_en", "text_hi", "kind", "code", "is_active"]
    list_filter = ["kind", "is_active"]
    search_fields = ["text_en", "text_hi", "code"]
    fields = ["kind", "code", "text_en", "text_hi", "is_active"]


@admin.register(CannedReply)
class CannedReplyAdmin(ConfigurationAdmin):
    list_display = ["title_en", "title_hi", "action_name", "department", "is_active"]
    list_display_links = ["title_en", "title_hi"]
    list_filter = ["is_active", ("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["department"]
    search_fields = ["title_en", "title_hi", "text_en", "text_hi"]
    autocomplete_fields = ["department"]
    fields = ["department", "action", "title_en", "title_hi", "text_en", "text_hi", "is_active"]

    @admin.display(description=_("action"), ordering="action")
    def action_name(self, reply):
        return dict(REPLY_ACTIONS).get(reply.action, reply.action)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The action is chosen from a list."""
        if db_field.name == "action":
            choices = [("", "–"), *REPLY_ACTIONS]
            return forms.ChoiceField(
                label=capfirst(db_field.verbose_name), choices=choices, widget=UnfoldAdminSelectWidget
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)
