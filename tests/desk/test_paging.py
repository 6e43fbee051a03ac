"""Paging by key: every row once, whatever comes in between; cursors are signed."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from grievance import paging, workflow
from grievance.models import Complaint
from grievance.paging import ORDERS, BadCursor, Narrowed, Page, count_up_to, page_by_key
from tests.factories import World
from tests.once import once


def walk(order, size, direction="next", along="id", complaints=None, *, narrowed=None, **hints) -> list:
    """All rows, page by page; going back begins behind the last page."""

    def page_of(cursor):
        seen = Complaint.objects.all() if complaints is None else complaints
        return page_by_key(seen, cursor, size, order, along, narrowed=narrowed, **hints)

    found, page = [], page_of("")
    if direction == "previous":
        while page.next:
            page = page_of(page.next)
    while True:
        found = [*found, *page.items] if direction == "next" else [*page.items, *found]
        cursor = getattr(page, direction)
        if not cursor:
            return found
        page = page_of(cursor)


def filed() -> World:
    """Running, paused, resolved, closed; some due at the very same moment."""
    world = World()
    moment = timezone.now()
    for hours in (0, 30, 60):
        with time_machine.travel(moment + datetime.timedelta(hours=hours), tick=False):
            for _n in range(2):
                world.assigned()
            asked = world.in_progress()
            workflow.change(asked, "ask", user=world.l1.officer, text="Which ward?")
            world.resolved()
            world.closed()
    return world


@pytest.fixture(scope="module")
def made(django_db_setup, django_db_blocker):
    yield from once(filed, django_db_blocker)


@pytest.fixture
def world(made, db):
    return made()


@pytest.fixture
def many(world):
    return Complaint.objects.count()


@pytest.mark.parametrize("direction", ["next", "previous"])
@pytest.mark.parametrize("size", [1, 2, 3, 4, 7, 50])
@pytest.mark.parametrize("order", ORDERS)
def test_every_row_comes_once_and_in_order(many, order, size, direction):
    keys = {
        "due": lambda row: (row.due_at is None, row.due_at or row.id, row.id),
        "newest": lambda row: -row.id,
        "oldest": lambda row: row.id,
    }
    rows = walk(order, size, direction)

    assert len(rows) == len({row.pk for row in rows}) == many
    assert [row.pk for row in rows] == [row.pk for row in sorted(rows, key=keys[order])]


@pytest.mark.parametrize("direction", ["next", "previous"])
@pytest.mark.parametrize("size", [1, 2, 4, 7])
@pytest.mark.parametrize("order", ORDERS)
def test_along_the_moment_of_registration_every_row_comes_once_and_in_order(many, order, size, direction):
    keys = {
        "due": lambda row: (row.due_at is None, row.due_at or row.registered_at, row.id),
        "newest": lambda row: (-row.registered_at.timestamp(), -row.id),
        "oldest": lambda row: (row.registered_at, row.id),
    }
    rows = walk(order, size, direction, "registered_at")

    assert len(rows) == len({row.pk for row in rows}) == many
    assert [row.pk for row in rows] == [row.pk for row in sorted(rows, key=keys[order])]
    assert len({row.registered_at for row in rows}) < many
    with pytest.raises(BadCursor):
        page_by_key(Complaint.objects.all(), page_by_key(Complaint.objects.all(), "", 2, order).next, 2, order, "registered_at")


@pytest.fixture
def hardly_a_moment(monkeypatch):
    """So long that only the first stretch, of two complaints, is looked through."""
    monkeypatch.setattr(paging, "MOMENT_SECONDS", 0)
    monkeypatch.setattr(paging, "FIRST_STRETCH", 2)


@pytest.mark.parametrize("narrowed", [None, Narrowed()])
@pytest.mark.parametrize("direction", ["next", "previous"])
@pytest.mark.parametrize("size", [1, 3, 50])
def test_said_to_be_open_or_not_the_pages_by_deadline_are_the_same(many, hardly_a_moment, size, direction, narrowed):
    still_open = Complaint.objects.exclude(state="closed")
    whole = [row.pk for row in walk("due", 100, complaints=still_open)]

    rows = walk("due", size, direction, complaints=still_open, narrowed=narrowed, only_open=True)

    assert [row.pk for row in rows] == whole


@pytest.mark.parametrize("along", ["id", "registered_at"])
@pytest.mark.parametrize("direction", ["next", "previous"])
@pytest.mark.parametrize("size", [1, 3, 50])
@pytest.mark.parametrize("order", ORDERS)
def test_cut_after_every_stretch_a_list_has_every_row_once_and_in_order(many, hardly_a_moment, order, size, direction, along):
    rare = Complaint.objects.filter(state__in=["closed", "awaiting_citizen"])
    whole = [row.pk for row in walk(order, 100, along=along, complaints=rare)]

    assert [row.pk for row in walk(order, size, direction, along, rare, narrowed=Narrowed())] == whole
    assert len(whole) == 6


def test_what_is_rare_is_not_looked_for_to_the_end(many, hardly_a_moment, django_assert_num_queries):
    rare = Complaint.objects.filter(channel="sms")
    with django_assert_num_queries(2):  # where all begin and end, one stretch
        page = page_by_key(rare, "", 5, "newest", narrowed=Narrowed())

    assert (page.items, page.next, page.previous) == ([], page.further, "")
    assert page.further
    assert count_up_to(rare, 10, narrowed=Narrowed()) == (0, True)
    assert count_up_to(Complaint.objects.all(), 2, narrowed=Narrowed()) == (2, False)


def test_going_back_through_an_empty_part_goes_further_back(many, hardly_a_moment):
    rare = Complaint.objects.filter(pk=Complaint.objects.latest("id").pk)
    page = page_by_key(rare, "", 1, "oldest", narrowed=Narrowed())
    while page.next:
        page = page_by_key(rare, page.next, 1, "oldest", narrowed=Narrowed())
    before = page_by_key(rare, page.previous, 1, "oldest", narrowed=Narrowed())

    assert (before.items, before.further) == ([], before.previous)
    assert before.further


def test_a_period_long_over_is_looked_through_from_its_own_end(many, hardly_a_moment):
    ends = Complaint.objects.earliest("registered_at").registered_at + datetime.timedelta(minutes=1)
    found = Complaint.objects.filter(registered_at__lt=ends)
    page = page_by_key(found, "", 50, "newest", "registered_at", narrowed=Narrowed(until=ends))

    assert len(page.items) == 5


def test_while_it_is_quick_longer_and_longer_stretches_are_looked_through_to_the_end(many, monkeypatch):
    monkeypatch.setattr(paging, "FIRST_STRETCH", 1)
    rare = Complaint.objects.filter(channel="sms")
    with CaptureQueriesContext(connection) as asked:
        page = page_by_key(rare, "", 5, "newest", narrowed=Narrowed())

    assert page == Page([])
    assert len(asked) <= 5, "each stretch is four times as long as the one before"
    assert count_up_to(Complaint.objects.all(), 1000, narrowed=Narrowed()) == (many, False)


@pytest.mark.parametrize("order", ORDERS)
def test_the_page_before_is_the_page_one_came_from(many, order):
    first = page_by_key(Complaint.objects.all(), "", 4, order)
    second = page_by_key(Complaint.objects.all(), first.next, 4, order)
    back = page_by_key(Complaint.objects.all(), second.previous, 4, order)

    assert [row.pk for row in back.items] == [row.pk for row in first.items]
    assert not first.previous
    assert not back.previous


def test_rows_that_come_in_between_move_nothing(world, many):
    first = page_by_key(Complaint.objects.all(), "", 3, "newest")
    expected = [row.pk for row in page_by_key(Complaint.objects.all(), first.next, 3, "newest").items]
    world.assigned()
    Complaint.objects.exclude(pk__in=[*expected, *[row.pk for row in first.items]]).first()

    assert [row.pk for row in page_by_key(Complaint.objects.all(), first.next, 3, "newest").items] == expected


@pytest.mark.parametrize("cursor", ["x", "\x00", "a:b:c", "9" * 5000, "🙂", "eyJ4IjoxfQ:1abc:sig"])
def test_a_forged_cursor_is_refused(db, cursor):
    with pytest.raises(BadCursor):
        page_by_key(Complaint.objects.all(), cursor, 10, "newest")


def test_a_cursor_of_another_order_is_refused(many):
    cursor = page_by_key(Complaint.objects.all(), "", 2, "newest").next

    with pytest.raises(BadCursor):
        page_by_key(Complaint.objects.all(), cursor, 2, "due")
