"""A list of complaints as a file: who asked for which list, and what became of it."""

import uuid

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _


class Export(models.Model):
    """One request for a list as a file. The row stays when the file is gone: it says who took what out."""

    class Format(models.TextChoices):
        CSV = "csv", "CSV"
        XLSX = "xlsx", "Excel"

    class List(models.TextChoices):
        INBOX = "inbox", _("Inbox")
        SEARCH = "search", _("Search")
        CALL_BACKS = "call_backs", _("Citizens to call back")

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        WORKING = "working", _("Being written")
        READY = "ready", _("Ready")
        GIVEN = "given", _("Given at once")
        FAILED = "failed", _("Failed")
        GONE = "gone", _("Expired")

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    owner = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="exports")
    postings = models.JSONField(default=list, help_text="The owner's postings then: with others it is not handed out.")
    of = models.CharField(_("list"), max_length=10, choices=List.choices, default=List.INBOX)
    format = models.CharField(_("format"), max_length=4, choices=Format.choices)
    language = models.CharField(max_length=2)
    query = models.TextField(
        _("filters"), blank=True,
        help_text="What was searched for may be a phone number: it stands here only until the list is written.",
    )  # fmt: skip
    state = models.CharField(_("state"), max_length=8, choices=State.choices, default=State.WAITING)
    total = models.PositiveIntegerField(_("complaints"), default=0)
    rows = models.PositiveIntegerField(_("written"), default=0)
    attempts = models.PositiveSmallIntegerField(default=0)
    lease = models.UUIDField(null=True)
    leased_until = models.DateTimeField(null=True)
    file = models.FileField(upload_to="exports/", blank=True)
    asked_at = models.DateTimeField(_("asked for"), auto_now_add=True)
    expires_at = models.DateTimeField(_("kept until"), null=True)

    class Meta:
        verbose_name = _("list as a file")
        verbose_name_plural = _("lists as files")
        ordering = ["-id"]
        indexes = [
            models.Index(fields=["owner", "-id"]),
            models.Index(fields=["id"], name="exports_to_write", condition=Q(state__in=["waiting", "working"])),
            models.Index(fields=["expires_at"], name="exports_to_remove", condition=Q(state="ready")),
        ]

    def __str__(self):
        return f"{self.owner} {self.format} {self.total}"

    @property
    def is_pending(self) -> bool:
        return self.state in (self.State.WAITING, self.State.WORKING)
