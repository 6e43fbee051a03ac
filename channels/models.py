"""Message templates, deliveries with a final state a person can see, and what the demo gateway kept."""

import pghistory
from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grievance.models import Event


class Medium(models.TextChoices):
    SMS = "sms", _("SMS")
    EMAIL = "email", _("E-mail")


class Audience(models.TextChoices):
    CITIZEN = "citizen", _("Citizen")
    OFFICER = "officer", _("Officer")


@pghistory.track()
class MessageTemplate(models.Model):
    """What is said when something happens, to whom, by which medium, in which language."""

    event = models.SlugField(_("event"), max_length=40)
    audience = models.CharField(_("to"), max_length=10, choices=Audience.choices)
    channel = models.CharField(_("medium"), max_length=10, choices=Medium.choices)
    language = models.CharField(_("language"), max_length=2, choices=[("hi", "हिन्दी"), ("en", "English")])
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"))
    dlt_id = models.CharField(_("DLT template id"), max_length=40, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("message template")
        verbose_name_plural = _("message templates")
        ordering = ["event", "audience", "channel", "language"]
        constraints = [
            models.UniqueConstraint(fields=["event", "audience", "channel", "language"], name="message_template_once")
        ]

    def __str__(self):
        return f"{self.event} → {self.audience} ({self.channel}, {self.language})"


class Delivery(models.Model):
    """One message to one person: made by a reader in the transaction of its event, sent by workers by lease."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries", null=True)
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    template = models.CharField(_("event"), max_length=40)
    audience = models.CharField(_("to"), max_length=10, choices=Audience.choices)
    channel = models.CharField(_("medium"), max_length=10, choices=Medium.choices)
    language = models.CharField(_("language"), max_length=2)
    address = models.CharField(_("address"), max_length=120)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"))
    dlt_id = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=120, unique=True, help_text="Makes the second making of a message harmless.")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    available_at = models.DateTimeField(_("not before"))
    locked_until = models.DateTimeField(null=True)
    locked_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(_("made"))
    sent_at = models.DateTimeField(_("sent"), null=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["available_at", "id"], name="delivery_waiting", condition=Q(state="queued")),
            models.Index(fields=["recipient", "-id"]),
            models.Index(fields=["state", "-id"]),
        ]

    def __str__(self):
        return f"{self.template} {self.pk}"


class KeptMessage(models.Model):
    """What the demo's gateway was given to send; `manage.py outbox` prints it. Only the demo writes here."""

    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=120, db_index=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    key = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("kept message")
        verbose_name_plural = _("kept messages")
        ordering = ["id"]

    def __str__(self):
        return f"{self.channel} {self.pk}"


class DigestRun(models.Model):
    """A day or week whose digests were made: whoever comes second finds it done."""

    period = models.CharField(max_length=20, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("run of digests")
        verbose_name_plural = _("runs of digests")

    def __str__(self):
        return self.period
