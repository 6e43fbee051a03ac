"""Readers: every event takes effect exactly once, whatever commits late, however many read, whoever is killed."""

import datetime
import itertools
import json
import os
import random
import signal
import subprocess
import sys
import threading
import time

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels import message_templates
from channels.models import Delivery
from dashboards import folding, reading
from dashboards.models import Duration
from departments import remembered
from grievance import readers, workflow
from grievance.models import Complaint, Event, ReaderPosition
from tests.crowd import all_at_once, still_writing
from tests.factories import AreaFactory, World
from tests.portal import ROOT
from tests.readers import effects

# Readers read only what is committed.
pytestmark = pytest.mark.django_db(transaction=True)

READER = "test"


@pytest.fixture
def world():
    with connection.cursor() as cursor:
        cursor.execute(effects.TABLE)
        cursor.execute("TRUNCATE tests_read")
    return World()


@pytest.fixture(autouse=True)
def _a_reader_of_the_tests(settings):
    settings.READERS = {**settings.READERS, READER: {"handle": "tests.readers.effects.write_down", "batch": 50}}


def written() -> list[int]:
    return sorted(Event.objects.values_list("pk", flat=True))


def read_all() -> None:
    while readers.follow(READER):
        pass


def test_long_and_short_transactions_that_commit_out_of_order_are_all_read_once(world):
    writers_done = threading.Event()
    chance = random.Random(7)

    def writer(seed):
        def write():
            own = random.Random(seed)
            for _number in range(12):
                with transaction.atomic():
                    world.register()
                    # Some hold their event back while hundreds of later ones commit.
                    time.sleep(own.choice([0, 0, 0.01, 0.15]))
        return write

    def reader():
        while not writers_done.is_set():
            readers.follow(READER, batch=50)
            time.sleep(chance.random() / 200)

    def writers():
        all_at_once(*(writer(seed) for seed in range(4)))
        writers_done.set()

    all_at_once(writers, reader, reader, reader)
    read_all()

    assert len(written()) == 48
    assert effects.read() == written()


def test_what_still_runs_holds_back_what_began_after_it(world):
    with still_writing(world.register) as commit:
        world.register()
        read_all()
        assert effects.read() == []

        commit()
        read_all()
    assert effects.read() == written()


def test_a_process_killed_in_the_middle_of_a_batch_leaves_nothing_half_done(world):
    for _number in range(10):
        world.register()
    program = (
        "import django; django.setup()\n"
        "from grievance import readers\n"
        "from tests.readers import effects\n"
        f"readers.follow({READER!r}, effects.write_down_slowly, 50)\n"
    )
    url = connection.settings_dict
    address = f"postgresql://{url['USER']}:{url['PASSWORD']}@{url['HOST']}:{url['PORT']}/{url['NAME']}"
    process = subprocess.Popen(
        [sys.executable, "-c", program], cwd=ROOT, env={**os.environ, "DATABASE_URL": address}, stdout=subprocess.PIPE,
    )  # fmt: skip
    assert process.stdout.readline() == b"half way\n"
    # While it has the reader, nobody else reads with it.
    assert readers.follow(READER) == 0

    process.send_signal(signal.SIGKILL)
    process.wait()
    deadline = time.monotonic() + 20
    while time.monotonic() < deadline and not readers.follow(READER):
        time.sleep(0.2)
    read_all()

    assert effects.read() == written()


def test_one_poison_event_lets_all_before_it_pass_and_nothing_behind_it(world):
    complaints = [world.register() for _number in range(20)]
    poison = Event.objects.get(complaint=complaints[13])

    def handle(events):
        if any(event.pk == poison.pk for event in events):
            raise ValueError("what the citizen wrote")
        effects.write_down(events)

    follow_until_it_stops(handle)

    assert effects.read() == [pk for pk in written() if pk < poison.pk]
    position = ReaderPosition.objects.get(name=READER)
    assert (position.failing_event, position.failure, position.failures) == (poison.pk, "ValueError", 1)
    assert position.event_id == written()[12]

    readers.try_again_now(ReaderPosition.objects.all())
    read_all()
    assert effects.read() == written()
    position.refresh_from_db()
    assert (position.failed_at, position.failing_event, position.failure, position.failures) == (None, None, "", 0)


def follow_until_it_stops(handle):
    for _try in range(100):
        try:
            if not readers.follow(READER, handle, 50):
                return
        except ValueError:
            pass
    raise AssertionError("it did not stop")


def test_a_failing_reader_tries_again_after_longer_and_longer_pauses(world):
    world.register()
    tries = []

    def handle(_events):
        tries.append(timezone.now())
        raise ValueError

    # Ahead of every transaction that still runs, so that only the clock decides.
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _second in range(200):
            try:
                readers.follow(READER, handle)
            except ValueError:
                pass
            clock.shift(datetime.timedelta(seconds=1))

    waits = [round((later - earlier).total_seconds()) for earlier, later in itertools.pairwise(tries)]
    assert waits == [2, 4, 8, 16, 32, 64]


def test_its_failure_is_said_on_readyz_and_in_the_administration_without_anyones_words(world, client):
    from citizens.models import User
    from tests.administration.conftest import signed_in

    world.register()
    event = Event.objects.get()
    with pytest.raises(ValueError, match="invalid literal"):
        readers.follow(READER, lambda _events: int("My neighbour 9816077777"))

    answer = client.get("/readyz")
    assert answer.status_code == 503
    said = answer.json()["checks"]["readers"]
    assert said == f"{READER} fails on event {event.pk} (ValueError), 1 times so far"

    chief = signed_in(User.objects.create_superuser("chief", "a very long password"))
    page = chief.get("/admin/grievance/readerposition/").content.decode()
    assert "ValueError" in page
    assert "neighbour" not in page
    chief.post("/admin/grievance/readerposition/", {"action": "try_again", "_selected_action": [
        ReaderPosition.objects.get(name=READER).pk]})  # fmt: skip
    assert readers.follow(READER) == 1
    assert "readers" in client.get("/readyz").json()["checks"]
    assert client.get("/readyz").json()["checks"]["readers"] == "ok"


def test_the_lag_is_the_age_of_the_oldest_event_not_yet_read(world):
    with time_machine.travel(timezone.now() - datetime.timedelta(seconds=90), tick=False):
        world.register()
    world.register()

    assert 90 <= readers.lags()[READER] < 100
    read_all()
    assert readers.lags()[READER] == 0


def test_a_reader_added_later_replays_from_a_chosen_point(world, capsys):
    old = timezone.now() - datetime.timedelta(days=3)
    with time_machine.travel(old, tick=False):
        world.register()
    second, _third = world.register(), world.register()
    since = Event.objects.get(complaint=second).pk

    for start, count in ((timezone.localdate(), 2), (since, 2), ("beginning", 3), ("end", 0)):
        with connection.cursor() as cursor:
            cursor.execute("TRUNCATE tests_read")
        call_command("replay_reader", READER, "--from", str(start), "--yes")
        read_all()
        assert effects.read() == written()[3 - count :], start
    assert "will read 2 events" in capsys.readouterr().out


def test_a_replay_asks_first_and_refuses_what_it_cannot_do(world, monkeypatch):
    world.register()
    read_all()
    monkeypatch.setattr("builtins.input", lambda _question: "no")
    with pytest.raises(CommandError, match="Nothing was changed"):
        call_command("replay_reader", READER, "--from", "beginning")
    assert readers.follow(READER) == 0

    for name, start, says in (("nobody", "beginning", "There are: "), (READER, "2026-02-31", "takes a date"),
                              (READER, "999999999", "no event"), (READER, "2990-01-01", "--from end"),
                              ("figures", "1", "only be replayed")):  # fmt: skip
        with pytest.raises(CommandError, match=says):
            call_command("replay_reader", name, "--from", start, "--yes")


def test_replayed_messages_are_not_made_and_not_sent_again(world):
    message_templates.load()
    world.assigned()
    while readers.follow("messages"):
        pass
    before = list(Delivery.objects.order_by("id").values_list("id", "key"))

    call_command("replay_reader", "messages", "--from", "beginning", "--yes")
    while readers.follow("messages"):
        pass

    assert list(Delivery.objects.order_by("id").values_list("id", "key")) == before


def test_replayed_figures_are_counted_anew_and_not_twice(world):
    world.closed()
    while folding.fold():
        pass
    call_command("replay_reader", "figures", "--from", "beginning", "--yes")
    call_command("check_figures")
    assert reading.total(reading.Selection())["registered"] == 1


def test_what_a_reader_was_given_says_which_events_concern_it(world):
    """The log is read once; search asks for nothing more, figures sum durations only where one ended."""

    def statements_on_the_log(name: str) -> int:
        with CaptureQueriesContext(connection) as asked:
            assert readers.follow(name)
        return sum("FROM grievance_event" in query["sql"].replace('"', "") for query in asked)

    complaint = world.assigned()
    assert (statements_on_the_log("search"), statements_on_the_log("figures")) == (1, 3)

    complaint = workflow.change(complaint, "accept", user=world.l1.officer)
    assert (statements_on_the_log("search"), statements_on_the_log("figures")) == (1, 3)

    workflow.change(complaint, "resolve", user=world.l1.officer, text="Pipe mended")
    assert (statements_on_the_log("search"), statements_on_the_log("figures")) == (1, 4)
    assert Duration.objects.exists()


def test_many_places_cost_the_search_no_more_than_one(world):
    def queries() -> int:
        remembered.forget()
        with CaptureQueriesContext(connection) as asked:
            assert readers.follow("search")
        return len(asked)

    def register(places: int) -> None:
        for _number in range(places):
            world.register(area=AreaFactory(parent=world.block))

    register(1)
    queries()
    register(1)
    one = queries()
    register(4)

    assert queries() == one


def test_a_log_restored_into_another_server_is_read_on_from_where_it_was(world):
    """Another server counts its transactions from one: as if all of ours were of a far later count."""
    read, unread = world.register(), world.register()
    read_all()
    with connection.cursor() as cursor:
        cursor.execute("ALTER TABLE grievance_event DISABLE TRIGGER USER")
        cursor.execute("UPDATE grievance_event SET xid = xid + 5000000")
        cursor.execute("ALTER TABLE grievance_event ENABLE TRIGGER USER")
    last = Event.objects.get(complaint=read)
    ReaderPosition.objects.filter(name=READER).update(xid=last.xid, event_id=last.pk)
    assert readers.log_is_from_elsewhere()

    call_command("adopt_log")
    call_command("adopt_log")
    new = world.register()
    read_all()

    assert not readers.log_is_from_elsewhere()
    assert effects.read() == sorted([*written(), Event.objects.get(complaint=unread).pk])
    assert Event.objects.get(complaint=new).pk in effects.read()
    call_command("verify_log")
    workflow.route_registered()
    assert not Complaint.objects.filter(state="registered").exists()


def test_every_reader_of_the_settings_can_be_loaded(settings):
    from django.utils.module_loading import import_string

    assert json.dumps(settings.READERS)
    for reader in readers.every():
        import_string(reader.handle)
