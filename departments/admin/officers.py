"""Posts, postings, leave and stand-ins."""

from django import forms
from django.contrib import admin
from django.db.models import Q
from django.utils import timezone
from django.utils.text import capfirst
from django.utils.translation import gettext_lazy as _

from departments.models import Absence, Category, Post, Posting

from .base import ConfigurationAdmin, UnfoldAdminSelectWidget


@admin.register(Post)
class PostAdmin(ConfigurationAdmin):
    list_display = ["title_en", "title_hi", "area", "department", "level", "role", "code", "is_active"]
    list_display_links = ["title_en", "title_hi"]
    list_filter = ["role", "level", "is_active", ("department", admin.RelatedOnlyFieldListFilter)]
    list_select_related = ["area", "department"]
    ordering = ["id"]
    search_fields = ["code", "title_en", "title_hi", "area__name_en", "area__name_hi"]
    autocomplete_fields = ["department", "area"]
    fields = ["code", "title_en", "title_hi", "role", "level", "department", "area", "line", "is_active"]

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        """The line is chosen from a list: mistyped, the post would see nothing at all."""
        if db_field.name == "line":
            choices = [("", "–"), *Category.Line.choices]
            return forms.ChoiceField(
                label=capfirst(db_field.verbose_name), choices=choices, required=False, widget=UnfoldAdminSelectWidget
            )
        return super().formfield_for_dbfield(db_field, request, **kwargs)

    def get_queryset(self, request):
        """With the place, which is part of a post's name wherever one is chosen."""
        return super().get_queryset(request).select_related(*self.list_select_related)


class InForceFilter(admin.SimpleListFilter):
    title = _("in force")
    parameter_name = "in_force"

    def lookups(self, request, model_admin):
        return [("now", _("Now")), ("past", _("Ended")), ("future", _("Not yet"))]

    def queryset(self, request, queryset):
        today = timezone.localdate()
        rules = {
            "now": Q(starts_on__lte=today) & (Q(ends_on=None) | Q(ends_on__gte=today)),
            "past": Q(ends_on__lt=today),
            "future": Q(starts_on__gt=today),
        }
        return queryset.filter(rules[self.value()]) if self.value() in rules else queryset


@admin.register(Posting)
class PostingAdmin(ConfigurationAdmin):
    list_display = ["officer", "post", "department", "level", "starts_on", "ends_on"]
    list_filter = [InForceFilter, "post__level", "post__role"]
    list_select_related = ["officer", "post__area", "post__department"]
    ordering = ["-id"]
    search_fields = ["officer__username", "officer__name", "officer__name_hi", "post__code", "post__title_en"]
    autocomplete_fields = ["officer", "post"]
    fields = ["officer", "post", "starts_on", "ends_on"]

    def get_queryset(self, request):
        """With what a posting's name is made of, wherever one is chosen."""
        return super().get_queryset(request).select_related(*self.list_select_related)

    @admin.display(description=_("department"), ordering="post__department__name_en")
    def department(self, posting):
        return posting.post.department or "–"

    @admin.display(description=_("level"), ordering="post__level")
    def level(self, posting):
        return posting.post.level or "–"


@admin.register(Absence)
class AbsenceAdmin(ConfigurationAdmin):
    list_display = ["posting", "starts_on", "ends_on", "stand_in"]
    list_filter = [InForceFilter]
    list_select_related = ["posting__officer", "posting__post__area", "stand_in__officer", "stand_in__post__area"]
    ordering = ["-id"]
    search_fields = ["posting__officer__username", "posting__officer__name", "posting__post__code"]
    autocomplete_fields = ["posting", "stand_in"]
    fields = ["posting", "starts_on", "ends_on", "stand_in"]
    deletable = True

    def get_queryset(self, request):
        return super().get_queryset(request).select_related(*self.list_select_related)
