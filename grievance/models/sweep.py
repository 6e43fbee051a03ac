"""When each sweep last ran."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class SweepRun(models.Model):
    """Kept in the database, not with the broker: a flushed Valkey must not look like a sweep that never ran."""

    task = models.CharField(_("task"), max_length=100, unique=True)
    ran_at = models.DateTimeField(_("last run"))

    class Meta:
        verbose_name = _("sweep's run")
        verbose_name_plural = _("sweeps' runs")

    def __str__(self):
        return self.task
