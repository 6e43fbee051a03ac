"""The demo's gateway keeps what it is given; `manage.py outbox` prints it."""

from channels.models import KeptMessage

from . import Message


class DemoGateway:
    def send(self, message: Message) -> None:
        KeptMessage.objects.create(
            channel=message.channel,
            address=message.address,
            subject=message.subject,
            body=message.body,
            key=message.key,
        )
