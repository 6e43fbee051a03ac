"""From which address a request comes, trusting X-Forwarded-For only behind our own proxies."""

import ipaddress

from django.conf import settings


def client_address(request) -> str | None:
    """The client's address, or None where it is not an address (a unix socket)."""
    address = request.META.get("REMOTE_ADDR", "")
    forwarded = [part.strip() for part in request.META.get("HTTP_X_FORWARDED_FOR", "").split(",") if part.strip()]
    if settings.PROXY_COUNT and len(forwarded) >= settings.PROXY_COUNT:
        address = forwarded[-settings.PROXY_COUNT]
    try:
        return str(ipaddress.ip_address(address))
    except ValueError:
        return None
