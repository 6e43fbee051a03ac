"""The administration's pages of message templates and deliveries."""

from django import forms
from django.contrib import admin, messages
from django.core.exceptions import ValidationError
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from django.utils.translation import ngettext

from departments.admin.base import ConfigurationAdmin, ReadOnlyAdmin, UnfoldAdminSelectWidget
from departments.history import masked

from . import deliveries, template_check
from .message_events import EVENT_NAMES, event_name
from .models import Delivery, DeliverySwitch, Medium, MessageTemplate, ReportSchedule


class MessageTemplateForm(forms.ModelForm):
    """Asks `template_check` about each text and puts its answer beside the field."""

    class Meta:
        model = MessageTemplate
        fields = ["event", "audience", "channel", "language", "subject", "body", "dlt_id", "is_active"]

    def __init__(self, *args, **kwargs):
        super().__init__(*args, **kwargs)
        names = {self.instance.event: event_name(self.instance.event)} | EVENT_NAMES
        # Whoever may only look has no field to fill in.
        if "event" in self.fields:
            self.fields["event"].widget = UnfoldAdminSelectWidget(choices=[*names.items()])

    def clean(self):
        cleaned = super().clean()
        event, audience = cleaned.get("event", ""), cleaned.get("audience", "")
        if event and audience and {"event", "audience"} & set(self.changed_data):
            self._say("event", template_check.check_event, event, audience)
        for name in ("subject", "body"):
            if cleaned.get(name):
                self._say(name, template_check.check_text, cleaned[name], event, audience)
        if cleaned.get("channel") == Medium.EMAIL and "subject" in cleaned and not cleaned["subject"]:
            self.add_error("subject", _("An e-mail needs a subject."))
        return cleaned

    def _say(self, field: str, check, *arguments) -> None:
        try:
            check(*arguments)
        except ValidationError as error:
            self.add_error(field, error)


@admin.register(MessageTemplate)
class MessageTemplateAdmin(ConfigurationAdmin):
    form = MessageTemplateForm
    list_display = ["event_name", "audience", "channel", "language", "beginning", "is_active"]
    list_filter = ["audience", "channel", "language", "is_active"]
    search_fields = ["event", "body"]
    readonly_fields = ["preview", "can_be_filled_in"]
    fieldsets = [
        (None, {"fields": ["event", "audience", "channel", "language", "is_active"]}),
        (_("What is said"), {"fields": ["can_be_filled_in", "subject", "body", "preview", "dlt_id"]}),
    ]

    def get_search_results(self, request, queryset, search_term):
        """Also by what the event is called, which is not what is stored."""
        found, repeats = super().get_search_results(request, queryset, search_term)
        term = search_term.strip().casefold()
        named = [event for event, name in EVENT_NAMES.items() if term and term in str(name).casefold()]
        return found | queryset.filter(event__in=named) if named else found, repeats

    @admin.display(description=_("event"), ordering="event")
    def event_name(self, template) -> str:
        return event_name(template.event)

    @admin.display(description=_("text"))
    def beginning(self, template) -> str:
        return template.body[:80] + ("…" if len(template.body) > 80 else "")

    @admin.display(description=_("can be filled in"))
    def can_be_filled_in(self, _template) -> str:
        return ", ".join(f"{{{{ {name} }}}}" for name in template_check.SAMPLES)

    @admin.display(description=_("as it is received"))
    def preview(self, template):
        """The saved text with made-up values."""
        if not template.pk:
            return "–"
        text = "\n\n".join(filter(None, [template.subject, template.body]))
        try:
            return format_html(
                '<div class="seva-admin-message" lang="{}">{}</div>', template.language,
                template_check.sample(text, template.language),
            )  # fmt: skip
        except Exception as error:  # noqa: BLE001 - an old text that cannot be filled in is shown as such
            return f"⚠ {error}"


class HeldFilter(admin.ChoicesFieldListFilter):
    """What is held back now; only what waits can be, and of that there is an index."""

    def queryset(self, request, queryset):
        found = super().queryset(request, queryset)
        return found.filter(state=Delivery.State.QUEUED) if self.used_parameters else found


@admin.register(Delivery)
class DeliveryAdmin(ReadOnlyAdmin):
    """How messages fared. Their text stays closed: it holds links that judge a complaint, and what it is about."""

    list_display = ["id", "event_name", "audience", "channel", "to", "state", "held", "attempts", "created_at",
                    "sent_at", "last_error"]  # fmt: skip
    list_filter = ["state", ("held", HeldFilter), "channel"]
    ordering = ["-id"]
    actions = ["retry"]
    fields = ["event_name", "audience", "channel", "language", "to", "urgent", "state", "held", "attempts",
              "available_at", "created_at", "sent_at", "last_error", "dlt"]  # fmt: skip
    readonly_fields = fields

    def get_queryset(self, request):
        """Without the texts."""
        return super().get_queryset(request).defer("body", "subject")

    @admin.display(description=_("event"), ordering="template")
    def event_name(self, delivery) -> str:
        return event_name(delivery.template)

    @admin.display(description=_("address"))
    def to(self, delivery) -> str:
        return masked(delivery.address)

    @admin.display(description=_("DLT template id"))
    def dlt(self, delivery) -> str:
        return delivery.dlt_id

    def has_retry_permission(self, request) -> bool:
        return request.user.has_perm("channels.change_delivery")

    @admin.action(description=_("Try again what was given up"), permissions=["retry"])
    def retry(self, request, queryset):
        count = deliveries.retry(queryset)
        text = ngettext("%(count)s message waits to be sent again.", "%(count)s messages wait to be sent again.", count)
        self.message_user(request, text % {"count": count}, messages.SUCCESS if count else messages.INFO)


@admin.register(DeliverySwitch)
class DeliverySwitchAdmin(ReadOnlyAdmin):
    """Whether messages are sent. After a restored backup they stand still until someone here decides."""

    list_display = ["__str__", "frozen_at", "reason", "released_at", "released_by"]
    list_select_related = ["released_by"]
    fields = ["frozen_at", "reason", "released_at", "released_by"]
    readonly_fields = fields
    actions = ["freeze", "release", "release_without_the_old"]

    def changelist_view(self, request, extra_context=None):
        DeliverySwitch.objects.get_or_create(pk=DeliverySwitch.ONLY)
        return super().changelist_view(request, extra_context)

    def has_switch_permission(self, request) -> bool:
        return request.user.has_perm("channels.change_deliveryswitch")

    @admin.action(description=_("Freeze: send nothing"), permissions=["switch"])
    def freeze(self, request, queryset):
        deliveries.freeze(str(_("by an administrator")))
        self.message_user(request, _("No message is sent until it is released."), messages.WARNING)

    @admin.action(description=_("Release, and send what waited"), permissions=["switch"])
    def release(self, request, queryset):
        count = deliveries.release(request.user)
        text = ngettext("Released: %(count)s message that waited is sent.",
                        "Released: %(count)s messages that waited are sent.", count)  # fmt: skip
        self.message_user(request, text % {"count": count}, messages.SUCCESS)

    @admin.action(description=_("Release, and give up what waited (it may have been sent before the restore)"),
                  permissions=["switch"])  # fmt: skip
    def release_without_the_old(self, request, queryset):
        count = deliveries.release(request.user, give_up=True)
        text = ngettext("Released: %(count)s message that waited was given up.",
                        "Released: %(count)s messages that waited were given up.", count)  # fmt: skip
        self.message_user(request, text % {"count": count}, messages.SUCCESS)


@admin.register(ReportSchedule)
class ReportScheduleAdmin(ConfigurationAdmin):
    """Which boards go out by e-mail; one is switched off by “in use”."""

    list_display = ["report", "every", "weekday", "hour", "language", "is_active"]
    list_filter = ["is_active"]
    fields = ["report", "every", "weekday", "hour", "language", "is_active"]
