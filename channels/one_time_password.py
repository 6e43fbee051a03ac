"""Sends one-time passwords, at once and once: nobody wants an old code repeated."""

from django.conf import settings

from .gateways import Message, gateway_for

WORDS = {
    "hi": "{code} आपका सेवा संकल्प का ओटीपी है। 5 मिनट तक चलेगा। किसी को न बताएँ।",
    "en": "{code} is your Seva Sankalp one-time password, good for 5 minutes. Tell it to nobody.",
}


def send(phone: str, code: str, language: str) -> None:
    """Sends the code by SMS. Raises GatewayError."""
    body = WORDS["hi" if language.startswith("hi") else "en"].format(code=code)
    gateway_for("sms").send(Message("sms", phone, body, dlt_id=getattr(settings, "OTP_DLT_ID", "")))
