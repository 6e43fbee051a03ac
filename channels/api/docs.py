"""The page that shows the API's description, without outside assets and without inline scripts."""

from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView


class Schema(SpectacularAPIView):
    """The schema as a file of one name, whatever the address says of a version."""

    def _get_filename(self, request, version):
        return "seva-sankalp-api.yaml"


class ApiDocs(SpectacularSwaggerSplitView):
    """Swagger UI from the sidecar package; its start-up script is an address of its own, as our policy wants."""

    template_name = "api/docs.html"
