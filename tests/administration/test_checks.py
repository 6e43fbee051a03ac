"""The administration is as Django wants it: its own checks see all pages only once these are registered."""

from django.core import checks

from config import urls  # noqa: F401 - where the pages are registered


def test_the_administrations_pages_pass_djangos_checks():
    assert checks.run_checks(tags=[checks.Tags.admin]) == []
