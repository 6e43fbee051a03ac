"""The demo's gateway keeps what it is given; `manage.py outbox` prints it."""

from channels.models import KeptMessage

from . import Message


class DemoGateway:
    def send(self, message: Message) -> None:
        self.send_many([message])

    def send_many(self, messages: list[Message]) -> None:
        """Keeps them in one statement; one whose key came before, as after a crash, is kept once."""
        KeptMessage.objects.bulk_create(
            [
                KeptMessage(
                    channel=message.channel,
                    address=message.address,
                    subject=message.subject,
                    body=message.body,
                    key=message.key,
                )
                for message in messages
            ],
            ignore_conflicts=True,
        )
