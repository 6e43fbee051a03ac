"""A state in a minute: what is played is believable, comes out as asked for, and the same for the same seed."""

import datetime
from collections import Counter

import pytest
from django.core.management import CommandError, call_command

from channels import message_templates
from channels.models import Delivery
from departments import remembered
from grievance.models import Complaint, Event
from simulation import plan, play
from tests import emptying
from tests.factories import World

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.long]

# A Wednesday morning in the state.
END = datetime.datetime(2026, 11, 24, 18, 30, tzinfo=datetime.UTC)


@pytest.fixture
def state():
    World()
    message_templates.load()


def played(days=30, a_day=3, seed=7, **shares) -> play.Result:
    return play.play(play.Wanted(days, a_day, seed, END, plan.Shares(**shares)))


def officers_work_by_day_and_citizens_file_by_day_and_night() -> None:
    end = END - datetime.timedelta(days=6)
    hours = {
        action: Counter((event.at + datetime.timedelta(hours=5.5)).hour for event in found)
        for action in ("accept", "register")
        if (found := Event.objects.filter(action=action, at__lt=end))
    }
    assert set(hours["accept"]) <= set(range(10, 18))
    assert len(hours["register"]) > 12


def test_more_than_a_hundred_complaints_end_as_asked_for_and_log_and_figures_hold(state):
    result = played(days=21, a_day=5)

    assert result.complaints == 105
    assert result.disposed == pytest.approx(0.98, abs=0.02)
    assert result.satisfied == pytest.approx(0.70, abs=0.04)
    assert result.refused < 10
    # Everything that happens in a state happened here.
    for action in ("escalate", "not_satisfied", "ask", "answer", "transfer", "approve_reject", "withdraw", "no_reply"):
        assert result.actions[action], action
    assert not Delivery.objects.filter(state="queued", available_at__lte=END).exists()
    officers_work_by_day_and_citizens_file_by_day_and_night()
    call_command("verify_log")
    call_command("check_figures")


def test_other_shares_come_out_too(state):
    result = played(days=4, a_day=12, disposed=0.8, satisfied=0.4, rejected=0.2)

    assert result.disposed == pytest.approx(0.8, abs=0.04)
    assert result.satisfied == pytest.approx(0.4, abs=0.04)
    assert result.outcomes["rejected"] / result.complaints == pytest.approx(0.2, abs=0.04)


def test_the_same_seed_plays_the_same_and_another_does_not(state):
    first = played(days=3)
    emptying.empty()
    remembered.forget()
    World()
    message_templates.load()

    assert played(days=3) == first

    emptying.empty()
    remembered.forget()
    World()
    assert played(days=3, seed=8).digest != first.digest


def test_it_can_be_played_on_top_of_what_is_there(state):
    played(days=2)
    again = played(days=2)

    assert again.complaints == 6
    assert Complaint.objects.count() == 12
    call_command("verify_log")


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"disposed": 0.5, "satisfied": 0.7}, "together more"),
        ({"satisfied": 1.5}, "from 0 to 1"),
        ({"days": 0}, "at least one day"),
        ({"until": "tomorrow"}, "date and time"),
        ({"until": "2126-01-01T00:00+05:30"}, "future"),
        ({"days": 4000}, "No officer was posted"),
    ],
)
def test_what_makes_no_sense_is_refused_in_a_sentence(state, given, said):
    with pytest.raises(CommandError, match=said):
        call_command("simulate", **given)


def test_outside_the_demo_nothing_is_simulated(state, settings):
    settings.DEMO = False

    with pytest.raises(CommandError, match="not a demo"):
        call_command("simulate", days=1)
    assert not Complaint.objects.exists()


def test_it_says_how_far_it_is_in_plain_text_where_there_is_no_terminal(state, capsys):
    call_command("simulate", days=2, complaints_per_day=2)

    said = capsys.readouterr()
    assert "50% of the time has passed" in said.err
    assert "\r" not in said.err
    assert "4 complaints" in said.out
