"""Acting over the API: the same table, the same rights, and clear answers where it cannot be."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile

from grievance import workflow
from grievance.models import Complaint
from grievance.table import TABLE
from tests.filing.conftest import jpeg, upload


def test_the_whole_story_over_the_api(world, program, new_complaint):
    citizen, je, nodal, client = (program(who) for who in (world.citizen, world.l1, world.nodal, world.client))
    number = client.register(**new_complaint).json()["number"]
    workflow.route_registered()
    assert je.act(number, "accept").json()["state"] == "in_progress"
    assert je.act(number, "ask", text="Which ward?").json()["state"] == "awaiting_citizen"
    assert citizen.act(number, "answer", text="Ward 3").json()["state"] == "in_progress"
    assert je.act(number, "resolve", text="Pipe mended").json()["state"] == "resolved"
    body = citizen.act(number, "verdict", satisfied=False, text="Still dry").json()
    assert (body["state"], body["level"], body["reopen_count"]) == ("assigned", 2, 1)
    assert je.get(f"complaints/{number}/").status_code == 404
    assert program(world.l2).act(number, "accept").status_code == 200
    assert program(world.l2).act(number, "resolve", text="New pipe").status_code == 200
    body = citizen.act(number, "verdict", satisfied=True, rating=4).json()
    assert (body["state"], body["outcome"], body["verdict"], body["rating"]) == ("closed", "satisfied", "satisfied", 4)
    assert nodal.get(f"complaints/{number}/").json()["receipt"] == body["receipt"] == body["events"][-1]["hash"]


def test_after_two_transfers_the_api_moves_it_for_triage_alone(world, program):
    complaint, there = world.assigned(), {"department": "pwd", "reason": "wrong_department"}
    back = {"department": "jal-shakti", "reason": "wrong_department"}
    assert program(world.l1).act(complaint.number, "transfer", **there).status_code == 200
    assert program(world.roads_l1).act(complaint.number, "transfer", **back).status_code == 200

    for posting in (world.l1, world.nodal):
        assert program(posting).act(complaint.number, "transfer", **there).status_code in (403, 409)
        assert "transfer" not in program(posting).get(f"complaints/{complaint.number}/").json()["actions"]
    answer = program(world.triage).act(complaint.number, "transfer", **there)

    assert (answer.status_code, answer.json()["department"]) == (200, "pwd")
    assert Complaint.objects.get(pk=complaint.pk).registered_at == complaint.registered_at


def test_an_agent_writes_a_call_down_over_the_api(world, program):
    complaint = world.resolved()

    assert program(world.agent).act(complaint.number, "call", outcome="nonsense").status_code == 400
    assert program(world.agent).act(complaint.number, "call", outcome="not_reached").status_code == 200
    assert complaint.call_backs.get().attempts == 1


def test_the_nodal_officer_assigns_by_the_posts_code_before_the_worker_came(world, program):
    complaint = world.register()
    answer = program(world.nodal).act(complaint.number, "reassign", assignee=world.l1.post.code)
    assert (answer.status_code, answer.json()["assignee"]["posting"]) == (200, world.l1.pk)


def test_what_the_state_does_not_allow_is_409_with_what_it_does(world, program):
    complaint = world.assigned()
    answer = program(world.l1).act(complaint.number, "ask", text="Which ward?")
    assert answer.status_code == 409
    assert answer.json()["state"] == "assigned"
    assert "accept" in answer.json()["allowed"]
    assert "ask" not in answer.json()["allowed"]


def test_what_one_may_not_is_403(world, program):
    complaint = world.assigned()
    assert program(world.citizen).act(complaint.number, "accept").status_code == 403


def test_what_one_may_not_see_is_404(world, program):
    complaint = world.assigned()
    assert program(world.stranger).act(complaint.number, "withdraw").status_code == 404
    assert program(world.roads_l1).act(complaint.number, "accept").status_code == 404


def test_of_two_at_once_the_second_is_told(world, program):
    complaint = world.assigned()
    version = complaint.event_count
    officer = program(world.l1)
    assert officer.act(complaint.number, "accept", version=version).status_code == 200
    answer = officer.act(complaint.number, "note", text="Mine", version=version)
    assert answer.status_code == 409
    assert answer.json()["events"] == [version + 1]
    assert not Complaint.objects.get().events.filter(action="note").exists()


@pytest.mark.parametrize(
    ("action", "data", "field"),
    [
        ("ask", {}, "text"), ("update", {"text": ""}, "text"), ("note", {"text": "x" * 4001}, "text"),
        ("note", {"text": "x", "rating": 3}, "rating"), ("transfer", {"text": "x", "department": "nothing", "reason": "wrong_department"}, "department"),
        ("accept", {"version": -1}, "version"), ("accept", {"files": ["x"]}, "files"), ("nothing", {}, "action"),
        ("verdict", {}, "satisfied"), ("note", {"text": "x", "assignee": "nobody"}, "assignee"),
        ("note", {"text": "x", "into": "12345678901"}, "into"), ("note", {"text": "x", "files": []}, None),
    ],
)  # fmt: skip
def test_what_an_action_needs_is_named_by_field(world, program, action, data, field):
    complaint = world.in_progress()
    answer = program(world.l1).act(complaint.number, action, **data)
    if field is None:
        assert answer.status_code == 200
    else:
        assert (answer.status_code, field in answer.json().get("errors", {})) == (400, True), answer.json()


def test_what_is_the_systems_cannot_be_asked_for(world, program):
    complaint = world.assigned()
    for name, rule in TABLE.items():
        if rule.who == ("system",):
            assert program(world.cm_office).act(complaint.number, name).status_code == 400


def test_a_file_is_uploaded_and_goes_with_an_action_once(world, program, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    complaint = world.in_progress()
    officer = program(world.l1)
    path = f"complaints/{complaint.number}/files/"
    uploaded = officer.post(path, {"file": upload(jpeg((8, 8)))}, format="multipart")
    assert uploaded.status_code == 201, uploaded.json()
    key = uploaded.json()["key"]
    assert program(world.l2).act(complaint.number, "note", text="Theirs", files=[key]).status_code == 400
    assert officer.act(complaint.number, "resolve", text="Done", files=[key]).status_code == 200
    assert Complaint.objects.get().attachments.get().event.action == "resolve"
    assert officer.act(complaint.number, "note", text="Again", files=[key]).json()["errors"].keys() == {"files"}


@pytest.mark.parametrize("content", [b"", b"<html>", b"MZ" + b"\x00" * 99])
def test_a_file_that_is_not_what_it_says_is_refused(world, program, settings, tmp_path, content):
    settings.MEDIA_ROOT = tmp_path
    complaint = world.in_progress()
    file = SimpleUploadedFile("photo.jpg", content, "image/jpeg")
    answer = program(world.l1).post(f"complaints/{complaint.number}/files/", {"file": file}, format="multipart")
    assert answer.status_code == 400
    assert "file" in answer.json()["errors"]
    assert program(world.l1).post(f"complaints/{complaint.number}/files/", {}, format="multipart").status_code == 400


def test_whoever_hands_it_on_out_of_sight_is_told_so(world, program):
    complaint = world.in_progress()
    answer = program(world.l1).act(complaint.number, "transfer", department="pwd", category="pothole",
                                   reason="wrong_department", text="A road matter")  # fmt: skip
    assert answer.status_code == 200, answer.json()
    assert answer.json().keys() == {"number", "detail"}
