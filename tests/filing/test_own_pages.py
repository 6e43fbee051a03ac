"""The citizen's pages: who has it, by when, answering, judging, reopening, withdrawing, tracking."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from grievance import files, table, workflow
from grievance.models import Complaint
from grievance.numbers import grouped
from grievance.pages import own_words
from grievance.verdict_link import verdict_token

from .conftest import jpeg, upload

pytestmark = pytest.mark.django_db


@pytest.fixture
def citizen(client, world, settings):
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)
    client.cookies["django_language"] = "en"
    return client


def page(client, path: str) -> str:
    return client.get(path).content.decode()


def test_it_says_who_has_it_by_when_and_why(citizen, world):
    complaint = world.assigned()

    shown = page(citizen, f"/complaints/{complaint.number}/")

    assert world.l1.post.title_en in shown
    assert "To be done by" in shown
    assert "in charge of Theog" in shown
    assert "Sent to the officer" in shown


def test_where_nothing_is_new_the_page_that_looks_again_stays_as_it_is(citizen, world):
    """The keyboard and the screen reader stay where they are."""
    complaint = world.assigned()
    [again] = re.findall(r'hx-get="([^"]+)"', page(citizen, f"/complaints/{complaint.number}/"))

    assert citizen.get(again, headers={"HX-Request": "true"}).status_code == 204
    workflow.change(complaint, "accept", user=world.l1.officer)
    assert f"?seen={complaint.event_count + 1}" in citizen.get(again, headers={"HX-Request": "true"}).content.decode()


def test_private_numbers_and_internal_notes_stay_inside(citizen, world):
    world.l1.officer.phone = "+919811111111"
    world.l1.officer.save()
    complaint = world.in_progress()
    workflow.change(complaint, "note", user=world.l1.officer, text="He complains a lot")

    shown = page(citizen, f"/complaints/{complaint.number}/")

    assert "9811111111" not in shown
    assert "complains a lot" not in shown


def test_a_stranger_gets_404(client, world, settings):
    complaint = world.assigned()
    client.force_login(world.stranger, backend=settings.CITIZEN_BACKEND)

    for path in ("", "withdraw/", "answer/"):
        assert client.get(f"/complaints/{complaint.number}/{path}").status_code == 404
    assert client.get(f"/file/done/{complaint.number}/").status_code == 404


def test_a_question_is_answered(citizen, world):
    complaint = workflow.change(world.in_progress(), "ask", user=world.l1.officer, text="Which ward?")

    citizen.post(f"/complaints/{complaint.number}/answer/", {"text": "Ward 4"})

    complaint.refresh_from_db()
    assert complaint.state == "in_progress"
    assert "Ward 4" in page(citizen, f"/complaints/{complaint.number}/")


def test_a_verdict_needs_its_rating_and_keeps_what_was_typed(citizen, world):
    complaint = world.resolved()

    answer = citizen.post(f"/complaints/{complaint.number}/satisfied/", {"text": "Good people"})

    assert "Good people" in answer.content.decode()
    assert "govuk-error-summary" in answer.content.decode()


def test_a_verdict_given_twice_shows_how_it_stands(citizen, world):
    complaint = world.resolved()
    for _tap in range(2):
        answer = citizen.post(f"/complaints/{complaint.number}/satisfied/", {"rating": "4"})
        assert answer["Location"] == f"/complaints/{complaint.number}/"

    assert complaint.events.filter(action="satisfied").count() == 1


def test_not_satisfied_needs_a_reason_and_goes_one_up(citizen, world):
    complaint = world.resolved()
    citizen.post(f"/complaints/{complaint.number}/not_satisfied/", {"text": ""})
    complaint.refresh_from_db()
    assert complaint.state == "resolved"

    citizen.post(f"/complaints/{complaint.number}/not_satisfied/", {"text": "Still dry"})

    complaint.refresh_from_db()
    assert (complaint.state, complaint.level) == ("assigned", 2)


def test_withdrawing_asks_first(citizen, world):
    complaint = world.assigned()

    assert "govuk-button--warning" in page(citizen, f"/complaints/{complaint.number}/withdraw/")
    citizen.post(f"/complaints/{complaint.number}/withdraw/", {"text": ""})
    complaint.refresh_from_db()
    assert complaint.outcome == "withdrawn"


def test_actions_of_officers_are_no_addresses_of_citizens(citizen, world):
    complaint = world.assigned()

    for action in ("accept", "resolve", "escalate", "nonsense"):
        assert citizen.post(f"/complaints/{complaint.number}/{action}/", {"text": "x"}).status_code == 404


def test_tracking_recognises_a_mistyped_number(client, world):
    number = world.register().number
    wrong = number[:-1] + str((int(number[-1]) + 1) % 10)

    assert client.post("/track/", {"number": grouped(number)})["Location"] == f"/complaints/{number}/"
    assert "govuk-error-message" in client.post("/track/", {"number": wrong}).content.decode()
    assert client.get(f"/complaints/{number}/")["Location"].startswith("/sign-in/?next=")


def test_the_list_is_paged_by_key(citizen, world, django_assert_max_num_queries):
    for _number in range(25):
        world.register()

    with django_assert_max_num_queries(6):
        first = page(citizen, "/complaints/")
    cursor = first.split("?cursor=")[1].split('"')[0]
    second = page(citizen, f"/complaints/?cursor={cursor}")

    numbers = [grouped(n) for n in Complaint.objects.order_by("-id").values_list("number", flat=True)]
    assert all(n in first for n in numbers[:20])
    assert all(n in second and n not in first for n in numbers[20:])
    assert citizen.get("/complaints/?cursor=forged").status_code == 302


def test_the_page_of_a_complaint_costs_the_same_however_many_there_are(citizen, world, django_assert_max_num_queries):
    complaint = world.in_progress()
    for _number in range(5):
        world.assigned()

    with django_assert_max_num_queries(16):
        citizen.get(f"/complaints/{complaint.number}/")


def test_a_receipt_is_printed_with_the_hash_of_the_record(citizen, world):
    complaint = world.assigned()

    assert complaint.head_hash in page(citizen, f"/complaints/{complaint.number}/?print=1")


@pytest.mark.parametrize(
    "path",
    ["/v/nonsense/", "/v/a:b:c/", "/complaints/x/", "/complaints/%00/", "/files/00000000-0000-0000-0000-000000000000/"],
)
def test_hostile_addresses_are_404(citizen, path):
    assert citizen.get(path).status_code == 404


def test_the_question_and_the_report_stand_beside_what_is_asked_for(citizen, world):
    complaint = workflow.change(world.in_progress(), "ask", user=world.l1.officer, text="Which ward is it?")
    assert "Which ward is it?" in page(citizen, f"/complaints/{complaint.number}/answer/")

    resolved = world.resolved()
    assert "Pipe mended" in page(citizen, f"/complaints/{resolved.number}/satisfied/")


@pytest.mark.parametrize("action", ["answer", "add", "satisfied", "not_satisfied", "withdraw", "reopen", "object"])
def test_what_an_action_does_is_said_in_words_for_citizens(action):
    for words in (own_words.EFFECTS, own_words.THANKS, own_words.TEXT_LABELS, own_words.SENTENCES):
        assert "citizen" not in str(words[action]).lower()
    assert own_words.EFFECTS[action] != table.TABLE[action].effect


def test_the_page_speaks_to_the_citizen_and_not_about_them(citizen, world):
    complaint = world.closed()

    for path in ("/complaints/", f"/complaints/{complaint.number}/", f"/complaints/{complaint.number}/reopen/"):
        assert "citizen" not in page(citizen, path).lower(), path
    assert "You are satisfied" in page(citizen, f"/complaints/{complaint.number}/")
    assert "you can reopen it until" in page(citizen, f"/complaints/{complaint.number}/")


def test_whoever_holds_the_link_alone_sees_the_report_but_no_file(client, world):
    complaint = world.in_progress()
    proof = files.store(upload(jpeg()), uploaded_by=world.l1.officer)
    complaint = workflow.change(complaint, "resolve", user=world.l1.officer, text="Pipe mended", files=[proof])
    link = f"/v/{verdict_token(complaint, complaint.event_count)}/"

    for path in (link, f"{link}?verdict=satisfied"):
        shown = page(client, path)
        assert "Pipe mended" in shown
        assert str(proof.key) not in shown
        assert f"/complaints/{complaint.number}/" in shown


def test_a_link_that_was_altered_is_dead(client, world):
    complaint, other = world.resolved(), world.resolved()
    token = verdict_token(complaint, complaint.event_count)
    stolen = "-".join([*verdict_token(other, other.event_count).split("-")[:3], token.split("-", 3)[3]])

    for forged in (stolen, token[:-1] + ("A" if token[-1] != "A" else "B"), token.replace("-", "-0", 1), token + "x"):
        assert client.get(f"/v/{forged}/").status_code == 404, forged
    assert client.get(f"/v/{token}/").status_code == 200
    with time_machine.travel(timezone.now() + datetime.timedelta(days=31), tick=False):
        assert client.get(f"/v/{token}/").status_code == 404
