"""The history of complaints: append-only, hash-chained per complaint."""

import pgtrigger
from django.conf import settings
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from departments.models import Posting

from .complaint import Complaint

# The role, and the way, of what the portal does by itself: its actions (route, escalate, …) name the part that did it.
SYSTEM = "system"
# What lists are made of by when it happened, however long ago (`grievance.filters`, the boards' numbers).
LOOKED_FOR = (
    "approve_reject", "breach", "call", "escalate", "merge", "no_reply", "not_satisfied", "reopen", "resolve",
    "satisfied", "special_close", "transfer", "withdraw",
)  # fmt: skip


class CurrentTransaction(models.Func):
    """The number of the transaction that writes the row (`pg_current_xact_id()`)."""

    template = "(pg_current_xact_id()::text::bigint)"
    output_field = models.BigIntegerField()


class Event(models.Model):
    """One line of a complaint's history. `text` is public unless `internal`; `data` holds the facts."""

    # Found by the unique (complaint, seq).
    complaint = models.ForeignKey(Complaint, models.PROTECT, related_name="events", db_index=False)
    seq = models.PositiveIntegerField()
    action = models.CharField(max_length=24)
    from_state = models.CharField(max_length=16, blank=True)
    to_state = models.CharField(max_length=16)
    level = models.PositiveSmallIntegerField()
    at = models.DateTimeField()
    actor = models.ForeignKey(settings.AUTH_USER_MODEL, models.PROTECT, null=True, related_name="+")
    actor_role = models.CharField(max_length=12)
    actor_posting = models.ForeignKey(Posting, models.PROTECT, null=True, related_name="+")
    channel = models.CharField(max_length=12)
    text = models.TextField(blank=True)
    internal = models.BooleanField(default=False)
    data = models.JSONField(default=dict)
    prev_hash = models.CharField(max_length=64, blank=True)
    hash = models.CharField(max_length=64)
    xid = models.BigIntegerField(db_default=CurrentTransaction(), editable=False)

    class Meta:
        verbose_name = _("event")
        verbose_name_plural = _("events")
        ordering = ["complaint", "seq"]
        constraints = [
            models.UniqueConstraint(fields=["complaint", "seq"], name="event_seq_once"),
            # A person (or a program that has an account) in a role, or the portal itself: never nobody.
            models.CheckConstraint(
                name="event_has_actor",
                condition=Q(actor__isnull=False) & ~Q(actor_role__in=["", SYSTEM])
                | Q(actor__isnull=True, actor_role=SYSTEM, channel=SYSTEM),
            ),
        ]
        indexes = [
            models.Index(fields=["xid", "id"]),
            # Events lie in the order in which they happened: a block range is enough to find those of a day.
            BrinIndex(fields=["at"], name="event_by_day", autosummarize=True),
            models.Index(fields=["action", "at"], name="happened", condition=models.Q(action__in=LOOKED_FOR)),
        ]
        triggers = [
            pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete),
            pgtrigger.Trigger(
                name="never_truncated",
                operation=pgtrigger.Truncate,
                when=pgtrigger.Before,
                level=pgtrigger.Statement,
                func="RAISE EXCEPTION 'the event log cannot be truncated';",
            ),
        ]

    def __str__(self):
        return f"{self.complaint_id}/{self.seq} {self.action}"
