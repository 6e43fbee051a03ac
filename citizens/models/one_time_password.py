"""One-time passwords, stored hashed."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from phonenumber_field.modelfields import PhoneNumberField


class OneTimePassword(models.Model):
    """A code sent to a phone. The rules are in `citizens.one_time_password`."""

    phone = PhoneNumberField(_("phone"))
    code_hash = models.CharField(max_length=64)
    browser = models.CharField(max_length=64, help_text="Hash of the secret of the browser or client that asked.")
    address = models.GenericIPAddressField(null=True)
    sent_at = models.DateTimeField()
    tries = models.PositiveSmallIntegerField(default=0)
    used_at = models.DateTimeField(null=True)

    class Meta:
        verbose_name = _("one-time password")
        verbose_name_plural = _("one-time passwords")
        indexes = [models.Index(fields=["phone", "-sent_at"]), models.Index(fields=["address", "-sent_at"])]

    def __str__(self):
        return f"{self.pk}"
