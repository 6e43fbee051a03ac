"""Photos, documents and voice notes, stored outside the web root and served only through access."""

import uuid

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint
from .draft import Draft
from .event import Event


def stored_name(_attachment, _filename) -> str:
    """A random name: nothing of what the citizen called the file reaches the disk."""
    key = uuid.uuid4().hex
    return f"{key[:2]}/{key}"


class Attachment(models.Model):
    """One file. It belongs to a draft until the complaint is registered, then to an event of the complaint."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    draft = models.ForeignKey(Draft, models.SET_NULL, null=True, related_name="attachments")
    complaint = models.ForeignKey(Complaint, models.PROTECT, null=True, related_name="attachments")
    event = models.ForeignKey(Event, models.PROTECT, null=True, related_name="attachments")
    uploaded_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    uploaded_at = models.DateTimeField(auto_now_add=True)
    file = models.FileField(upload_to=stored_name)
    name = models.CharField(max_length=120)
    content_type = models.CharField(max_length=40)
    size = models.PositiveIntegerField(help_text="bytes")
    sha256 = models.CharField(max_length=64)

    class Meta:
        verbose_name = _("file")
        verbose_name_plural = _("files")
        ordering = ["id"]

    def __str__(self):
        return str(self.key)

    @property
    def is_image(self) -> bool:
        return self.content_type.startswith("image/")

    @property
    def is_audio(self) -> bool:
        return self.content_type.startswith("audio/")
