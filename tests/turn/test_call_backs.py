"""The call-back queue of the 1100 desk: one agent a call, each call on another day, every look at a number kept."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from departments.models import Role
from grievance import call_backs, citizens_turn, workflow
from grievance.models import CallBack, Complaint, Event
from tests.factories import CitizenFactory

DAY = datetime.timedelta(days=1)
QUEUE = "/desk/call-backs/"


class Phone:
    """An agent's browser."""

    def __init__(self, posting, language="en"):
        self.user = posting.officer
        self.language = language
        self.sign_in()

    def sign_in(self):
        self.client = Client(headers={"accept-language": self.language})
        self.client.force_login(self.user, backend="citizens.backends.StaffBackend")

    def page(self):
        return self.client.get(QUEUE)

    def shown(self) -> list[str]:
        return [task.complaint.number for task in self.page().context["rows"]]

    def claim(self, task):
        return self.client.post(reverse("desk_call_back_claim", args=[task.pk]), follow=True)

    def attempt(self, task, outcome):
        return self.client.post(reverse("desk_call_back_attempt", args=[task.pk]), {"outcome": outcome}, follow=True)


@pytest.fixture
def task_of(world):
    """Makes a complaint that was resolved eight days ago and whose citizen did not answer the reminders."""

    def make(**more) -> CallBack:
        with time_machine.travel(timezone.now() - 9 * DAY):
            complaint = world.resolved(**more)
        with time_machine.travel(timezone.now() - DAY):
            citizens_turn.remind_of_verdict()
        return complaint.call_backs.get()

    return make


def test_the_agent_claims_calls_and_writes_down_what_came_of_it(world, task_of):
    task, phone = task_of(), Phone(world.agent)
    assert phone.shown() == [task.complaint.number]
    assert str(world.citizen.phone) not in phone.page().content.decode()

    page = phone.claim(task)
    assert f'href="tel:{world.citizen.phone}"' in page.content.decode()
    assert page.context["verdicts"] == ["satisfied", "not_satisfied"]
    assert task.complaint.events.filter(action="reveal", actor=phone.user).count() == 1

    page = phone.attempt(task, "not_reached")
    assert "Written down" in page.content.decode()
    event = task.complaint.events.get(action="call")
    assert (event.actor, event.data["call"], event.internal) == (phone.user, "not_reached", True)
    assert phone.shown() == []
    with time_machine.travel(timezone.now() + DAY):
        phone.sign_in()
        assert phone.shown() == [task.complaint.number]


def test_a_verdict_on_the_phone_ends_the_task(world, task_of):
    task, phone = task_of(), Phone(world.agent)
    phone.claim(task)
    version = Complaint.objects.get(pk=task.complaint_id).event_count

    address = reverse("desk_act", args=[task.complaint.number, "satisfied"])
    assert phone.client.get(address).status_code == 200
    phone.client.post(address, {"version": version, "rating": "4"})

    assert Complaint.objects.get(pk=task.complaint_id).outcome == "satisfied"
    assert phone.page().context["mine"] is None
    assert phone.shown() == []


def test_two_agents_never_have_the_same_call(world, task_of):
    task, first, second = task_of(), Phone(world.agent), Phone(world.desk(Role.AGENT))
    first.claim(task)
    assert second.shown() == []

    said = second.claim(task).content.decode()
    assert "Someone else has this call now" in said
    assert str(world.citizen.phone) not in said
    assert not task.complaint.events.filter(action="reveal", actor=second.user).exists()
    second.attempt(task, "reached")
    assert not task.complaint.events.filter(action="call").exists()


def test_a_claim_that_was_forgotten_lapses(world, task_of):
    task, first, second = task_of(), Phone(world.agent), Phone(world.desk(Role.AGENT))
    first.claim(task)

    with time_machine.travel(timezone.now() + call_backs.CLAIM + datetime.timedelta(seconds=1)):
        first.sign_in()
        second.sign_in()
        assert second.shown() == [task.complaint.number]
        second.claim(task)
        assert "Someone else" in first.attempt(task, "reached").content.decode()


def test_who_takes_the_next_call_gives_the_last_one_back(world, task_of):
    one, two, phone = task_of(), task_of(citizen=world.stranger), Phone(world.agent)
    phone.claim(one)
    phone.claim(two)

    assert phone.page().context["mine"] == two
    assert phone.shown() == [one.complaint.number]


def test_sent_twice_it_is_written_down_once(world, task_of):
    task, phone = task_of(), Phone(world.agent)
    phone.claim(task)
    phone.attempt(task, "not_reached")
    phone.attempt(task, "not_reached")

    assert Event.objects.filter(action="call").count() == 1


def test_a_wrong_number_is_not_called_again(world, task_of):
    task, phone = task_of(), Phone(world.agent)
    phone.claim(task)
    phone.attempt(task, "wrong_number")

    with time_machine.travel(timezone.now() + 5 * DAY):
        phone.sign_in()
        assert phone.shown() == []


def unreached(phone) -> list[str]:
    return [task.complaint.number for task in phone.page().context["unreached"]]


def test_a_wrong_number_stays_in_sight_with_its_reason(world, task_of):
    task, phone = task_of(), Phone(world.agent)
    assert unreached(phone) == []
    phone.claim(task)
    phone.attempt(task, "wrong_number")

    assert unreached(phone) == [task.complaint.number]
    assert "Another number is needed" in phone.page().content.decode()
    # Another number was found, or the line was just bad: it can be called once more.
    phone.claim(task)
    assert (phone.page().context["mine"], unreached(phone)) == (task, [])
    version = Complaint.objects.get(pk=task.complaint_id).event_count
    address = reverse("desk_act", args=[task.complaint.number, "satisfied"])
    phone.client.post(address, {"version": version, "rating": "4"})
    assert (phone.page().context["mine"], unreached(phone)) == (None, [])


def test_whoever_no_message_reaches_stays_in_sight_once_every_call_is_made(world, task_of):
    task, phone = task_of(), Phone(world.agent)
    for _call in range(3):
        phone.claim(task)
        phone.attempt(task, "not_reached")
        CallBack.objects.filter(due_on__isnull=False).update(due_on=timezone.localdate())
    assert CallBack.objects.get().due_on is None
    assert unreached(phone) == []

    with time_machine.travel(timezone.now() + 10 * DAY):
        citizens_turn.close_without_reply()
        phone.sign_in()
        assert unreached(phone) == [task.complaint.number]
        assert "asked over one channel alone" in phone.page().content.decode()


def test_nothing_but_the_three_outcomes_is_taken(world, task_of):
    task, phone = task_of(), Phone(world.agent)
    phone.claim(task)
    phone.attempt(task, "whatever")
    phone.attempt(task, "")

    assert not Event.objects.filter(action="call").exists()


def test_officers_citizens_and_other_lines_find_no_queue(world, task_of, client):
    task_of()
    secret = world.no_water
    for posting in (world.l1, world.nodal, world.triage, world.cm_office):
        assert Phone(posting).page().status_code == 404
    assert client.get(QUEUE).status_code == 302
    secret.confidential, secret.line = True, "181"
    secret.save()
    world.posting(world.water, 1, world.state, line="181")
    hidden = task_of(citizen=CitizenFactory())
    assert hidden.complaint.confidential
    assert hidden.complaint.number not in Phone(world.agent).shown()
    of_the_line = world.desk(Role.AGENT)
    of_the_line.post.line = "181"
    of_the_line.post.save()
    assert Phone(of_the_line).shown() == [hidden.complaint.number]
    assert Phone(world.agent).claim(hidden).status_code == 404


def test_the_queue_costs_the_same_however_long_it_is(world, task_of):
    def cost():
        phone = Phone(world.agent)
        phone.page()
        with CaptureQueriesContext(connection) as captured:
            phone.page()
        return len(captured)

    task_of()
    few = cost()
    for _number in range(6):
        task_of(citizen=CitizenFactory())

    assert cost() == few <= 13


@pytest.mark.parametrize(("language", "words"), [("hi", "फ़ोन करना"), ("en", "Citizens to call back")])
def test_it_speaks_both_languages(world, task_of, language, words):
    phone = Phone(world.agent, language)
    assert words in phone.page().content.decode()
    phone.claim(task_of())
    assert words in phone.page().content.decode()


def test_an_agent_without_inbox_is_led_to_the_queue(world):
    assert QUEUE in Phone(world.agent).client.get("/desk/", follow=True).content.decode()


def test_only_agents_record_calls(world, task_of):
    task = task_of()
    from grievance.errors import NotAllowedNow, NotPermitted

    for user in (world.l1.officer, world.nodal.officer, world.citizen):
        with pytest.raises((NotPermitted, NotAllowedNow)):
            workflow.change(task.complaint, "call", user=user, outcome="reached")
