from django.apps import AppConfig
from django.utils.translation import gettext_lazy as _


class DepartmentsConfig(AppConfig):
    """Ground floor: areas, departments, categories, posts, officers' postings, calendars."""

    name = "departments"
    verbose_name = _("Departments and officers")
