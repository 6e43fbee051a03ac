"""E-mail over SMTP, by Django's own mailer."""

import smtplib

from django.core.mail import EmailMessage

from . import GatewayError, Message


class EmailGateway:
    def send(self, message: Message) -> None:
        """Raises GatewayError."""
        mail = EmailMessage(message.subject, message.body, to=[message.address])
        if message.key:
            mail.extra_headers["Message-ID"] = f"<{message.key.replace(':', '.')}@seva-sankalp>"
        try:
            mail.send()
        except smtplib.SMTPRecipientsRefused:
            raise GatewayError("recipient refused", permanent=True) from None
        except (smtplib.SMTPException, OSError) as error:
            raise GatewayError(type(error).__name__) from None
