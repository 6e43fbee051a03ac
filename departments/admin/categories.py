"""Category groups and categories with their extra questions."""

import json

from django import forms
from django.contrib import admin
from django.core.exceptions import ValidationError
from django.template.loader import render_to_string
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from departments.models import Category, CategoryGroup

from .base import ConfigurationAdmin, UnfoldAdminTextareaWidget


@admin.register(CategoryGroup)
class CategoryGroupAdmin(ConfigurationAdmin):
    list_display = ["name_en", "name_hi", "department", "parent", "code"]
    list_display_links = ["name_en", "name_hi"]
    list_filter = [("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["department", "parent"]
    search_fields = ["name_en", "name_hi", "code"]
    autocomplete_fields = ["department", "parent"]
    fields = ["code", "name_en", "name_hi", "department", "parent"]
    deletable = True


class QuestionsField(forms.JSONField):
    """The questions as JSON, laid out to be read; nothing means no questions."""

    widget = UnfoldAdminTextareaWidget(attrs={"rows": 18, "spellcheck": "false", "data-code": "json"})

    def to_python(self, value):
        try:
            questions = super().to_python(value)
        except RecursionError as error:  # thousands of brackets
            raise ValidationError(self.error_messages["invalid"], code="invalid") from error
        if questions is None:
            return []
        if not isinstance(questions, list):  # also {}, which a model's checks would take for nothing at all
            raise ValidationError(self.error_messages["invalid"], code="invalid")
        return questions

    def bound_data(self, data, initial):
        return data  # as typed, also where it is no JSON

    def prepare_value(self, value):
        if isinstance(value, str):
            return value
        return json.dumps(value or [], ensure_ascii=False, indent=2)


@admin.register(Category)
class CategoryAdmin(ConfigurationAdmin):
    list_display = ["name_en", "name_hi", "department", "group", "question_count", "special", "is_active"]
    list_display_links = ["name_en", "name_hi"]
    list_filter = ["is_active", "confidential", "emergency", "line", ("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["department", "group"]
    search_fields = ["search_text", "code"]
    search_help_text = _("Name or search words in any spelling, or the code")
    autocomplete_fields = ["department", "group"]
    readonly_fields = ["questions"]
    fieldsets = [
        (None, {"fields": ["code", "name_en", "name_hi", "department", "group", "is_active"]}),
        (_("Words citizens may type"), {"fields": ["words_en", "words_hi", "words_roman"]}),
        (_("Extra questions"), {"fields": ["questions", "fields"]}),
        (_("How it is handled"), {
            "fields": ["needs_proof", "confidential", "emergency", "about_officer", "line", "start_level"]
        }),
    ]  # fmt: skip

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The questions keep their own field; search words need few lines."""
        if db_field.name == "fields":
            return QuestionsField(
                label=capfirst(db_field.verbose_name),
                help_text=db_field.help_text,
                required=False,
                validators=db_field.validators,
            )
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if field and db_field.name.startswith("words_"):
            field.widget.attrs["rows"] = 3
        return field

    @admin.display(description=_("special"))
    def special(self, category) -> str:
        """What sets it apart, in words."""
        marks = ("confidential", "emergency", "about_officer", "needs_proof")
        fields = [self.opts.get_field(mark) for mark in marks if getattr(category, mark)]
        return ", ".join(str(field.verbose_name) for field in fields) or "–"

    @admin.display(description=_("questions"))
    def question_count(self, category) -> int:
        return len(category.fields)

    @admin.display(description=_("as citizens are asked"))
    def questions(self, category):
        """The saved questions in words."""
        return render_to_string("admin/parts/questions.html", {"questions": category.fields})
