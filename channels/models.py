"""Message templates, deliveries with a final state a person can see, and what the demo gateway kept."""

import pghistory
from django.conf import settings
from django.core.validators import MaxValueValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grievance.models import Complaint, Event

from .message_events import event_name


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
        medium = f"{self.get_channel_display()}, {self.get_language_display()}"
        return f"{event_name(self.event)} → {self.get_audience_display()} ({medium})"


class Delivery(models.Model):
    """One message to one person: made by a reader in the transaction of its event, sent by workers by lease."""

    class State(models.TextChoices):
        QUEUED = "queued", _("Waiting")
        SENT = "sent", _("Sent")
        FAILED = "failed", _("Given up")

    class Held(models.TextChoices):
        """Why one that could be sent waits for a better hour."""

        QUIET = "quiet", _("until the quiet hours are over")
        CAP = "cap", _("until tomorrow: the day's number is reached")

    event = models.ForeignKey(Event, models.PROTECT, related_name="deliveries", null=True)
    complaint = models.ForeignKey(
        Complaint, models.PROTECT, related_name="+", null=True, db_index=False, db_constraint=False,
        verbose_name=_("complaint"),
        # Without the database's own check: that would lock the complaint against whoever works on it, and the
        # event's key holds the same.
        help_text="Messages to one person about one complaint leave in the order in which they were made.",
    )  # fmt: skip
    urgent = models.BooleanField(_("urgent"), default=False, help_text="Knows neither quiet hours nor a day's number.")
    recipient = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    template = models.CharField(_("event"), max_length=40)
    audience = models.CharField(_("to"), max_length=10, choices=Audience.choices)
    channel = models.CharField(_("medium"), max_length=10, choices=Medium.choices)
    language = models.CharField(_("language"), max_length=2)
    address = models.CharField(_("address"), max_length=120)
    subject = models.CharField(_("subject"), max_length=200, blank=True)
    body = models.TextField(_("text"))
    dlt_id = models.CharField(max_length=40, blank=True)
    key = models.CharField(max_length=120, help_text="Makes the second making of a message harmless.")
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.QUEUED)
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    available_at = models.DateTimeField(_("not before"))
    held = models.CharField(_("held back"), max_length=5, choices=Held.choices, blank=True)
    locked_until = models.DateTimeField(null=True)
    locked_by = models.UUIDField(null=True)
    created_at = models.DateTimeField(
        _("made"), help_text="When what it tells of happened; it lies in this month's table."
    )
    sent_at = models.DateTimeField(_("sent"), null=True)
    last_error = models.CharField(_("last error"), max_length=200, blank=True)

    class Meta:
        verbose_name = _("delivery")
        verbose_name_plural = _("deliveries")
        ordering = ["-id"]
        # The table is divided by months (`channels.partitions`), and what is unique must name what divides it. The
        # same event made twice has the same moment.
        constraints = [models.UniqueConstraint(fields=["key", "created_at"], name="message_made_once")]
        indexes = [
            models.Index(
                fields=["channel", "available_at", "id"], name="waiting_by_channel", condition=Q(state="queued")
            ),
            models.Index(
                fields=["complaint", "recipient", "id"], name="waiting_in_order", condition=Q(state="queued")
            ),
            models.Index(fields=["recipient", "sent_at"], name="sent_to_person"),
            models.Index(fields=["state", "-id"]),
            # The administration's list of one medium's messages: of a rare one, too, without reading all.
            models.Index(fields=["channel", "-id"]),
        ]

    def __str__(self):
        return f"{event_name(self.template)} {self.pk}"


class KeptMessage(models.Model):
    """What the demo's gateway was given to send; `manage.py outbox` prints it. Only the demo writes here."""

    channel = models.CharField(max_length=10)
    address = models.CharField(max_length=120, db_index=True)
    subject = models.CharField(max_length=200, blank=True)
    body = models.TextField()
    # Empty for a one-time password; else one that came again after a crash is kept once.
    key = models.CharField(max_length=120, blank=True)
    at = models.DateTimeField(auto_now_add=True)

    class Meta:
        verbose_name = _("kept message")
        verbose_name_plural = _("kept messages")
        ordering = ["id"]
        constraints = [models.UniqueConstraint(fields=["key"], name="kept_once", condition=~Q(key=""))]

    def __str__(self):
        return f"{self.channel} {self.pk}"


class DeliverySwitch(models.Model):
    """The one switch over all sending. Frozen after a restore, until an administrator releases it."""

    ONLY = 1

    id = models.PositiveSmallIntegerField(primary_key=True, default=ONLY)
    frozen_at = models.DateTimeField(_("frozen"), null=True)
    reason = models.CharField(_("reason"), max_length=200, blank=True)
    released_at = models.DateTimeField(_("released"), null=True)
    released_by = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+", verbose_name=_("released by")
    )

    class Meta:
        verbose_name = _("switch over sending")
        verbose_name_plural = _("switch over sending")
        constraints = [models.CheckConstraint(name="one_switch", condition=Q(id=1))]

    def __str__(self):
        return str(_("all sending stands still") if self.frozen_at else _("messages are sent"))


class DigestRun(models.Model):
    """A day or week whose digests or scheduled reports were made: whoever comes second finds it done."""

    period = models.CharField(max_length=20, unique=True)
    made_at = models.DateTimeField()

    class Meta:
        verbose_name = _("run of digests")
        verbose_name_plural = _("runs of digests")

    def __str__(self):
        return self.period


@pghistory.track()
class ReportSchedule(models.Model):
    """Which board goes by e-mail to those whom it is about, how often, from which hour on, in which language."""

    class Report(models.TextChoices):
        STATE = "state", _("Chief Minister's board, to the Chief Minister's office")
        DEPARTMENT = "department", _("Each department's board, to its head")

    class Every(models.TextChoices):
        DAY = "day", _("Every working day")
        WEEK = "week", _("Every week")

    class Weekday(models.IntegerChoices):
        MONDAY = 1, _("Monday")
        TUESDAY = 2, _("Tuesday")
        WEDNESDAY = 3, _("Wednesday")
        THURSDAY = 4, _("Thursday")
        FRIDAY = 5, _("Friday")
        SATURDAY = 6, _("Saturday")

    report = models.CharField(_("report"), max_length=10, choices=Report.choices)
    every = models.CharField(_("how often"), max_length=4, choices=Every.choices)
    weekday = models.PositiveSmallIntegerField(
        _("day of the week"), choices=Weekday.choices, default=Weekday.MONDAY,
        help_text=_("Of what is sent every week. On a holiday it goes on the next working day."),
    )  # fmt: skip
    hour = models.PositiveSmallIntegerField(
        _("from this hour on"), default=9, validators=[MaxValueValidator(23)],
        help_text=_("0 to 23. What is switched on later in the day, or in the week, goes at once."),
    )  # fmt: skip
    language = models.CharField(
        _("language"), max_length=2, blank=True, default="",
        choices=[("", _("The reader's own")), ("hi", "हिन्दी"), ("en", "English")],
    )  # fmt: skip
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("report by e-mail")
        verbose_name_plural = _("reports by e-mail")
        ordering = ["report", "every", "id"]

    def __str__(self):
        return f"{self.get_report_display()} ({self.get_every_display()})"
