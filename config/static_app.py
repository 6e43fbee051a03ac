"""Static files as an app: Django's own, without what no page uses.

Compressing everything took 48 s of processor time at the first start, most of it for these folders and for source maps.
"""

from django.contrib.staticfiles.apps import StaticFilesConfig


class PortalStaticFilesConfig(StaticFilesConfig):
    ignore_patterns = [
        *StaticFilesConfig.ignore_patterns,
        # The API is described by Swagger UI and answers in JSON alone.
        "redoc",
        "rest_framework",
    ]
