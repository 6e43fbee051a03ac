"""Where everything is. Each app keeps its own addresses."""

from django.contrib import admin
from django.urls import include, path
from django.views.i18n import set_language

from dashboards.api import Figures

from . import errors, health, metrics

admin.autodiscover()

urlpatterns = [
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", metrics.metrics, name="metrics"),
    path("language/", set_language, name="set_language"),
    path("admin/", admin.site.urls),
    path("api/v1/figures/", Figures.as_view(), name="api_figures"),
    path("api/", include("channels.api.urls")),
    path("", include("citizens.urls")),
    path("figures/", include("dashboards.urls")),
    path("open-data/", include("dashboards.open_data_urls")),
    path("boards/", include("dashboards.boards.urls")),
    path("desk/", include("grievance.desk.urls")),
    path("", include("grievance.pages.urls")),
]

handler400 = errors.bad_request
handler403 = errors.not_permitted
handler404 = errors.not_found
handler500 = errors.server_error
