"""The administration as an app: Django's own, with the portal's site.

Its pages are registered where they get their addresses (`config.urls`): workers, beat and commands hardly ever
need one, and would wait a second for them at each start.
"""

from django.contrib.admin.apps import SimpleAdminConfig


class PortalAdminConfig(SimpleAdminConfig):
    default_site = "config.admin_site.PortalAdminSite"
