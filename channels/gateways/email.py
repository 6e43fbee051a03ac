"""E-mail over SMTP, by Django's own mailer: plain text, that whatever reads mail shows, with nothing to load; beside
it HTML where the message has some."""

import smtplib
from email.utils import formataddr, parseaddr

from django.conf import settings
from django.core.mail import EmailMultiAlternatives

from . import GatewayError, Message

NAME = "Seva Sankalp"


class EmailGateway:
    def send(self, message: Message) -> None:
        """Raises GatewayError."""
        # So that a note of absence is not sent back to it (RFC 3834).
        headers = {"Auto-Submitted": "auto-generated"}
        if message.key:
            headers["Message-ID"] = f"<{message.key.replace(':', '.')}@seva-sankalp>"
        # On one line, whatever a name in it holds.
        subject = " ".join(message.subject.split())
        mail = EmailMultiAlternatives(subject, message.body, _sender(), [message.address], headers=headers)
        if message.html:
            mail.attach_alternative(message.html, "text/html")
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused:
            raise GatewayError("recipient refused", permanent=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayError(type(error).__name__) from None


def _sender() -> str:
    """The address of the settings, with our name where it has none."""
    name, address = parseaddr(settings.DEFAULT_FROM_EMAIL)
    return formataddr((name or NAME, address))
