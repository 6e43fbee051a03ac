"""What no honest form sends and PostgreSQL cannot hold is refused before any view reads it."""

from . import errors

NUL = "\x00"
FORMS = {"application/x-www-form-urlencoded", "multipart/form-data"}


class RefuseNulMiddleware:
    """Answers 400 where a query or a form holds a NUL character. The API's own fields do the same for JSON."""

    def __init__(self, get_response):
        self.get_response = get_response

    def __call__(self, request):
        if _holds_nul(request.GET):
            return errors.bad_request(request)
        return self.get_response(request)

    def process_view(self, request, _view, _arguments, _values):
        """After the form's guard was checked; uploads of the API are left to its own parser."""
        guarded = not getattr(_view, "csrf_exempt", False)
        if guarded and request.content_type in FORMS and _holds_nul(request.POST):
            return errors.bad_request(request)
        return None


def _holds_nul(values) -> bool:
    return any(NUL in name or any(NUL in value for value in given) for name, given in values.lists())
