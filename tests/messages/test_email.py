"""E-mail as it leaves: readable text in either script, from us by name, and nothing that answers itself."""

import email
from email import policy

import pytest
from django.core import mail

from channels.gateways import Message
from channels.gateways.email import EmailGateway


def sent(**message) -> email.message.EmailMessage:
    """What a mail server would be given, read as a mail program reads it."""
    EmailGateway().send(Message(channel="email", address="head@example.org", **message))
    return email.message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)


@pytest.mark.parametrize(("subject", "body"), [
    ("मुख्यमंत्री का बोर्ड: 26 नवंबर 2026", "नमस्ते यांगचेन जोशी जी,\n\nपीडीएफ़ यहाँ खोलें:\nhttps://seva.example/boards/mailed/" + "x" * 200),
    ("Report of the week: Jal Shakti", "Dear Anita,\n\nOpen the PDF here:\nhttps://seva.example/boards/mailed/" + "x" * 200),
])  # fmt: skip
def test_what_is_read_is_what_was_written_and_its_link_stays_whole(subject, body):
    read = sent(subject=subject, body=body, key="daily_report:1:2026-11-27:5:0")

    assert (read["Subject"].strip(), read["To"]) == (subject, "head@example.org")
    assert read.get_content_type() == "text/plain"
    assert read.get_content().strip() == body
    assert read["Message-ID"] == "<daily_report.1.2026-11-27.5.0@seva-sankalp>"
    assert read["Auto-Submitted"] == "auto-generated"


@pytest.mark.parametrize(("set_to", "shown"), [
    ("helpline@hp.example", "Seva Sankalp <helpline@hp.example>"),
    ("Helpline 1100 <helpline@hp.example>", "Helpline 1100 <helpline@hp.example>"),
])  # fmt: skip
def test_it_says_by_name_who_sends_it(settings, set_to, shown):
    settings.DEFAULT_FROM_EMAIL = set_to

    assert sent(subject="Today", body="Nothing")["From"] == shown


def test_nobody_adds_a_head_line_by_what_they_wrote():
    read = sent(subject="Today\nBcc: other@example.org", body="Nothing")

    assert (read["Subject"], read["Bcc"]) == ("Today Bcc: other@example.org", None)
