"""Who changed the configuration: kept with each line of its history."""

from pghistory.middleware import HistoryMiddleware


class ConfigurationHistoryMiddleware(HistoryMiddleware):
    """Notes the person with every change made in the administration.

    Elsewhere it does nothing at all: the portal's own pages and the API change complaints, whose event
    log has its actor in each event, and should not pay for a note nobody reads.
    """

    PREFIX = "/admin/"

    def __call__(self, request):
        if not request.path_info.startswith(self.PREFIX) or request.method in {"GET", "HEAD", "OPTIONS"}:
            return self.get_response(request)
        return super().__call__(request)
