"""Rejecting and special closing take two people: one proposes, another decides."""

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint


class Proposal(models.Model):
    class Kind(models.TextChoices):
        REJECT = "reject", _("Rejection")
        SPECIAL_CLOSE = "special_close", _("Special closing")

    class Decision(models.TextChoices):
        WAITING = "", _("Waiting")
        APPROVED = "approved", _("Approved")
        DECLINED = "declined", _("Declined")
        OBJECTED = "objected", _("Citizen objected")
        LAPSED = "lapsed", _("Lapsed: the citizen could not be told")

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="proposals")
    kind = models.CharField(max_length=14, choices=Kind.choices)
    reason = models.CharField(max_length=40, blank=True)
    text = models.TextField()
    proposed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, related_name="+")
    proposed_at = models.DateTimeField()
    decision = models.CharField(max_length=10, choices=Decision.choices, blank=True)
    decided_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    decided_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("proposal")
        verbose_name_plural = _("proposals")
        ordering = ["id"]
        constraints = [
            models.UniqueConstraint(fields=["complaint"], condition=models.Q(decision=""), name="one_waiting_proposal"),
            models.CheckConstraint(
                name="another_decides",
                condition=~models.Q(decision__in=["approved", "declined"])
                | ~models.Q(decided_by=models.F("proposed_by")),
            ),
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.kind}"
