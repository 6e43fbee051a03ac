from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class CitizensConfig(AppConfig):
    """Ground floor: people, how they sign in, what they consented to; the Him Parivar registry."""

    name = "citizens"
    verbose_name = _("People and sign-in")
