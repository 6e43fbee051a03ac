"""A list that is being written keeps no message waiting: tried with the messenger as it is shipped, and its fewest processes."""

import os
import signal
import subprocess
import sys
import time

import pytest
from django.db import connection
from django.utils import timezone

from channels import deliveries
from channels.models import Delivery
from config import queues
from grievance import doorbell
from grievance.desk import exports
from grievance.models import Export
from tests.factories import World
from tests.portal import ROOT

pytestmark = pytest.mark.django_db(transaction=True)
FEWEST = 2


@pytest.fixture
def messenger(settings, tmp_path):
    """Celery as the supervisor starts it, on the tests' database."""
    address = os.environ["DATABASE_URL"].rsplit("/", 1)[0] + f"/{connection.settings_dict['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "-m", "celery", "--quiet", "-A", "config", "worker", "--hostname", "messenger@test", "-Q",
         ",".join(queues.LISTENERS["messenger"]), "--concurrency", str(FEWEST), "--without-gossip", "--without-mingle"],
        cwd=ROOT, env={**os.environ, "DATABASE_URL": address, "SEVA_VAR": str(tmp_path)}, start_new_session=True,
    )  # fmt: skip
    yield process
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()


@pytest.fixture
def held():
    """What every row of a list is read with is held, so that writing one takes as long as the database lets it."""
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("BEGIN")
        cursor.execute("LOCK TABLE departments_post IN ACCESS EXCLUSIVE MODE")
        yield
        cursor.execute("ROLLBACK")
    other.close()


def message_to(citizen, key: str) -> Delivery:
    now = timezone.now()
    deliveries.make([Delivery(
        recipient=citizen, template="update", audience="citizen", channel="sms", language="hi", key=key,
        address=str(citizen.phone), body="It is mended", available_at=now, created_at=now,
    )])  # fmt: skip
    doorbell.ring(doorbell.DELIVER["sms"], after=0)
    return Delivery.objects.get(key=key)


def wait_for(true, seconds: float = 60) -> None:
    ends = time.monotonic() + seconds
    while not true():
        assert time.monotonic() < ends, "it took too long"
        time.sleep(0.05)


def sent(delivery) -> bool:
    delivery.refresh_from_db()
    return delivery.state == Delivery.State.SENT


def test_a_message_goes_out_while_a_list_is_written_and_another_waits(messenger, request, monkeypatch):
    world = World()
    world.assigned()
    for posting in (world.nodal, world.cm_office):
        Export.objects.create(owner=posting.officer, format="csv", language="en", query="view=all",
                              postings=exports._postings(posting.officer), total=1)  # fmt: skip
    first = message_to(world.citizen, "the messenger is there")
    wait_for(lambda: sent(first))
    request.getfixturevalue("held")
    for _ring in range(FEWEST + 1):
        doorbell.heard(doorbell.EXPORT)
        doorbell.ring(doorbell.EXPORT, after=0)
    wait_for(Export.objects.filter(state="working").exists)

    second = message_to(world.citizen, "meanwhile")
    wait_for(lambda: sent(second))

    assert sorted(Export.objects.values_list("state", flat=True)) == ["waiting", "working"]
