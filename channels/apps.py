from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class ChannelsConfig(AppConfig):
    """How complaints come in and messages go out."""

    name = "channels"
    verbose_name = _("Channels and messages")
