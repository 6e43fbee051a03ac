"""The log's daily heads: whoever kept a published file finds every later forgery, even one made with the key."""

import datetime
import hashlib
from io import StringIO

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.utils import timezone

from grievance import log, log_heads, workflow
from grievance.models import Complaint, Event, LogHead
from tests.factories import World

pytestmark = pytest.mark.django_db(transaction=True)
DAY = datetime.timedelta(days=1)


def forge(sql, *parameters):
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, parameters)


@pytest.fixture
def days(client, tmp_path):
    """Three days of a log, and the file of their heads that somebody kept."""
    world = World()
    with time_machine.travel(datetime.datetime(2026, 3, 2, 6, tzinfo=datetime.UTC), tick=False) as now:
        for _day in range(3):
            world.last = world.resolved()
            now.shift(DAY)
        assert log_heads.make_heads() == 1
        now.shift(DAY)
        world.assigned()
        now.shift(DAY)
        assert log_heads.make_heads() == 2
        world.file = tmp_path / "log-heads.csv"
        world.file.write_bytes(client.get("/open-data/log-heads.csv").content)
        yield world


def faults(file) -> str:
    out = StringIO()
    with pytest.raises(CommandError, match="broken"):
        call_command("verify_log", heads=file, stdout=out)
    return out.getvalue()


def test_an_honest_log_holds_what_was_published(days, client):
    call_command("verify_log", heads=days.file, stdout=StringIO())
    as_json = days.file.with_suffix(".json")
    as_json.write_bytes(client.get("/open-data/log-heads.json").content)
    call_command("verify_log", heads=as_json, stdout=StringIO())
    assert [head.events for head in LogHead.objects.order_by("day")] == [12, 0, 2]


def test_anyone_proves_a_day_and_finds_their_receipt_in_it(days, client):
    first, second = LogHead.objects.order_by("day")[:2]
    text = b"".join(client.get(f"/open-data/log-heads/{first.day}.txt").streaming_content)

    assert hashlib.sha256(text).hexdigest() == first.digest
    assert days.last.head_hash[:16].encode() in text
    chained = f"{first.head}\n{second.day}\n{second.events}\n{second.digest}\n"
    assert hashlib.sha256(chained.encode()).hexdigest() == second.head


def test_a_complaint_left_out_with_all_its_events_is_noticed(days):
    forge("DELETE FROM grievance_event WHERE complaint_id = %s", days.last.pk)
    forge("DELETE FROM grievance_complaint WHERE id = %s", days.last.pk)

    assert list(log.verify()) == []
    assert "12 events were published, 8 are there" in faults(days.file)


def test_history_rewritten_with_the_key_is_noticed(days):
    events = list(days.last.events.order_by("seq"))
    events[-1].text, previous = "Nothing was found", events[-1].prev_hash
    forged = log.digest(days.last.number, events[-1])
    forge("UPDATE grievance_event SET text = %s, hash = %s WHERE id = %s", events[-1].text, forged, events[-1].pk)
    forge("UPDATE grievance_complaint SET head_hash = %s, seal = %s WHERE id = %s",
          forged, log.seal(days.last.number, events[-1].seq, forged), days.last.pk)  # fmt: skip

    assert previous
    assert list(log.verify()) == []
    assert "not the same ones" in faults(days.file)


def test_the_end_cut_off_under_an_old_seal_is_noticed(days):
    before = Complaint.objects.get(pk=days.last.pk)
    with time_machine.travel(timezone.now(), tick=False) as now:
        workflow.change(before, "satisfied", user=days.citizen, rating=5)
        now.shift(DAY)
        log_heads.make_heads()
        days.file.write_text(log_heads.as_csv(LogHead.objects.order_by("day")))
        last = Event.objects.filter(complaint=before).latest("seq")
        forge("DELETE FROM grievance_event WHERE id = %s", last.pk)
        forge("UPDATE grievance_complaint SET event_count = %s, head_hash = %s, seal = %s, state = 'resolved', outcome = '',"
              " closed_at = NULL WHERE id = %s",
              last.seq - 1, before.head_hash, before.seal, before.pk)  # fmt: skip

        assert list(log.verify()) == []
        assert "events were published" in faults(days.file)


def test_heads_that_are_made_anew_to_match_are_noticed(days):
    forge("UPDATE grievance_loghead SET head = %s WHERE day = '2026-03-04'", "0" * 64)

    assert "2026-03-04: another head is kept here" in faults(days.file)
    with pytest.raises(Exception, match="Cannot update"), transaction.atomic():
        LogHead.objects.update(events=0)


def test_a_file_that_was_changed_says_so_itself(days):
    days.file.write_text(days.file.read_text().replace(",0,", ",1,"))
    assert "the file's own chain is broken" in faults(days.file)
    for nonsense in ("", "day,head\n1,2\n", "{}", '{"heads": 3}', "\x00"):
        days.file.write_text(nonsense)
        with pytest.raises(CommandError, match="cannot be read"):
            call_command("verify_log", heads=days.file)


def test_a_history_loaded_in_bulk_is_covered_by_the_next_day(days):
    with time_machine.travel(datetime.datetime(2021, 3, 2, 6, tzinfo=datetime.UTC), tick=False):
        days.assigned()
    with time_machine.travel(timezone.now() + DAY, tick=False):
        log_heads.make_heads()
    assert LogHead.objects.latest("day").events == 2
    call_command("verify_log", heads=days.file, stdout=StringIO())


def test_no_event_is_read_twice_and_no_day_ends_over_a_running_transaction(days, django_assert_max_num_queries):
    with django_assert_max_num_queries(8):
        assert log_heads.make_heads() == 0
    other = connection.copy()
    try:
        with other.cursor() as cursor, time_machine.travel(timezone.now() + DAY, tick=False):
            cursor.execute("BEGIN")
            cursor.execute("SELECT pg_current_xact_id()")
            log_heads.PATIENCE_SECONDS, patience = 0.2, log_heads.PATIENCE_SECONDS
            try:
                assert log_heads.make_heads() == 0
            finally:
                log_heads.PATIENCE_SECONDS = patience
            cursor.execute("COMMIT")
            assert log_heads.make_heads() == 1
    finally:
        other.close()
