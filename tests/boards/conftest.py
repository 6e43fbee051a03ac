"""A state with a month behind it, and the boards as somebody sees them."""

import datetime

import pytest
import time_machine
from django.test import Client
from django.utils import timezone

from departments.models import Role
from grievance import ladder, workflow
from tests.factories import CitizenFactory, PostingFactory, World
from tests.once import once

BACKEND = "citizens.backends.StaffBackend"
DAY = datetime.timedelta(days=1)
# A Wednesday in office hours.
NOW = datetime.datetime(2026, 6, 24, 12, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30)))


class Boards:
    """A browser of one person at the boards."""

    def __init__(self, who, language="en"):
        self.user = getattr(who, "officer", who)
        self.client = Client(headers={"accept-language": language}, raise_request_exception=False)
        if self.user:
            backend = "citizens.backends.CitizenBackend" if self.user.is_citizen else BACKEND
            self.client.force_login(self.user, backend=backend)

    def get(self, address="/boards/", **query):
        return self.client.get(address, query)

    def board(self, address="/boards/", **query):
        """What the page shows, as the board itself."""
        return self.get(address, **query).context["board"]


@pytest.fixture
def boards_of(db):
    return Boards


def a_month() -> World:
    """A dozen complaints of two departments: satisfied, not, climbed until breached, transferred, open."""
    world = World()
    world.roads_nodal = world.desk(Role.NODAL, department=world.roads)
    with time_machine.travel(NOW - 100 * DAY, tick=False) as now:
        breached = world.assigned()
        for _level in range(4):
            now.shift(15 * DAY)
            ladder.climb_overdue()
        now.move_to(NOW - 20 * DAY)
        for _n in range(4):
            world.closed()
        workflow.change(world.closed(category=world.pothole), "reopen", user=world.citizen, text="Broke again")
        now.shift(10 * DAY)
        workflow.change(world.resolved(), "not_satisfied", user=world.citizen, text="It is not")
        workflow.change(
            world.assigned(), "transfer", user=world.l1.officer, department="pwd", reason="wrong_department"
        )
        now.move_to(NOW - DAY)
        world.assigned(area=world.block, citizen=CitizenFactory())
        world.resolved(category=world.pothole)
        now.move_to(NOW)
        world.assigned()
        world.closed()
        breached.refresh_from_db()
        world.breached, world.today = breached, timezone.localdate()
        world.peer = PostingFactory(post__department=world.water, post__level=1, post__area=world.block)
    return world


@pytest.fixture(scope="module")
def made_month(django_db_setup, django_db_blocker):
    yield from once(a_month, django_db_blocker)


@pytest.fixture
def month(made_month, db):
    """The state after `a_month`, at its last noon."""
    with time_machine.travel(NOW, tick=False):
        yield made_month()
