"""Messages: who hears what, once, in their language; and what happens when the gateway fails."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from channels import deliveries, message_templates, notices
from channels.models import Delivery, KeptMessage
from grievance import readers, workflow
from grievance.models import Event, ReaderPosition

# Readers read only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)


def follow():
    while notices.follow():
        pass


def heard(audience="citizen") -> list[str]:
    return list(Delivery.objects.filter(audience=audience).order_by("id").values_list("template", flat=True))


def test_the_citizen_and_the_officer_hear_every_step(world):
    complaint = world.in_progress()
    complaint = workflow.change(complaint, "ask", user=world.l1.officer, text="Which ward?")
    complaint = workflow.change(complaint, "answer", user=world.citizen, text="4")
    complaint = workflow.change(complaint, "resolve", user=world.l1.officer, text="Done")
    complaint = workflow.change(complaint, "not_satisfied", user=world.citizen, text="No")
    complaint = workflow.change(complaint, "resolve", user=world.l2.officer, text="Now")
    workflow.change(complaint, "satisfied", user=world.citizen, rating=4)
    follow()

    assert heard() == ["registered", "assigned", "asked", "resolved", "reopened", "resolved", "satisfied"]
    assert heard("officer") == ["assigned", "answered", "reopened", "disposed_verdict"]


def test_escalation_and_transfer_are_told(world):
    complaint = world.assigned()
    complaint = workflow.change(
        complaint, "transfer", user=world.l1.officer, department="pwd", reason="wrong_department"
    )
    with time_machine.travel(complaint.due_at + datetime.timedelta(seconds=1), tick=False):
        workflow.change(complaint, "escalate")
    follow()

    assert heard() == ["registered", "assigned", "transferred", "escalated"]


@pytest.mark.parametrize(("language", "words"), [("hi", "दर्ज"), ("en", "registered")])
def test_it_is_said_in_the_citizens_language(world, language, words):
    world.register(language=language)
    follow()

    assert words in Delivery.objects.get().body


def test_each_event_makes_its_messages_exactly_once(world):
    world.assigned()
    follow()
    before = Delivery.objects.count()

    ReaderPosition.objects.update(xid=0, event_id=0)
    follow()

    assert Delivery.objects.count() == before


def test_nothing_is_made_when_the_reader_fails_half_way(world, monkeypatch):
    world.assigned()
    monkeypatch.setattr(notices, "fill", lambda *_args: 1 / 0)
    with pytest.raises(ZeroDivisionError):
        follow()
    assert Delivery.objects.count() == 0
    assert ReaderPosition.objects.get(name="messages").failure == "ZeroDivisionError"

    monkeypatch.undo()
    readers.try_again_now(ReaderPosition.objects.all())
    follow()
    assert heard() == ["registered", "assigned"]
    assert ReaderPosition.objects.get(name="messages").failure == ""


def test_a_transaction_that_commits_late_is_not_passed_over(world):
    """An event with a smaller id that commits after a larger one must still be read."""
    import threading

    from django.db import connection, transaction

    begun, go_on = threading.Event(), threading.Event()

    def slow():
        with transaction.atomic():
            world.register(text="slow one")
            begun.set()
            go_on.wait(10)
        connection.close()

    thread = threading.Thread(target=slow)
    thread.start()
    begun.wait(10)
    world.register(text="quick one")
    seen = []
    while readers.follow("test", seen.extend):
        pass
    go_on.set()
    thread.join()
    while readers.follow("test", seen.extend):
        pass

    assert sorted(e.pk for e in seen) == sorted(Event.objects.values_list("pk", flat=True))


def test_a_confidential_matter_is_not_named_in_a_message(world):
    secret = world.no_water
    secret.confidential, secret.line, secret.name_en = True, "181", "Violence at home"
    secret.save()
    world.posting(world.water, 1, world.state, line="181")
    world.assigned(language="en", text="He beats me")
    follow()

    said = " ".join(Delivery.objects.values_list("body", flat=True))
    assert "Violence" not in said
    assert "beats" not in said


def test_the_verdict_link_of_the_message_works_once(world, client):
    complaint = world.resolved(language="en")
    follow()
    link = re.search(r"/v/\S+/", Delivery.objects.get(template="resolved").body).group()

    assert client.get(link).status_code == 200
    assert client.post(f"{link}?verdict=satisfied", {"rating": "4"}).status_code == 200
    complaint.refresh_from_db()
    assert (complaint.outcome, complaint.rating) == ("satisfied", 4)
    assert complaint.events.get(action="satisfied").channel == "link"
    assert "verdict=" not in client.get(link).content.decode()
    assert client.post(f"{link}?verdict=not_satisfied", {"text": "no"}).status_code == 200
    complaint.refresh_from_db()
    assert complaint.outcome == "satisfied"


def test_the_link_dies_when_the_phone_changes(world, client):
    world.resolved(language="en")
    follow()
    link = re.search(r"/v/\S+/", Delivery.objects.get(template="resolved").body).group()
    world.citizen.phone = "+919816077777"
    world.citizen.save()

    assert client.get(link).status_code == 404


def test_merged_citizens_hear_of_the_survivor(world):
    survivor, other = world.in_progress(), world.in_progress(citizen=world.stranger)
    workflow.change(other, "merge", user=world.l1.officer, into=survivor)
    workflow.change(survivor, "update", user=world.l1.officer, text="Pipe ordered")
    follow()

    assert Delivery.objects.filter(template="update", recipient=world.stranger).exists()


def test_what_is_sent_is_sent_once(world, gateway):
    world.register()
    follow()

    while deliveries.send_waiting():
        pass
    deliveries.send_waiting()

    assert len(gateway.taken) == 1
    assert Delivery.objects.get().state == "sent"


def test_a_gateway_in_trouble_is_tried_again_later(world, gateway):
    gateway.answers = [500, 429]
    world.register()
    follow()

    with time_machine.travel(timezone.now(), tick=False) as clock:
        deliveries.send_waiting()
        waiting = Delivery.objects.get()
        assert (waiting.state, waiting.attempts, waiting.last_error) == ("queued", 1, "HTTP 500")
        assert deliveries.send_waiting() == 0
        for _hour in range(2):
            clock.shift(datetime.timedelta(hours=1))
            deliveries.send_waiting()

    assert Delivery.objects.get().state == "sent"
    assert len(gateway.taken) == 1


def test_a_permanent_refusal_ends_at_once_and_can_be_seen(world, gateway):
    gateway.answers = [400]
    world.register()
    follow()

    deliveries.send_waiting()

    failed = Delivery.objects.get()
    assert (failed.state, failed.attempts) == ("failed", 1)
    assert deliveries.retry(Delivery.objects.all()) == 1


def test_a_lease_that_ran_out_is_taken_over(world, gateway):
    world.register()
    follow()
    with time_machine.travel(timezone.now(), tick=False) as clock:
        deliveries._claim("00000000-0000-0000-0000-000000000001")
        assert deliveries.send_waiting() == 0
        clock.shift(deliveries.LEASE + datetime.timedelta(seconds=1))
        assert deliveries.send_waiting() == 1
    assert len(gateway.taken) == 1


def test_how_it_ended_is_said_to_the_citizen_not_about_them(world):
    world.closed()
    workflow.change(world.assigned(), "withdraw", user=world.citizen)
    follow()

    satisfied, withdrawn = (
        Delivery.objects.get(template=name, channel="sms", audience="citizen") for name in ("satisfied", "withdrawn")
    )
    assert "नागरिक" not in satisfied.body
    assert "30 दिन" in satisfied.body
    # What is withdrawn cannot be opened again: nothing may invite to that.
    assert "काम बाकी" not in withdrawn.body
    assert "नई शिकायत" in withdrawn.body


def test_the_longest_sms_to_a_citizen_fits_three_parts(world):
    """Hindi travels in parts of 67 signs; the longest are those with a question or with the link to judge."""
    complaint = world.in_progress(language="hi")
    workflow.change(complaint, "ask", user=world.l1.officer, text="कौन सा वार्ड? " * 50)
    workflow.change(complaint, "answer", user=world.citizen, text="4")
    workflow.change(complaint, "resolve", user=world.l1.officer, text="ठीक है " * 100)
    follow()

    lengths = {d.template: len(d.body) for d in Delivery.objects.filter(channel="sms", audience="citizen")}
    assert {"asked", "resolved"} <= set(lengths)
    assert max(lengths.values()) <= 3 * 67, lengths


def test_every_template_speaks_both_languages():
    message_templates.load()
    from channels.models import MessageTemplate

    by_key = {}
    for template in MessageTemplate.objects.all():
        by_key.setdefault((template.event, template.audience, template.channel), set()).add(template.language)
    assert all(languages == {"hi", "en"} for languages in by_key.values())
    wanted = {(name, "citizen") for name, _officer in notices.CALLS_FOR.values() if name}
    wanted |= {(name, "officer") for _citizen, name in notices.CALLS_FOR.values() if name}
    assert wanted <= {(event, audience) for event, audience, _channel in by_key}


def test_the_outbox_command_prints_what_was_sent(world, capsys):
    world.register()
    follow()
    deliveries.send_waiting()
    import json

    from django.core.management import call_command

    call_command("outbox", "--to", str(world.citizen.phone), "--json")
    kept = json.loads(capsys.readouterr().out)

    assert len(kept) == KeptMessage.objects.filter(address=str(world.citizen.phone)).count() == 1
