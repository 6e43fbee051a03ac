"""The page that shows the API's description, without outside assets and without inline scripts."""

from drf_spectacular.views import SpectacularSwaggerSplitView


class ApiDocs(SpectacularSwaggerSplitView):
    """Swagger UI from the sidecar package; its start-up script is an address of its own, as our policy wants."""

    template_name = "api/docs.html"
