"""An SMS gateway spoken to over HTTP: one POST with JSON a message, as most bulk gateways of India take it.

The request carries `to`, `sender`, `text`, `dlt_template_id` and the header `Idempotency-Key`; 2xx means
taken, 4xx (but 408, 425 and 429) that trying again is useless, everything else that it may help.
"""

import http.client
import json
import urllib.error
import urllib.request

from django.conf import settings

from . import GatewayError, Message

TIMEOUT_SECONDS = 8
TRY_AGAIN = {408, 425, 429}


class HttpSmsGateway:
    def send(self, message: Message) -> None:
        """Raises GatewayError."""
        if not settings.SMS_GATEWAY_URL.startswith(("http://", "https://")):
            raise GatewayError("SMS_GATEWAY_URL is not set")
        body = {
            "to": message.address,
            "sender": settings.SMS_SENDER_ID,
            "text": message.body,
            "dlt_template_id": message.dlt_id,
        }
        request = urllib.request.Request(  # noqa: S310 - the scheme is checked above
            settings.SMS_GATEWAY_URL,
            data=json.dumps(body).encode(),
            headers={
                "Content-Type": "application/json",
                "Authorization": f"Bearer {settings.SMS_GATEWAY_KEY}",
                "Idempotency-Key": message.key,
            },
        )
        try:
            # The code is the answer; a body that trickles in would only hold the worker up.
            urllib.request.urlopen(request, timeout=TIMEOUT_SECONDS).close()  # noqa: S310
        except urllib.error.HTTPError as error:
            permanent = 400 <= error.code < 500 and error.code not in TRY_AGAIN
            raise GatewayError(f"HTTP {error.code}", permanent=permanent) from None
        except (OSError, http.client.HTTPException) as error:
            raise GatewayError(type(error).__name__) from None
