"""Boards read from a real server that streams from the first, and from the first where that one fails them."""

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from dashboards import folding, reading
from grievance import replica
from tests.factories import World
from tests.scaling.servers import Standby, eventually, own_settings

pytestmark = [pytest.mark.django_db(transaction=True), pytest.mark.processes]
EVERYTHING = reading.Selection(confidential=True)


@pytest.fixture(scope="module")
def standby(django_db_setup, django_db_blocker, tmp_path_factory):
    with django_db_blocker.unblock():
        server = Standby(tmp_path_factory.mktemp("standby"), own_settings())
        connection.close()
    server.start()
    yield server
    server.stop()


@pytest.fixture
def follows(standby, settings, monkeypatch):
    """The portal with that replica, as DATABASE_REPLICA_URL makes it."""
    settings.DATABASES[replica.ALIAS] = connections.settings[replica.ALIAS] = standby.settings
    connections[replica.ALIAS] = connections.create_connection(replica.ALIAS)
    # Django's tests let nobody connect to a database that was not there when they began.
    connections[replica.ALIAS].alias = "default"
    monkeypatch.setattr(replica, "_seen", replica._Seen())
    monkeypatch.setattr(replica, "LOOK_SECONDS", 0)
    yield standby
    connections[replica.ALIAS].close()
    del connections[replica.ALIAS], connections.settings[replica.ALIAS]
    settings.DATABASES.pop(replica.ALIAS, None)


def test_figures_come_from_the_replica_and_nothing_is_written_there(follows):
    world = World()
    world.closed()
    folding.fold()
    assert eventually(lambda: replica.reads() == replica.ALIAS)

    with CaptureQueriesContext(connections[replica.ALIAS]) as asked:
        assert eventually(lambda: reading.total(EVERYTHING)["satisfied"] == 1)
    assert any("dashboards_tally" in query["sql"] for query in asked)
    assert follows.say("SELECT pg_is_in_recovery()") is True


def test_a_replica_that_falls_behind_is_not_asked(follows, monkeypatch, client):
    world = World()
    monkeypatch.setattr(replica, "MOST_SECONDS", 0.2)
    assert eventually(lambda: replica.reads() == replica.ALIAS)
    follows.say("SELECT pg_wal_replay_pause()::text")
    try:
        world.registered_now = world.register()
        assert eventually(lambda: replica.reads() == "default")
        assert reading.total(EVERYTHING)["registered"] == 1
        assert "behind: the primary answers" in client.get("/readyz").json()["warnings"]["replica"]
    finally:
        follows.say("SELECT pg_wal_replay_resume()::text")
    assert eventually(lambda: replica.reads() == replica.ALIAS)


def test_what_was_written_in_a_transaction_is_read_in_it(follows):
    from django.db import transaction

    assert eventually(lambda: replica.reads() == replica.ALIAS)
    with transaction.atomic():
        World().register()
        assert reading.total(EVERYTHING)["registered"] == 1


def test_a_replica_that_dies_costs_nobody_a_page(follows, client):
    World().closed()
    assert eventually(lambda: replica.reads() == replica.ALIAS)
    follows.kill()

    assert client.get("/figures/").status_code == 200
    assert reading.total(EVERYTHING)["registered"] == 1
    answer = client.get("/readyz").json()
    assert "the primary answers for it" in answer["warnings"]["replica"]
    follows.start()
    replica._seen.looked_at = float("-inf")
    assert eventually(lambda: replica.reads() == replica.ALIAS)
