"""One row a climb: the key that makes each escalation happen exactly once a level and round."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from .complaint import Complaint


class Escalation(models.Model):
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="escalations")
    round = models.PositiveSmallIntegerField()
    level = models.PositiveSmallIntegerField(help_text="The level whose time ran out.")
    due_at = models.DateTimeField()
    at = models.DateTimeField()

    class Meta:
        verbose_name = _("escalation")
        verbose_name_plural = _("escalations")
        constraints = [
            models.UniqueConstraint(fields=["complaint", "round", "level"], name="climbs_once_a_level_and_round")
        ]

    def __str__(self):
        return f"{self.complaint_id} {self.round}/{self.level}"
