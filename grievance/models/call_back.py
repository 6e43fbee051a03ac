"""A citizen whom the 1100 desk calls, because a resolution has no verdict yet."""

from django.conf import settings
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint


class CallBack(models.Model):
    """One task of the desk for each resolution. What each call came to stands in the log (`call` events); here
    is when to call next, and who is calling just now."""

    class Outcome(models.TextChoices):
        REACHED = "reached", _("Reached")
        NOT_REACHED = "not_reached", _("Not reached")
        WRONG_NUMBER = "wrong_number", _("Wrong number")

    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="call_backs")
    round = models.PositiveSmallIntegerField(help_text="The complaint's round: one resolution each.")
    due_on = models.DateField(null=True, help_text="Not to be called before; empty: not to be called any more.")
    attempts = models.PositiveSmallIntegerField(default=0)
    last_outcome = models.CharField(max_length=12, choices=Outcome.choices, blank=True)
    last_at = models.DateTimeField(null=True)
    claimed_by = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    claimed_until = models.DateTimeField(null=True)
    done_at = models.DateTimeField(null=True, help_text="The verdict came, or the complaint moved on.")

    class Meta:
        verbose_name = _("call-back")
        verbose_name_plural = _("call-backs")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round"], name="one_call_back_a_resolution"),
            models.CheckConstraint(
                name="call_back_claim_ends",
                condition=Q(claimed_by__isnull=True, claimed_until__isnull=True)
                | Q(claimed_by__isnull=False, claimed_until__isnull=False),
            ),
        ]
        indexes = [
            models.Index(fields=["due_on", "id"], name="calls_to_make", condition=Q(done_at__isnull=True)),
            models.Index(fields=["complaint"], name="called", condition=Q(done_at__isnull=True, attempts__gt=0)),
        ]

    def __str__(self):
        return f"{self.complaint_id}/{self.round}"
