"""The portal behind PgBouncer in transaction pooling: each transaction may run on another connection of a few."""

import threading

import pytest
from django.core.management import call_command
from django.db import connection, connections

from channels import notices
from dashboards import folding
from grievance import readers, workflow
from grievance.models import Complaint, State
from tests.factories import CitizenFactory, World
from tests.scaling.servers import own_settings, pgbouncer

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]


@pytest.fixture
def pooled(tmp_path):
    """All connections of the test go through PgBouncer, with the settings that PGBOUNCER=1 makes."""
    direct = own_settings()
    connection.close()
    with pgbouncer(tmp_path, direct) as port:
        without_options = {name: value for name, value in direct["OPTIONS"].items() if name != "options"}
        own = connections["default"].settings_dict
        own |= {"PORT": str(port), "OPTIONS": without_options, "DISABLE_SERVER_SIDE_CURSORS": True}
        yield
        connection.close()
        own |= {name: direct[name] for name in ("PORT", "OPTIONS", "DISABLE_SERVER_SIDE_CURSORS")}


def at_once(*works) -> None:
    """Runs each in a thread with a connection of its own."""
    failed = []

    def run(work):
        try:
            work()
        except Exception as error:
            failed.append(error)
        finally:
            connection.close()

    threads = [threading.Thread(target=run, args=[work]) for work in works]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not failed


def test_registering_routing_readers_and_figures_hold_behind_pgbouncer(pooled):
    world = World()
    citizens = [CitizenFactory() for _citizen in range(8)]

    def file_three(citizen):
        return lambda: [world.register(citizen=citizen, key=f"{citizen.pk}-{number}") for number in range(3)]

    at_once(*map(file_three, citizens))
    at_once(*[lambda: [workflow.route_registered() for _turn in range(3)]] * 3)
    at_once(*[lambda: [notices.follow() for _turn in range(3)], lambda: [folding.fold() for _turn in range(3)]] * 2)

    assert Complaint.objects.filter(state=State.ASSIGNED).count() == 24
    for reader in readers.every():
        while readers.follow(reader.name):
            pass
    assert set(readers.lags().values()) == {0}
    call_command("check_figures", verbosity=0)
    call_command("verify_log", verbosity=0)
