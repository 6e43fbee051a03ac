"""`Authorization: Token …`: tokens are stored hashed and belong to staff, API clients and citizens' apps."""

from django.utils.translation import gettext as _
from drf_spectacular.extensions import OpenApiAuthenticationExtension
from rest_framework import exceptions
from rest_framework.authentication import BaseAuthentication, get_authorization_header

from citizens.models import ApiToken
from departments.standing import standing

LONGEST_TOKEN = 100


@standing
def _with_hash(key_hash):
    return ApiToken.objects.select_related("user").filter(key_hash=key_hash)


class TokenAuthentication(BaseAuthentication):
    def authenticate(self, request):
        parts = get_authorization_header(request).split()
        if not parts or parts[0].lower() != b"token":
            return None
        if len(parts) != 2 or len(parts[1]) > LONGEST_TOKEN:
            raise exceptions.AuthenticationFailed(_("Write the header as “Authorization: Token …”."))
        key = parts[1].decode("latin-1")
        token = next(iter(_with_hash(ApiToken.hash_of(key))), None)
        if token is None or not token.user.is_active:
            raise exceptions.AuthenticationFailed(_("This token is not valid."))
        return token.user, token

    def authenticate_header(self, request):
        return "Token"


class TokenScheme(OpenApiAuthenticationExtension):
    """How the schema describes it."""

    target_class = TokenAuthentication
    name = "token"

    def get_security_definition(self, auto_schema):
        return {"type": "apiKey", "in": "header", "name": "Authorization", "description": "Token …"}
