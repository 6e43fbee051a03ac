"""Rejecting and closing by order through the pages: two people, reasons, and the citizen's word against it."""

import pytest
from django.test import Client
from django.urls import reverse

from grievance.models import Complaint


@pytest.fixture
def citizens_browser(world, settings):
    client = Client(headers={"accept-language": "en"})
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)
    return client


def fresh(complaint) -> Complaint:
    return Complaint.objects.get(pk=complaint.pk)


def send(client, complaint, action, **data):
    return client.post(reverse("complaint_act", args=[complaint.number, action]), data)


def own_page(client, complaint, action) -> str:
    return client.get(reverse("complaint_act", args=[complaint.number, action])).content.decode()


def test_a_rejection_takes_another_person_and_the_citizen_may_have_it_opened_again(world, desk_of, citizens_browser):
    complaint = world.assigned()
    triage = desk_of(world.triage)
    assert triage.act(complaint, "propose_reject", text="Nothing to go by").status_code == 200  # no reason chosen
    assert triage.act(complaint, "propose_reject", reason="no_facts", text="Nothing to go by").status_code == 302
    assert fresh(complaint).is_open
    assert triage.act(fresh(complaint), "approve_reject").status_code == 409

    assert desk_of(world.triage_2).act(fresh(complaint), "approve_reject").status_code == 302
    assert fresh(complaint).outcome == "rejected"

    page = citizens_browser.get(reverse("complaint", args=[complaint.number])).content.decode()
    assert reverse("complaint_act", args=[complaint.number, "reopen"]) in page
    said = own_page(citizens_browser, complaint, "reopen")
    for shown in (page, said):
        assert "Reason: no_facts" in shown
        assert "Nothing to go by" in shown
        assert f"Proposed by: {world.triage.post.title}" in shown
    assert "Why should it be taken up after all?" in said
    send(citizens_browser, complaint, "reopen", text="Here are the facts")
    assert (fresh(complaint).state, fresh(complaint).level) == ("assigned", 2)


def test_a_closing_by_order_is_stopped_by_an_objection(world, desk_of, citizens_browser):
    complaint = world.in_progress()
    assert desk_of(world.l3).act(complaint, "propose_special_close", text="By order").status_code == 409
    ordered = desk_of(world.l4).act(complaint, "propose_special_close", text="By order of the court")
    assert ordered.status_code == 302
    assert desk_of(world.l4).act(fresh(complaint), "approve_special_close").status_code == 409
    assert desk_of(world.cm_office).act(fresh(complaint), "approve_special_close").status_code == 302

    page = citizens_browser.get(reverse("complaint", args=[complaint.number])).content.decode()
    assert "You may object" in page
    said = own_page(citizens_browser, complaint, "object")
    for shown in (page, said):
        assert "By order of the court" in shown
        assert f"Proposed by: {world.l4.post.title}" in shown
        assert f"Approved by: {world.cm_office.post.title}" in shown
    assert "You may object until" in said
    send(citizens_browser, complaint, "object", text="It still leaks")

    assert fresh(complaint).close_after is None
    assert fresh(complaint).is_open
