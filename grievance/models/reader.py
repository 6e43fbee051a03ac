"""How far each reader of the event log has come."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class ReaderPosition(models.Model):
    """Moves in the same transaction as the reader's effect, so each event takes effect exactly once.

    An id is not commit order, so the position is the pair (transaction, id); see `grievance.readers`.
    """

    # Before every event, those too that a restored backup shifted below zero.
    BEGINNING = -(2**62)

    name = models.CharField(_("name"), max_length=40, unique=True)
    xid = models.BigIntegerField(_("transaction"), default=BEGINNING)
    event_id = models.BigIntegerField(_("event"), default=0)
    moved_at = models.DateTimeField(_("last moved"), null=True)
    failed_at = models.DateTimeField(_("failed"), null=True)
    failure = models.CharField(_("kind of failure"), max_length=300, blank=True)
    failures = models.PositiveIntegerField(_("failures in a row"), default=0)
    failing_event = models.BigIntegerField(_("event it fails on"), null=True)
    retry_at = models.DateTimeField(_("tries again"), null=True)

    class Meta:
        verbose_name = _("reader of the event log")
        verbose_name_plural = _("readers of the event log")

    def __str__(self):
        return self.name

    def forget_failure(self) -> None:
        """It goes on: nothing of an earlier failure is shown. The caller saves."""
        self.failed_at = self.failing_event = self.retry_at = None
        self.failure, self.failures = "", 0
