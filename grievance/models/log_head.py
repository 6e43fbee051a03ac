"""The day's digests of the event log, chained: published, so that what a state shows later can be held against them."""

import pgtrigger
from django.db import models
from django.utils.translation import gettext_lazy as _


class LogHead(models.Model):
    """One day's head (`grievance.log_heads` says what it is a hash of). It covers the events behind the head before
    it up to `last_event`, an event's id."""

    day = models.DateField(_("day"), unique=True)
    last_event = models.BigIntegerField(_("last event"))
    events = models.PositiveIntegerField(_("events"))
    digest = models.CharField(_("digest"), max_length=64)
    head = models.CharField(_("head"), max_length=64)

    class Meta:
        verbose_name = _("head of the log")
        verbose_name_plural = _("heads of the log")
        ordering = ["day"]
        triggers = [pgtrigger.Protect(name="append_only", operation=pgtrigger.Update | pgtrigger.Delete)]

    def __str__(self):
        return f"{self.day} {self.head}"
