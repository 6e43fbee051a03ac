"""How messages leave the portal: one class a way, chosen in the settings.

A gateway has `send(message)`, which returns when the other side has taken the message and raises
GatewayError otherwise; `permanent` says that trying again is useless. One that keeps messages in our own
database may also have `send_many(messages)`: it is called in the transaction that records them as sent, and takes
all or none. Never give it to a gateway that speaks to the world outside: what it sent could not be taken back.
"""

from dataclasses import dataclass

from django.conf import settings
from django.utils.module_loading import import_string


@dataclass(frozen=True)
class Message:
    """One message to one address. `key` lets the other side recognise a repetition; `html` says the words of `body`
    once more, for ways that can show it."""

    channel: str
    address: str
    body: str
    subject: str = ""
    key: str = ""
    dlt_id: str = ""
    html: str = ""


class GatewayError(Exception):
    """The message was not taken. The text never holds the address or the message."""

    def __init__(self, reason: str, *, permanent: bool = False):
        super().__init__(reason)
        self.permanent = permanent


def gateway_for(channel: str):
    """The gateway the settings name for this medium."""
    return import_string(settings.GATEWAYS[channel])()
