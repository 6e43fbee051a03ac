"""The books of `manage.py load_history`: what synthetic history this database holds, and what of it is written."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class HistoryLoad(models.Model):
    """One load of synthetic complaints. What it was asked for stays: a load that was killed goes on where it stood,
    and the same seed makes the same histories."""

    complaints = models.PositiveIntegerField(_("complaints"))
    disposed = models.PositiveIntegerField(_("disposed"))
    satisfied = models.PositiveIntegerField(_("satisfied"))
    seed = models.BigIntegerField()
    begins_at = models.DateTimeField(help_text="When the first of them was filed.")
    ends_at = models.DateTimeField(help_text="No complaint was filed after this.")
    moment = models.DateTimeField(help_text="When the load began: what is open stands as of then.")
    # Given to this load alone, so that no real row ever meets one of its.
    first_complaint = models.BigIntegerField()
    first_serial = models.BigIntegerField()
    first_citizen = models.BigIntegerField()
    first_phone = models.PositiveIntegerField()
    citizens = models.PositiveIntegerField()
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("load of synthetic history")
        verbose_name_plural = _("loads of synthetic history")

    def __str__(self):
        return f"{self.complaints} ({self.seed})"


class HistoryBatch(models.Model):
    """A part of a load, written in one transaction together with `done_at`."""

    load = models.ForeignKey(HistoryLoad, models.CASCADE, related_name="batches")
    number = models.PositiveIntegerField()
    done_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("batch of synthetic history")
        verbose_name_plural = _("batches of synthetic history")
        constraints = [models.UniqueConstraint(fields=["load", "number"], name="history_batch_once")]
        indexes = [models.Index(fields=["load", "number"], name="history_to_do", condition=models.Q(done_at=None))]

    def __str__(self):
        return f"{self.load_id}/{self.number}"
