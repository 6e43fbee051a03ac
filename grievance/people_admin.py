"""The administration's pages of people, groups of rights and API tokens. Citizens can be looked at, never changed."""

import uuid

from django import forms
from django.contrib import admin, messages
from django.contrib.auth.admin import GroupAdmin as DjangoGroupAdmin
from django.contrib.auth.admin import UserAdmin as DjangoUserAdmin
from django.contrib.auth.forms import AdminPasswordChangeForm, BaseUserCreationForm
from django.contrib.auth.models import Permission
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import Q
from django.template.response import TemplateResponse
from django.urls import reverse
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext
from phonenumber_field.phonenumber import to_python as to_phone

from citizens import staff
from citizens.models import ApiToken, User
from departments.admin.base import (
    ConfigurationAdmin,
    UnfoldAdminCheckboxSelectMultipleWidget,
    UnfoldAdminSelectWidget,
    UnfoldAdminTextInputWidget,
)
from departments.history import masked

from . import officer_import_admin
from .posting_admin import HandsOver, tell_of_handover

OWN_APPS = ("departments", "citizens", "channels", "grievance", "auth", "admin")
KEYS_REMEMBERED = 30


class KindFilter(admin.SimpleListFilter):
    """Staff, unless one asks for others: among millions of citizens nobody is found by leafing."""

    title = _("kind")
    parameter_name = "kind"

    def lookups(self, request, model_admin):
        return User.Kind.choices

    def value(self):
        value = super().value()
        return value if value in User.Kind.values else User.Kind.STAFF.value

    def choices(self, changelist):
        for value, title in self.lookup_choices:
            query = changelist.get_query_string({self.parameter_name: value})
            yield {"selected": self.value() == value, "query_string": query, "display": title}

    def queryset(self, request, queryset):
        return queryset.filter(kind=self.value())


class PersonForm(forms.ModelForm):
    """An account of staff or of a program."""

    class Meta:
        model = User
        fields = ["kind", "username", "name", "name_hi", "phone", "email", "language", "is_active", "is_staff",
                  "is_superuser", "groups"]  # fmt: skip

    def clean_username(self):
        username = self.cleaned_data["username"].strip()
        staff.check_username(username, self.instance.pk)
        return username


class NewPersonForm(PersonForm, BaseUserCreationForm):
    """With a first password; without one nobody can sign in with the account yet."""

    kind = forms.ChoiceField(
        label=_("Kind"),
        choices=[(kind.value, kind.label) for kind in (User.Kind.STAFF, User.Kind.CLIENT)],
        widget=UnfoldAdminSelectWidget,
    )

    class Meta(PersonForm.Meta):
        fields = ["kind", "username", "name", "name_hi", "phone", "email", "language"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        for name in ("password1", "password2"):
            self.fields[name].required = False
            self.fields[name].widget.attrs["class"] = UnfoldAdminTextInputWidget().attrs["class"]

    def save(self, commit=True):
        person = super().save(commit=False)
        if not self.cleaned_data.get("password1"):
            person.set_unusable_password()
        if commit:
            person.save()
        return person


@admin.register(User)
class PersonAdmin(HandsOver, DjangoUserAdmin, ConfigurationAdmin):
    form = PersonForm
    add_form = NewPersonForm
    change_password_form = AdminPasswordChangeForm
    show_log = True
    list_before_template = "admin/parts/import_link.html"
    list_display = ["username", "name", "name_hi", "masked_phone", "is_active", "is_staff", "last_login"]
    list_filter = [KindFilter, "is_active", "is_staff"]
    search_fields = ["username"]
    search_help_text = _("Name or username; a citizen by the whole phone number")
    ordering = ["username"]
    # Rights come by groups alone, so that one can see who may do what; boxes also work without JavaScript.
    filter_horizontal = []
    actions = ["let_in", "shut_out", "forget_second_factor"]
    readonly_fields = ["kind", "masked_phone", "password_state", "last_login", "date_joined"]
    fieldsets = [
        (None, {"fields": ["kind", "username", "name", "name_hi", "phone", "email", "language", "is_active"]}),
        (_("Signing in"), {"fields": ["password_state", "last_login", "date_joined"]}),
        (_("Rights in the administration"), {"fields": ["is_staff", "is_superuser", "groups"]}),
    ]
    add_fieldsets = [
        (None, {"fields": ["kind", "username", "name", "name_hi", "phone", "email", "language"]}),
        (_("First password"), {"fields": ["password1", "password2"]}),
    ]
    citizen_fieldsets = [(None, {"fields": ["kind", "name", "masked_phone", "language", "is_active", "date_joined"]})]

    def get_urls(self):
        return [*officer_import_admin.urls(self.admin_site), *super().get_urls()]

    @admin.display(description=_("phone"))
    def masked_phone(self, person) -> str:
        return masked(str(person.phone or ""))

    @admin.display(description=_("password"))
    def password_state(self, person):
        state = _("Set") if person.has_usable_password() else _("None yet: nobody can sign in with this account")
        address = reverse("admin:auth_user_password_change", args=[person.pk])
        return format_html('{} · <a class="seva-admin-link" href="{}">{}</a>', state, address, _("Set a new password"))

    def get_fieldsets(self, request, obj=None):
        return self.citizen_fieldsets if obj is not None and obj.is_citizen else super().get_fieldsets(request, obj)

    def get_readonly_fields(self, request, obj=None):
        """Rights are given by those who have all of them; nobody shuts out themselves."""
        if obj is None:
            return []
        fixed = list(super().get_readonly_fields(request, obj))
        if not request.user.is_superuser:
            fixed += ["is_staff", "is_superuser", "groups"]
        return [*fixed, "is_active", "is_superuser", "is_staff"] if obj.pk == request.user.pk else fixed

    def has_change_permission(self, request, obj=None) -> bool:
        return super().has_change_permission(request, obj) and staff.may_manage(request.user, obj)

    def user_change_password(self, request, id, form_url=""):  # noqa: A002 - Django's name
        """Not for accounts one may not manage, nor for citizens and programs, which have no password."""
        person = self.get_object(request, id)
        if person is not None and person.kind != User.Kind.STAFF:
            raise PermissionDenied
        return super().user_change_password(request, id, form_url)

    def formfield_for_dbfield(self, db_field, request, **kwargs):
        field = super().formfield_for_dbfield(db_field, request, **kwargs)
        if db_field.name == "phone":
            field.widget.attrs["class"] = UnfoldAdminTextInputWidget().attrs["class"]
        return field

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super().formfield_for_manytomany(
            db_field, request, **kwargs, widget=UnfoldAdminCheckboxSelectMultipleWidget, help_text=""
        )

    def get_search_results(self, request, queryset, search_term):
        """Staff by any part of a name; a citizen only by the whole phone number, so that nobody is browsed."""
        term = " ".join(search_term.split())[:80]
        if request.path.endswith("/autocomplete/"):
            kinds = [User.Kind.STAFF, *([] if request.GET.get("field_name") == "officer" else [User.Kind.CLIENT])]
            queryset = queryset.filter(kind__in=kinds, is_active=True)
        if not term:
            return queryset, False
        words = Q()
        for word in term.split()[:5]:
            words &= Q(username__icontains=word) | Q(name__icontains=word) | Q(name_hi__contains=word)
        wanted = ~Q(kind=User.Kind.CITIZEN) & words
        phone = to_phone(term)
        if phone and phone.is_valid():
            wanted |= Q(phone=phone)
        return queryset.filter(wanted), False

    @admin.action(description=_("Let in again"), permissions=["change"])
    def let_in(self, request, queryset):
        self._tell(request, staff.switch(queryset, request.user, active=True))

    @admin.action(description=_("Shut out"), permissions=["change"])
    def shut_out(self, request, queryset):
        self._tell(request, staff.switch(queryset, request.user, active=False))
        tell_of_handover(self, request)

    @admin.action(description=_("Forget the second factor (phone lost)"), permissions=["change"])
    def forget_second_factor(self, request, queryset):
        people = list(queryset)
        count = staff.forget_second_factor(people, request.user)
        for person in people:
            self.log_change(request, person, str(_("Second factor forgotten")))
        self._tell(request, count)

    def _tell(self, request, count: int) -> None:
        text = ngettext("%(count)s account was changed.", "%(count)s accounts were changed.", count) % {"count": count}
        self.message_user(request, text, messages.SUCCESS if count else messages.INFO)


class GroupAdmin(DjangoGroupAdmin, ConfigurationAdmin):
    """Which pages of the administration a group of people may use."""

    deletable = True
    filter_horizontal = []

    def formfield_for_manytomany(self, db_field, request=None, **kwargs):
        return super(DjangoGroupAdmin, self).formfield_for_manytomany(
            db_field, request, **kwargs, queryset=_own_permissions(), widget=UnfoldAdminCheckboxSelectMultipleWidget,
            help_text="", form_class=RightsField,
        )  # fmt: skip

    def has_module_permission(self, request) -> bool:
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_module_permission
    has_change_permission = has_delete_permission = has_view_permission


class RightsField(forms.ModelMultipleChoiceField):
    """Rights in the reader's language: Django keeps their names in English."""

    VERBS = {"add": _("add"), "change": _("change"), "delete": _("delete"), "view": _("look at")}

    def label_from_instance(self, permission) -> str:
        verb = permission.codename.split("_", 1)[0]
        return f"{permission.content_type.name}: {self.VERBS.get(verb, permission.name)}"


def _own_permissions():
    """Rights over what has a page here; versions and inner tables have none."""
    models = [model._meta.model_name for model in admin.site._registry]
    own = Permission.objects.filter(content_type__app_label__in=OWN_APPS, content_type__model__in=models)
    return own.select_related("content_type").order_by("content_type__app_label", "content_type__model", "codename")


class TokenForm(forms.ModelForm):
    """`key` makes a repeated sending harmless: a token is issued once for one opening of the form."""

    key = forms.UUIDField(widget=forms.HiddenInput, initial=uuid.uuid4)

    class Meta:
        model = ApiToken
        fields = ["user", "label"]

    def clean_user(self):
        person = self.cleaned_data["user"]
        if person.is_citizen or not person.is_active:
            raise ValidationError(_("Choose an active member of staff or a program."))
        return person

    def clean_key(self):
        key = str(self.cleaned_data["key"])
        if key in self.used_keys:
            raise ValidationError(_("This token was issued already and is shown only once. Open the page anew."))
        return key


@admin.register(ApiToken)
class ApiTokenAdmin(ConfigurationAdmin):
    """Tokens are made, shown once, and taken back; what they are is not kept."""

    form = TokenForm
    list_display = ["label", "user", "created_at"]
    list_display_links = ["label", "user"]
    list_select_related = ["user"]
    search_fields = ["label", "user__username"]
    autocomplete_fields = ["user"]
    ordering = ["-id"]
    fieldsets = [(None, {"fields": ["user", "label", "key"]})]
    deletable = True
    SESSION = "issued_tokens"

    def has_module_permission(self, request) -> bool:
        """A token acts as its person, so only who has all rights hands one out."""
        return request.user.is_superuser

    def has_view_permission(self, request, obj=None) -> bool:
        return request.user.is_superuser

    has_add_permission = has_module_permission
    has_delete_permission = has_view_permission

    def has_change_permission(self, request, obj=None) -> bool:
        return False

    def get_fieldsets(self, request, obj=None):
        return [(None, {"fields": ["user", "label", "created_at"]})] if obj else super().get_fieldsets(request, obj)

    def get_form(self, request, obj=None, **kwargs):
        form = super().get_form(request, obj, **kwargs)
        form.used_keys = request.session.get(self.SESSION, [])
        return form

    def save_model(self, request, obj, form, change):
        """Issues the token; its text lives only until the page that shows it is sent."""
        request.issued_token = ApiToken.objects.issue(obj.user, label=obj.label)
        obj.pk = ApiToken.objects.get(key_hash=ApiToken.hash_of(request.issued_token)).pk
        used = [*request.session.get(self.SESSION, []), form.cleaned_data["key"]]
        request.session[self.SESSION] = used[-KEYS_REMEMBERED:]

    def response_add(self, request, obj, post_url_continue=None):
        context = {
            **self.admin_site.each_context(request),
            "title": _("The new token"),
            "opts": self.opts,
            "token": request.issued_token,
            "person": obj.user,
        }
        return TemplateResponse(request, "admin/token_issued.html", context, headers={"Cache-Control": "no-store"})
