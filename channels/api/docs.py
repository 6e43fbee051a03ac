"""The page that shows the API's description, without outside assets and without inline scripts."""

from drf_spectacular.views import SpectacularRedocView


class ApiDocs(SpectacularRedocView):
    """Redoc from the sidecar package; its styles are set by script, so this one page allows that."""

    def get(self, request, *args, **kwargs):
        response = super().get(request, *args, **kwargs)
        response._csp_update = {"style-src": ["'unsafe-inline'"], "worker-src": ["'self'", "blob:"]}
        return response
