"""The demo's gateway keeps what it is given; `manage.py outbox` prints it."""

from django.utils import timezone

from channels.models import KeptMessage
from grievance import record

from . import Message


class DemoGateway:
    def send(self, message: Message) -> None:
        self.send_many([message])

    def send_many(self, messages: list[Message]) -> None:
        """Keeps them in one statement; one whose key came before, as after a crash, is kept once."""
        kept = [
            KeptMessage(
                channel=message.channel,
                address=message.address,
                subject=message.subject,
                body=message.body,
                key=message.key,
                at=timezone.now(),
            )
            for message in messages
        ]
        record.insert(KeptMessage, kept, "ON CONFLICT DO NOTHING")
