"""How the API's schema describes what every operation may answer beside what the operation itself says."""

from drf_spectacular.openapi import AutoSchema

from . import shapes

BODY_METHODS = {"POST", "PUT", "PATCH"}


class Description(AutoSchema):
    def _get_response_bodies(self, direction="response"):
        bodies = super()._get_response_bodies(direction)
        for code, shape in self._common():
            bodies.setdefault(code, self._get_response_for_code(shape, code))
        return bodies

    def _common(self):
        """Bad input, no token, what is hidden from the caller, an Accept or a Content-Type that is not JSON."""
        yield "400", shapes.ErrorsSerializer
        if self.get_auth():
            yield "401", shapes.DetailSerializer
        if getattr(self.view, "hides", False):
            yield "404", shapes.DetailSerializer
        yield "406", shapes.DetailSerializer
        if self.method in BODY_METHODS:
            yield "415", shapes.DetailSerializer
