"""What the API answers when something is wrong: one shape, in the language the client accepts.

`{"detail": …}` says what happened; `{"errors": {field: message}}` stands beside it where a field is
meant; `allowed` names the actions that are possible now (409).
"""

from django.utils.translation import gettext as _
from rest_framework import exceptions, status
from rest_framework.response import Response
from rest_framework.views import exception_handler

from grievance.errors import ChangedMeanwhile, ChangeRefused, Invalid, KeyReused, NotAllowedNow, NotPermitted
from grievance.models import Complaint
from grievance.paging import BadCursor


def handle(error, context):
    """Turns the domain's refusals into answers; the rest is Django REST framework's."""
    if isinstance(error, Complaint.DoesNotExist):
        error = exceptions.NotFound()
    if isinstance(error, BadCursor):
        return Response({"detail": str(error), "errors": {"cursor": str(error)}}, status.HTTP_400_BAD_REQUEST)
    if isinstance(error, ChangeRefused):
        return _refused(error)
    if isinstance(error, exceptions.ParseError):
        # The parsers' own texts are English and quote what was sent.
        error = exceptions.ParseError(_("What was sent could not be read: send UTF-8 in the form the schema names."))
    response = exception_handler(error, context)
    if response is not None and isinstance(error, exceptions.ValidationError):
        response.data = {"detail": _first(response.data), "errors": response.data}
    return response


def _refused(error: ChangeRefused) -> Response:
    body = {"detail": str(error)}
    if isinstance(error, Invalid):
        return Response(body | {"errors": error.errors}, status.HTTP_400_BAD_REQUEST)
    if isinstance(error, NotAllowedNow):
        return Response(body | {"state": error.state, "allowed": error.allowed}, status.HTTP_409_CONFLICT)
    if isinstance(error, ChangedMeanwhile):
        return Response(body | {"events": [event.seq for event in error.events]}, status.HTTP_409_CONFLICT)
    if isinstance(error, KeyReused):
        return Response(body, status.HTTP_422_UNPROCESSABLE_ENTITY)
    if isinstance(error, NotPermitted):
        return Response(body, status.HTTP_403_FORBIDDEN)
    raise error


def _first(errors) -> str:
    """The first message in a nest of field errors."""
    while isinstance(errors, dict | list):
        if not errors:
            return ""
        errors = next(iter(errors.values())) if isinstance(errors, dict) else errors[0]
    return str(errors)
