"""How far each reader of the event log has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReaderPosition(models.Model):
    """Moves in the same transaction as the reader's effect, so each event takes effect exactly once.

    An id is not commit order, so the position is the pair (transaction, id); see `grievance.readers`.
    """

    name = models.CharField(max_length=40, unique=True)
    xid = models.BigIntegerField(default=0)
    event_id = models.BigIntegerField(default=0)
    moved_at = models.DateTimeField(null=True)
    failed_at = models.DateTimeField(null=True)
    failure = models.CharField(max_length=300, blank=True)

    class Meta:
        verbose_name = _("reader of the event log")
        verbose_name_plural = _("readers of the event log")

    def __str__(self):
        return self.name
