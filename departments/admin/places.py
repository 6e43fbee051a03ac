"""Areas and PIN codes."""

from django.contrib import admin
from django.db.models import Q
from django.db.models.functions import Lower
from django.utils.translation import gettext_lazy as _

from departments.models import Area, PinCode

from .base import ConfigurationAdmin


@admin.register(Area)
class AreaAdmin(ConfigurationAdmin):
    list_display = ["name_en", "name_hi", "kind", "parent", "code", "is_active"]
    list_display_links = ["name_en", "name_hi"]
    list_filter = ["kind", "is_active"]
    list_select_related = ["parent"]
    search_fields = ["name_en"]
    search_help_text = _("Name in either language, or the code")
    autocomplete_fields = ["parent"]
    readonly_fields = ["place"]
    fields = ["place", "code", "kind", "name_en", "name_hi", "parent", "latitude", "longitude", "is_active"]

    @admin.display(description=_("where it lies"))
    def place(self, area):
        """The whole way from the state down."""
        return " › ".join(str(above) for above in Area.objects.containing(area)) if area.path else "–"

    def get_search_results(self, request, queryset, search_term):
        """Both names by their trigram indexes, and the code."""
        for word in search_term.split()[:6]:
            named = queryset.annotate(lower_en=Lower("name_en"))
            queryset = named.filter(Q(lower_en__contains=word.lower()) | Q(name_hi__contains=word) | Q(code=word))
        return queryset, False


@admin.register(PinCode)
class PinCodeAdmin(ConfigurationAdmin):
    list_display = ["pincode", "office", "area"]
    list_select_related = ["area"]
    search_fields = ["pincode__startswith", "office__istartswith"]
    autocomplete_fields = ["area"]
    ordering = ["pincode", "id"]
    deletable = True
