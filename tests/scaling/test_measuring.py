"""A measurement that did not measure says so: it is past its budget or ends the run, never a good figure."""

import time
from types import SimpleNamespace

import pytest

from benchmarks import browsers, budgets, growth, pages, whole
from benchmarks.clients import Result


@pytest.mark.parametrize("load", budgets.LOADS)
def test_a_load_of_which_a_part_failed_is_past_its_budget(load):
    figures = whole.rates(load, Result(10, 90, [0.1] * 90, ["no answer"] * 3))

    assert set(budgets.past(figures, "M")) == {f"{load}_errors"}
    assert not budgets.past(whole.rates(load, Result(10, 90, [0.1] * 90)), "M")


def test_a_turn_at_an_empty_desk_is_no_turn():
    class People:
        def of_staff(self, _role):
            return self

        def get(self, _path):
            return "an inbox in which nothing is new"

    with pytest.raises(RuntimeError, match="without work"):
        browsers.work_at_the_desk(People())(1)


def test_a_lag_that_could_not_be_asked_for_ends_the_run(monkeypatch):
    def refuses(*_asked):
        raise SystemExit("no database")

    monkeypatch.setattr(whole, "psql", refuses)
    with pytest.raises(SystemExit, match="no database"), whole.Lag(SimpleNamespace(environment={})):
        time.sleep(0.7)


def test_the_slowest_of_all_searches_is_told(monkeypatch):
    class People:
        def of_staff(self, role):
            return Browser(role)

    class Browser:
        def __init__(self, role):
            self.role = role

        def get(self, path):
            return path

    slow = {("nodal", "bijli"): 0.2}
    monkeypatch.setattr(whole, "SEARCHES", ("pani", "bijli"))
    monkeypatch.setattr(pages, "seconds", lambda page: slow.get((page[0].role, page[1].rpartition("=")[2]), 0.05))

    figures = whole.slowest_search(People())

    assert figures == {"slowest_search_p95_ms": 200}
    assert set(budgets.past(figures, "L")) == {"slowest_search_p95_ms"}


def test_both_sizes_have_the_same_minutes_of_a_machine_that_slows_down(monkeypatch):
    """Measured one after the other the second would seem slower than it is; in turns both grow slow together."""
    clock = iter(range(1000))
    monkeypatch.setattr(growth, "People", lambda portal: portal)
    monkeypatch.setattr(growth, "wanted", lambda portal, _people: dict.fromkeys(growth.PAGES, portal))
    monkeypatch.setattr(growth, "seconds", lambda portal: (1 + next(clock) / 1000) * portal)

    assert growth._of_pages((1, 1.2)) == {f"{name}_p95_largest_to_s": 1.2 for name in growth.PAGES}
