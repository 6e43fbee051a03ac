"""Departments, their canned replies, and the reasons officers choose from."""

import pghistory
from django.db import models
from django.utils.translation import gettext_lazy as _

from ..bilingual import Bilingual, in_language


@pghistory.track()
class Department(Bilingual):
    code = models.SlugField(_("code"), max_length=60, unique=True)
    short_en = models.CharField(_("short name in English"), max_length=80, blank=True)
    short_hi = models.CharField(_("short name in Hindi"), max_length=80, blank=True)
    kind = models.CharField(_("kind"), max_length=80, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("department")
        verbose_name_plural = _("departments")
        ordering = ["name_en", "id"]

    @property
    def short(self) -> str:
        """The name people use, in the reader's language."""
        return in_language(self.short_en, self.short_hi) or self.name


@pghistory.track()
class CannedReply(models.Model):
    """A text an officer starts from, in both languages; without a department it is for all."""

    department = models.ForeignKey(
        Department, models.CASCADE, null=True, blank=True, related_name="canned_replies", verbose_name=_("department")
    )
    action = models.CharField(_("action"), max_length=20, help_text=_("update, ask, resolve, reject or transfer"))
    title_en = models.CharField(_("title in English"), max_length=120)
    title_hi = models.CharField(_("title in Hindi"), max_length=120, blank=True)
    text_en = models.TextField(_("text in English"))
    text_hi = models.TextField(_("text in Hindi"), blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("canned reply")
        verbose_name_plural = _("canned replies")
        ordering = ["action", "title_en", "id"]
        constraints = [
            models.UniqueConstraint(
                fields=["department", "action", "title_en"], name="canned_reply_once", nulls_distinct=False
            )
        ]

    def __str__(self):
        return in_language(self.title_en, self.title_hi)

    def text_in(self, language: str) -> str:
        """The reply in the citizen's language."""
        return in_language(self.text_en, self.text_hi, language)


@pghistory.track()
class Reason(models.Model):
    """A reason from a list: why a complaint is rejected or transferred."""

    class Kind(models.TextChoices):
        REJECT = "reject", _("Reject")
        TRANSFER = "transfer", _("Transfer")

    kind = models.CharField(_("kind"), max_length=10, choices=Kind.choices)
    code = models.SlugField(_("code"), max_length=40)
    text_en = models.CharField(_("text in English"), max_length=300)
    text_hi = models.CharField(_("text in Hindi"), max_length=300, blank=True)
    is_active = models.BooleanField(_("in use"), default=True)

    class Meta:
        verbose_name = _("reason")
        verbose_name_plural = _("reasons")
        ordering = ["kind", "id"]
        constraints = [models.UniqueConstraint(fields=["kind", "code"], name="reason_code_once")]

    def __str__(self):
        return in_language(self.text_en, self.text_hi)
