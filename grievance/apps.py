from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class GrievanceConfig(AppConfig):
    """The heart: the complaint, its workflow, routing, clock, event log and access."""

    name = "grievance"
    verbose_name = _("Complaints")
