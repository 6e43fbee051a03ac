"""Holidays and deadlines."""

from django.contrib import admin
from django.utils import timezone
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from departments import calendars
from departments.models import Area, DeadlinePolicy, Holiday

from .base import ConfigurationAdmin, tell_of


class YearFilter(admin.SimpleListFilter):
    title = _("year")
    parameter_name = "year"

    def lookups(self, request, model_admin):
        this_year = timezone.localdate().year
        return [(str(year), str(year)) for year in range(this_year + 1, this_year - 4, -1)]

    def queryset(self, request, queryset):
        value = self.value() or ""
        is_year = value.isascii() and value.isdigit() and len(value) == 4
        return queryset.filter(date__year=int(value)) if is_year else queryset


@admin.register(Holiday)
class HolidayAdmin(ConfigurationAdmin):
    list_display = ["date", "name_en", "name_hi", "kind", "district"]
    list_display_links = ["date", "name_en", "name_hi"]
    list_filter = [YearFilter, "kind"]
    list_select_related = ["district"]
    search_fields = ["name_en", "name_hi"]
    fields = ["date", "name_en", "name_hi", "kind", "district"]
    deletable = True
    list_before_template = "admin/parts/calendar_waits.html"

    def save_model(self, request, obj, form, change):
        super().save_model(request, obj, form, change)
        self._tell_that_it_waits(request)

    def delete_model(self, request, obj):
        super().delete_model(request, obj)
        self._tell_that_it_waits(request)

    def _tell_that_it_waits(self, request) -> None:
        if calendars.draft().digest == calendars.newest().digest:
            return
        text = _("It counts in no deadline yet: the calendar is put in force when you have seen what it moves.")
        tell_of(request, text, "admin:calendar_preview", _("See what it moves"))

    def has_delete_permission(self, request, obj=None) -> bool:
        """What has passed has already counted in deadlines."""
        return super().has_delete_permission(request, obj) and (obj is None or obj.date > timezone.localdate())

    def formfield_for_foreignkey(self, db_field, request, **kwargs):
        if db_field.name == "district":
            kwargs["queryset"] = Area.objects.filter(kind=Area.Kind.DISTRICT)
        return super().formfield_for_foreignkey(db_field, request, **kwargs)


@admin.register(DeadlinePolicy)
class DeadlinePolicyAdmin(ConfigurationAdmin):
    list_display = ["whose", "level", "time"]
    list_filter = ["level"]
    list_select_related = ["category", "department"]
    ordering = ["level", "id"]
    search_fields = ["category__name_en", "category__name_hi", "department__name_en", "department__name_hi"]
    autocomplete_fields = ["category", "department"]
    readonly_fields = ["time"]
    fields = ["category", "department", "level", "minutes", "time"]
    deletable = True

    @admin.display(description=_("for"))
    def whose(self, policy):
        return policy.category or policy.department or _("The whole state")

    @admin.display(description=_("time"), ordering="minutes")
    def time(self, policy) -> str:
        """Minutes as people say them."""
        if policy.minutes is None:
            return "–"
        if policy.category and policy.category.emergency:
            hours, minutes = divmod(policy.minutes, 60)
            return _("%(hours)s h %(minutes)s min, round the clock") % {"hours": hours, "minutes": minutes}
        days, minutes = divmod(policy.minutes, calendars.in_force().day_minutes)
        words = ngettext("%(count)s working day", "%(count)s working days", days) % {"count": days}
        return words if not minutes else f"{words} {minutes // 60}:{minutes % 60:02d}"
