"""Ten rounds of faults under load: nothing lost, nothing doubled, nothing stuck. `script/chaos` runs more."""

import time

import pytest

from . import run
from .gateway import RoughGateway

pytestmark = pytest.mark.processes


def test_whatever_crashes_nothing_is_lost_doubled_or_stuck():
    # Among the faults of this seed: PostgreSQL, the worker, FLUSHALL, a gateway that takes and hangs up, a week's jump.
    outcome = run.chaos(10, seed=4)

    assert outcome.holds, outcome.table()
    assert sum(outcome.faults.values()) == 10
    assert outcome.findings["every acknowledged complaint is there"]["count"] > 20
    assert outcome.findings["each climb exactly once"]["count"] > 0


def test_a_clock_put_ahead_shows_eleven_o_clock_of_a_later_day():
    week = 7 * 24 * 3600
    ahead = run.office_hours(0)

    assert 0 < ahead <= week + 24 * 3600
    assert run.office_hours(ahead) == pytest.approx(ahead + week, abs=5)
    assert time.gmtime(time.time() + ahead).tm_wday == 2


def test_an_outcome_with_a_break_names_it_and_the_seed():
    found = {"one complaint a key": {"count": 3, "breaks": ["26000000017: 2 complaints"]}}
    outcome = run.Outcome(seed=7, rounds=1, faults=run.Counter({"FLUSHALL": 1}), findings=found)

    assert not outcome.holds
    assert "26000000017: 2 complaints (seed 7)" in outcome.table()
    assert "FLUSHALL" in outcome.table()


def test_the_gateway_counts_a_lost_answer_as_taken():
    gateway = RoughGateway()
    gateway.mode = "takes and answers 500"

    assert gateway.take({"to": "x", "text": "", "key": "k"}) == 500
    assert [(taken.key, taken.answered) for taken in gateway.kept] == [("k", False)]
    gateway.close()
