"""Boards read from a real server that streams from the first, and from the first where that one fails them."""

import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from dashboards import folding, reading
from grievance import replica, search, search_index
from grievance.models import Complaint, SearchEntry
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


def test_words_are_looked_up_in_the_replica_and_the_newest_complaint_is_found_all_the_same(follows):
    world = World()
    old = world.register(text="khamba tuta")
    search_index.write(Complaint.objects.all())
    assert eventually(
        lambda: replica.reads() == replica.ALIAS and follows.say("SELECT count(*) FROM grievance_searchentry")
    )
    follows.say("SELECT pg_wal_replay_pause()::text")
    try:
        new = world.register(text="khamba gira")
        replica._seen.lag, replica._seen.looked_at = 0.0, float("inf")
        with CaptureQueriesContext(connections[replica.ALIAS]) as there, CaptureQueriesContext(connection) as here:
            found = search.find(world.nodal.officer, "khamba").page.items
        assert found == [new, old]
        assert any("@@" in query["sql"] for query in there)
        assert not any(SearchEntry._meta.db_table in query["sql"] for query in here)
    finally:
        replica._seen.looked_at = float("-inf")
        follows.say("SELECT pg_wal_replay_resume()::text")


def test_what_a_search_in_the_replica_shows_is_what_access_allows_by_now(follows):
    world = World()
    complaint = world.register(text="khamba tuta")
    search_index.write(Complaint.objects.all())
    assert eventually(lambda: follows.say("SELECT count(*) FROM grievance_searchentry"))
    follows.say("SELECT pg_wal_replay_pause()::text")
    try:
        Complaint.objects.filter(pk=complaint.pk).update(confidential=True)
        replica._seen.lag, replica._seen.looked_at = 0.0, float("inf")
        assert search.find(world.nodal.officer, "khamba").page.items == []
    finally:
        replica._seen.looked_at = float("-inf")
        follows.say("SELECT pg_wal_replay_resume()::text")


def test_a_replica_that_dies_in_the_middle_of_a_search_costs_nobody_a_page(follows):
    world = World()
    complaint = world.register(text="khamba tuta")
    assert eventually(lambda: replica.reads() == replica.ALIAS)
    follows.kill()
    try:
        replica._seen.lag, replica._seen.looked_at = 0.0, float("inf")
        assert search.find(world.nodal.officer, "khamba").page.items == [complaint]
    finally:
        replica._seen.looked_at = float("-inf")
        follows.start()
        assert eventually(lambda: replica.reads() == replica.ALIAS)


@pytest.mark.parametrize(
    ("language", "board", "found"),
    [("en", "exact but for the last 5 seconds", "in the last 5 seconds"), ("hi", "5 सेकंड को छोड़कर", "पिछले 5 सेकंड")],
)
def test_pages_say_that_the_last_seconds_may_be_missing(follows, client, language, board, found):
    world, asked = World(), {"accept-language": language}
    client.force_login(world.cm_office.officer, backend="citizens.backends.StaffBackend")
    for address, sentence in (("/figures/", board), ("/boards/", board), ("/desk/search/?q=khamba", found)):
        assert sentence in client.get(address, headers=asked).content.decode(), address


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
