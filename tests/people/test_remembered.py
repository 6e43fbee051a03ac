"""What a process remembers of the reference rows is as old as it says, at most."""

import pytest

from departments import remembered
from departments.models import Department

pytestmark = pytest.mark.django_db


@pytest.fixture
def clock(monkeypatch):
    """The seconds of this process, which tests let pass."""
    passed = [1000 * remembered.HOUR]
    monkeypatch.setattr(remembered, "monotonic", lambda: passed[0])
    return passed


@pytest.mark.parametrize(
    "name_of",
    [lambda pk: remembered.department(pk).name_en, lambda pk: next(d.name_en for d in remembered.departments() if d.pk == pk)],
    ids=["a row", "an answer"],
)
def test_what_an_administrator_changes_is_in_force_half_a_minute_later(world, clock, name_of, django_assert_num_queries):
    before = name_of(world.water.pk)
    Department.objects.filter(pk=world.water.pk).update(name_en="Water")

    with django_assert_num_queries(0):
        assert name_of(world.water.pk) == before
    clock[0] += remembered.SECONDS
    assert name_of(world.water.pk) == "Water"


def test_what_hardly_changes_is_asked_for_again_after_an_hour(clock):
    answers = iter(range(10))
    remember = remembered.for_an_hour(lambda: next(answers))

    assert [remember(), remember()] == [0, 0]
    clock[0] += remembered.HOUR - 1
    assert remember() == 0
    clock[0] += 1
    assert remember() == 1
