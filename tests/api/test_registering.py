"""Registering over the API: for oneself, for a citizen, once a key."""


import pytest

from citizens.models import User
from departments.models import Category
from grievance import workflow
from grievance.models import Complaint, Event
from tests.factories import CategoryFactory, CitizenFactory

PROMISED = {"number", "kind", "state", "level", "category", "department", "area", "text", "fields", "assignee", "why",
            "due_at", "overdue", "registered_at", "resolved_at", "closed_at", "outcome", "verdict", "reopen_count",
            "receipt", "events"}  # fmt: skip


def test_a_client_registers_for_a_citizen_and_gets_the_number(world, program, new_complaint):
    answer = program(world.client).register(**new_complaint)
    assert answer.status_code == 201, answer.json()
    body = answer.json()
    assert body.keys() >= PROMISED
    assert (body["state"], body["category"], body["department"]) == ("registered", "no-water", "jal-shakti")
    complaint = Complaint.objects.get(number=body["number"])
    assert complaint.citizen == world.citizen
    assert (complaint.registered_by, complaint.channel, complaint.language) == (world.client, "api", "hi")
    assert body["receipt"] == complaint.events.get().hash


def test_a_citizen_registers_for_themselves_alone(world, program, new_complaint):
    other = str(CitizenFactory().phone)
    answer = program(world.stranger).register(**new_complaint | {"citizen": {"phone": other}})
    assert answer.status_code == 201
    assert Complaint.objects.get().citizen == world.stranger


def test_an_unknown_phone_becomes_a_citizen(world, program, new_complaint):
    answer = program(world.agent).register(**new_complaint | {"citizen": {"phone": "9816011111"}})
    assert answer.status_code == 201
    assert Complaint.objects.get().citizen == User.objects.get(phone="+919816011111")


def test_the_same_key_gives_the_same_complaint(world, program, new_complaint):
    client = program(world.client)
    first = client.register(key="one", **new_complaint)
    again = client.register(key="one", **new_complaint)
    assert (first.status_code, again.status_code) == (201, 201)
    assert first.json() == again.json()
    assert Complaint.objects.count() == Event.objects.count() == 1


def test_the_same_key_gives_the_same_answer_whatever_happened_since(world, program, new_complaint):
    client = program(world.client)
    first = client.register(key="one", **new_complaint)
    workflow.route_registered()
    complaint = Complaint.objects.get()
    workflow.change(complaint, "transfer", user=world.l1.officer, department="pwd", reason="wrong_department")
    workflow.change(complaint, "accept", user=world.roads_l1.officer)

    again = client.register(key="one", **new_complaint)

    assert (again.status_code, again.json()) == (201, first.json())
    assert client.get(f"complaints/{complaint.number}/").json()["state"] == "in_progress"


def test_a_key_is_its_owners(world, program, new_complaint):
    numbers = {program(who).register(key="one", **new_complaint).json()["number"] for who in (world.client, world.agent)}
    assert len(numbers) == 2


def test_the_same_key_with_other_content_is_refused(world, program, new_complaint):
    client = program(world.client)
    client.register(key="one", **new_complaint)
    answer = client.register(key="one", **new_complaint | {"text": "Something else"})
    assert answer.status_code == 422
    assert "Idempotency-Key" in answer.json()["detail"]
    assert Complaint.objects.count() == 1


def test_a_key_is_asked_for(world, program, new_complaint):
    answer = program(world.client).post("complaints/", new_complaint)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == {"Idempotency-Key"}


@pytest.mark.parametrize(
    ("change", "field"),
    [
        ({"category": "nothing"}, "category"), ({"area": "nowhere"}, "area"), ({"text": "  "}, "text"),
        ({"text": "x" * 4001}, "text"), ({"kind": "poem"}, "kind"), ({"citizen": None}, "citizen"),
        ({"citizen": {"phone": "12"}}, "citizen"), ({"fields": ["a"]}, "fields"), ({"category": ["a"]}, "category"),
        ({"category": None}, "category"), ({"text": {"a": 1}}, "text"), ({"area": "\x00"}, "area"),
    ],
)  # fmt: skip
def test_what_does_not_do_is_named_by_field(world, program, new_complaint, change, field):
    answer = program(world.client).register(**new_complaint | change)
    assert answer.status_code == 400
    assert field in answer.json()["errors"]
    assert answer.json()["detail"]
    assert not Complaint.objects.exists()


def test_a_categorys_questions_are_checked_one_by_one(world, program, new_complaint):
    question = {"key": "bus", "kind": "text", "label_en": "Bus number", "label_hi": "बस नंबर", "required": True}
    Category.objects.filter(code="no-water").update(fields=[question])
    client = program(world.client)
    assert client.register(**new_complaint).json()["errors"]["fields"].keys() == {"bus"}
    answer = client.register(**new_complaint | {"fields": {"bus": "HP-63-1234"}})
    assert answer.json()["fields"] == {"bus": "HP-63-1234"}


def test_an_aadhaar_number_is_not_kept(world, program, new_complaint):
    answer = program(world.client).register(**new_complaint | {"text": "My number is 2341 2341 2346"})
    assert "2341 2341" not in answer.json()["text"]
    assert "2341 2341" not in Complaint.objects.get().text


def test_who_registers_a_confidential_complaint_keeps_only_its_number(world, program, new_complaint):
    CategoryFactory(code="violence", department=world.water, confidential=True, line="181")
    client = program(world.client)
    first = client.register(key="one", **new_complaint | {"category": "violence"})
    assert first.status_code == 201
    assert first.json().keys() == {"number", "detail"}
    assert client.register(key="one", **new_complaint | {"category": "violence"}).json() == first.json()
    assert client.get(f"complaints/{first.json()['number']}/").status_code == 404


def test_staff_without_a_posting_register_nothing(world, program, new_complaint):
    superuser = User.objects.create_superuser("chief", "a very long password")
    assert program(superuser).register(**new_complaint).status_code == 403
    assert not Complaint.objects.exists()


def test_without_a_token_nothing_is_registered(world, program, new_complaint):
    answer = program().register(**new_complaint)
    assert answer.status_code == 401
    assert answer.headers["WWW-Authenticate"] == "Token"


def test_the_detail_of_a_wrong_answer_is_a_sentence(world, program, new_complaint):
    world.no_water.fields = [
        {"key": "meter", "label_en": "Meter", "label_hi": "मीटर", "kind": "digits", "required": True},
    ]
    world.no_water.save()
    body = program(world.client).register(**new_complaint).json()

    assert body["errors"]["fields"]["meter"]
    assert body["detail"] == body["errors"]["fields"]["meter"]
