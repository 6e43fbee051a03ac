"""A half-filled complaint: survives sign-in, reload and a lost connection."""

import uuid

from django.db import models
from django.utils.translation import gettext_lazy as _


class Draft(models.Model):
    """What was typed so far. Its key, kept in the browser's session, is also the idempotency key of the
    complaint it becomes, so a double tap gives one complaint."""

    key = models.UUIDField(default=uuid.uuid4, unique=True, editable=False)
    answers = models.JSONField(default=dict)
    complaint = models.ForeignKey("grievance.Complaint", models.PROTECT, null=True, related_name="+")
    created_at = models.DateTimeField(auto_now_add=True)
    changed_at = models.DateTimeField(auto_now=True)

    class Meta:
        verbose_name = _("draft")
        verbose_name_plural = _("drafts")
        indexes = [models.Index(fields=["changed_at"])]

    def __str__(self):
        return str(self.key)
