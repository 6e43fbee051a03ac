from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DashboardsConfig(AppConfig):
    """Figures, reports, open data."""

    name = "dashboards"
    verbose_name = _("Figures")
