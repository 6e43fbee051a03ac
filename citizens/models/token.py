"""Tokens of the REST API, stored hashed."""

import hashlib
import secrets

from django.conf import settings
from django.db import models
from django.utils.translation import gettext_lazy as _


class ApiTokenManager(models.Manager):
    def issue(self, user, *, label: str = "") -> str:
        """A new token for the user; the returned text is shown once and cannot be had again."""
        text = secrets.token_urlsafe(30)
        self.create(user=user, label=label, key_hash=ApiToken.hash_of(text))
        return text


class ApiToken(models.Model):
    """What a program or an app signs in with: `Authorization: Token …`."""

    user = models.ForeignKey(settings.AUTH_USER_MODEL, models.CASCADE, related_name="tokens", verbose_name=_("person"))
    label = models.CharField(_("label"), max_length=80, blank=True)
    key_hash = models.CharField(max_length=64, unique=True, editable=False)
    created_at = models.DateTimeField(_("made"), auto_now_add=True)

    objects = ApiTokenManager()

    class Meta:
        verbose_name = _("API token")
        verbose_name_plural = _("API tokens")

    def __str__(self):
        return self.label or str(self.pk)

    @staticmethod
    def hash_of(text: str) -> str:
        """Tokens have 240 random bits, so a plain hash cannot be reversed by guessing."""
        return hashlib.sha256(text.encode()).hexdigest()
