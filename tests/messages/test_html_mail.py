"""The HTML beside scheduled e-mails: the words of the text, in the reader's language, and nothing that is loaded."""

import datetime
import email
import re
from email import policy
from html import unescape

import pytest
import time_machine
from django.core import mail

from channels import deliveries, digests, html_mail, message_templates, reports
from channels.gateways import Message
from channels.gateways.email import EmailGateway
from channels.models import Audience, Delivery, Medium, ReportSchedule
from tests.factories import World

MONDAY = datetime.datetime(2026, 11, 2, 9, 5, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30)))
WEEK = """Dear Anita,

Your department at the beginning of this week:

Open: 1,204
Overdue: 31

Open them:
https://seva.example/desk/?a=1&b=2

Himachal Pradesh – Seva Sankalp"""


def words_of(html: str) -> list[str]:
    return unescape(re.sub(r"<[^>]+>", " ", html[html.index("<body") :])).split()


def test_what_is_counted_is_a_table_and_the_address_a_link():
    html = html_mail.html_of(WEEK, "en")

    assert re.findall(r">([^<>]+)</t[hd]>", html) == ["Open", "1,204", "Overdue", "31"]
    assert re.findall(r'href="([^"]+)"', html) == ["https://seva.example/desk/?a=1&amp;b=2"]
    assert words_of(html) == WEEK.replace("Open: 1", "Open 1").replace("Overdue: 3", "Overdue 3").split()


@pytest.mark.parametrize("text", ["<script>alert(1)</script>", 'Open "them" & <b>all</b>: 3', "javascript:alert(1)"])
def test_a_name_is_never_markup(text):
    html = html_mail.html_of(text, "en")

    assert "<script" not in html
    assert "<b>" not in html
    assert "href" not in html


def test_it_goes_beside_the_text_and_loads_nothing():
    EmailGateway().send(Message("email", "head@example.org", WEEK, "The week", html=html_mail.html_of(WEEK, "en")))
    read = email.message_from_bytes(mail.outbox[-1].message().as_bytes(), policy=policy.default)

    assert read.get_content_type() == "multipart/alternative"
    assert [part.get_content_type() for part in read.iter_parts()] == ["text/plain", "text/html"]
    plain, html = (part.get_content() for part in read.iter_parts())
    assert plain.strip() == WEEK
    assert not re.search(r"<(img|link|script|iframe|style)\b|url\(|src=", html)


@pytest.mark.django_db
def test_reports_and_digests_have_it_in_the_readers_language_and_a_complaints_messages_have_none():
    message_templates.load()
    ReportSchedule.objects.all().delete()
    ReportSchedule.objects.create(report="state", every="day", language="hi")
    world = World()
    complaint = world.assigned()
    with time_machine.travel(MONDAY, tick=False):
        reports.make_due()
        digests.make_due()
    scheduled = Delivery.objects.filter(channel=Medium.EMAIL, complaint=None)

    assert "daily_report" in {delivery.template for delivery in scheduled}
    for delivery in scheduled:
        html = html_mail.of(delivery)
        assert f'<html lang="{delivery.language}">' in html
        assert delivery.subject and "सेवा संकल्प" in html if delivery.language == "hi" else "Seva Sankalp" in html
    about_one = Delivery(audience=Audience.OFFICER, channel=Medium.EMAIL, body="Words", language="hi",
                         complaint=complaint)  # fmt: skip
    assert deliveries._message(about_one).html == ""
