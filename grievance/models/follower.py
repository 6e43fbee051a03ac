"""Citizens whose complaint was merged into another: they get its news and its verdict."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint


class Follower(models.Model):
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="followers")
    citizen = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    merged = models.ForeignKey(Complaint, models.PROTECT, related_name="+")
    since = models.DateTimeField()

    class Meta:
        verbose_name = _("follower")
        verbose_name_plural = _("followers")
        constraints = [models.UniqueConstraint(fields=["complaint", "merged"], name="follows_once")]

    def __str__(self):
        return f"{self.merged_id} → {self.complaint_id}"
