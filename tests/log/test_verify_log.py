"""The log's promise: what is altered, removed, inserted, reordered or cut off is found and named."""

from io import StringIO

import pytest
from django.core.management import CommandError, call_command
from django.db import IntegrityError, connection, transaction

from grievance import log, workflow
from grievance.models import Complaint, Event
from grievance.numbers import grouped
from grievance.table import TABLE

# The forgeries are committed, as a forger's are.
pytestmark = pytest.mark.django_db(transaction=True)

FORGERIES = {
    "altered": ("UPDATE grievance_event SET text = text || '.' WHERE complaint_id = %(pk)s AND seq = 4", 4, "altered"),
    "removed": ("DELETE FROM grievance_event WHERE complaint_id = %(pk)s AND seq = 3", 3, "removed"),
    "cut off": ("DELETE FROM grievance_event WHERE complaint_id = %(pk)s AND seq >= 5", 5, "cut off"),
    "cut off, with the complaint's count and head set to match": (
        ("DELETE FROM grievance_event WHERE complaint_id = %(pk)s AND seq = 5;"
        "UPDATE grievance_complaint AS c SET event_count = e.seq, head_hash = e.hash, state = e.to_state"
        " FROM grievance_event AS e WHERE c.id = %(pk)s AND e.complaint_id = c.id AND e.seq = 4"), 5, "cut off"
    ),
    "several removed": ("DELETE FROM grievance_event WHERE complaint_id = %(pk)s AND seq IN (2, 3)", 2, "all up to event 3"),
    "reordered": (
        ("UPDATE grievance_event SET seq = 100 WHERE complaint_id = %(pk)s AND seq = 3;"
        "UPDATE grievance_event SET seq = 3 WHERE complaint_id = %(pk)s AND seq = 4;"
        "UPDATE grievance_event SET seq = 4 WHERE complaint_id = %(pk)s AND seq = 100"), 3, "altered or inserted"
    ),
    "inserted": (
        ("INSERT INTO grievance_event (complaint_id, seq, action, from_state, to_state, level, at, actor_id, actor_role, channel,"
        " text, internal, data, prev_hash, hash) SELECT complaint_id, seq + 1, 'note', to_state, to_state, level, at,"
        " actor_id, 'staff', channel, 'forged', false, '{}', hash, md5('x') FROM grievance_event WHERE complaint_id = %(pk)s AND seq = 5"),
        6, "altered or inserted",
    ),
    "the state": ("UPDATE grievance_complaint SET state = 'assigned' WHERE id = %(pk)s", 5, "state"),
    "the text": ("UPDATE grievance_complaint SET text = text || '!' WHERE id = %(pk)s", 1, "text"),
    "the actor": ("UPDATE grievance_event SET actor_id = (SELECT max(id) FROM citizens_user) WHERE complaint_id = %(pk)s AND seq = 3", 3, "altered"),
}  # fmt: skip


@pytest.fixture
def complaint(world):
    """Five events: register, route, accept, ask, answer."""
    from grievance import workflow

    found = workflow.change(world.in_progress(), "ask", user=world.l1.officer, text="Which ward?")
    return workflow.change(found, "answer", user=world.citizen, text="4")


def forge(sql: str, pk: int) -> None:
    """What a superuser of the database can do past all triggers."""
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql, {"pk": pk})
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_an_honest_log_holds(complaint):
    assert list(log.verify()) == []
    out = StringIO()
    call_command("verify_log", stdout=out)
    assert "holds" in out.getvalue()


@pytest.mark.parametrize("name", FORGERIES)
def test_a_forgery_is_found_and_named(complaint, name):
    sql, seq, fault = FORGERIES[name]

    forge(sql, complaint.pk)

    breaks = list(log.verify())
    assert breaks
    assert breaks[0].number == complaint.number
    assert breaks[0].seq == seq
    assert fault in breaks[0].fault
    with pytest.raises(CommandError, match="broken"):
        call_command("verify_log", stdout=StringIO())


def test_rewriting_the_chain_without_the_key_does_not_help(complaint, settings):
    """Someone who changes an event and computes all hashes anew, but does not have LOG_KEY."""
    honest_key, settings.LOG_KEY = settings.LOG_KEY, "guessed"
    events = list(complaint.events.order_by("seq"))
    events[3].text = "forged"
    previous = events[2].hash
    for event in events[3:]:
        event.prev_hash = previous
        event.hash = previous = log.digest(complaint.number, event)
        forge(f"UPDATE grievance_event SET text = '{event.text}', prev_hash = '{event.prev_hash}',"
              f" hash = '{event.hash}' WHERE complaint_id = %(pk)s AND seq = {event.seq}", complaint.pk)  # fmt: skip
    forge(f"UPDATE grievance_complaint SET head_hash = '{previous}' WHERE id = %(pk)s", complaint.pk)
    settings.LOG_KEY = honest_key

    assert [found.seq for found in log.verify()][0] == 4


def test_another_complaints_event_does_not_fit(complaint, world):
    other = world.assigned()
    forge(f"UPDATE grievance_event SET hash = (SELECT hash FROM grievance_event WHERE complaint_id = {other.pk} AND seq = 2)"
          " WHERE complaint_id = %(pk)s AND seq = 2", complaint.pk)  # fmt: skip

    assert [found.seq for found in log.verify(Complaint.objects.filter(pk=complaint.pk))][0] == 2


def test_events_whose_complaint_was_deleted_are_named(complaint):
    forge("DELETE FROM grievance_complaint WHERE id = %(pk)s", complaint.pk)

    breaks = list(log.verify())

    assert [found.seq for found in breaks] == [1, 2, 3, 4, 5]
    assert "complaint" in breaks[0].fault
    out = StringIO()
    with pytest.raises(CommandError, match="broken"):
        call_command("verify_log", stdout=out)
    assert str(complaint.pk) in out.getvalue()
    forge("DELETE FROM grievance_event WHERE complaint_id = %(pk)s", complaint.pk)


@pytest.mark.parametrize("batch", [1, 2, 3, 500])
@pytest.mark.parametrize("gone", [[0], [2], [4], [1, 2, 3], [0, 2, 4], [0, 1, 2, 3, 4]])
def test_wherever_a_deleted_complaint_stood_its_events_are_named_once(world, monkeypatch, gone, batch):
    monkeypatch.setattr(log, "BATCH", batch)
    complaints = [world.assigned() for _ in range(5)]
    for place in gone:
        forge("DELETE FROM grievance_complaint WHERE id = %(pk)s", complaints[place].pk)

    found = [(found.number, found.seq, found.fault) for found in log.verify()]

    assert found == [
        ("", seq, f"its complaint (id {complaints[place].pk}) was removed") for place in gone for seq in (1, 2)
    ]


def test_an_event_altered_after_a_removed_one_is_named_too(complaint):
    forge("DELETE FROM grievance_event WHERE complaint_id = %(pk)s AND seq = 3;"
          "UPDATE grievance_event SET text = 'forged' WHERE complaint_id = %(pk)s AND seq = 4", complaint.pk)  # fmt: skip

    assert [(found.seq, found.fault) for found in log.verify()] == [(3, "removed"), (4, "altered or inserted")]


@pytest.mark.parametrize(
    ("actor", "role", "channel"),
    [(None, "", "web"), (None, "citizen", "web"), (None, "system", "web"), ("a person", "", "web"),
     ("a person", "system", "system")],
)  # fmt: skip
def test_the_database_takes_no_event_without_an_actor(complaint, actor, role, channel):
    next_one = Event(
        complaint=complaint, seq=complaint.event_count + 1, action="note", to_state=complaint.state, level=1,
        at=complaint.registered_at, hash="x", actor=complaint.citizen if actor else None, actor_role=role,
        channel=channel,
    )  # fmt: skip

    with pytest.raises(IntegrityError, match="event_has_actor"):
        next_one.save()


def test_whatever_the_portal_does_by_itself_is_named(complaint):
    found = Event.objects.filter(actor=None).values_list("action", "actor_role", "channel")

    assert set(found) == {("route", "system", "system")}
    assert set(found.values_list("action", flat=True)) <= {name for name, rule in TABLE.items() if "system" in rule.who}


def test_what_goes_on_while_its_log_is_read_is_not_called_broken(world, complaint):
    going_on = []

    def go_on(execute, sql, params, many, context):
        """Between the complaint's row and its events somebody writes."""
        if not going_on and sql.startswith("SELECT") and 'FROM "grievance_event" WHERE' in sql:
            going_on.append(workflow.change(complaint, "update", user=world.l1.officer, text="A tanker comes"))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(go_on):
        assert list(log.verify()) == []
    assert going_on


def test_a_complaint_registered_while_the_log_is_read_is_not_called_removed(world):
    """Its number was given before that of another, and it was there only after the other's batch was read."""
    before, _other = world.assigned(), world.assigned()
    forge("DELETE FROM grievance_event WHERE complaint_id = %(pk)s;"
          "DELETE FROM grievance_complaint WHERE id = %(pk)s", before.pk)  # fmt: skip
    registered = []

    def register(execute, sql, params, many, context):
        if not registered and sql.startswith("SELECT") and 'FROM "grievance_event" WHERE' in sql:
            registered.append(world.assigned())
            forge(f"UPDATE grievance_complaint SET id = %(pk)s WHERE id = {registered[0].pk};"
                  f"UPDATE grievance_event SET complaint_id = %(pk)s WHERE complaint_id = {registered[0].pk}",
                  before.pk)  # fmt: skip
        return execute(sql, params, many, context)

    with connection.execute_wrapper(register):
        assert list(log.verify()) == []
    assert Event.objects.filter(complaint=before.pk).exists()


@pytest.mark.parametrize("gone", [0, 5])
def test_no_query_reads_the_log_whole_however_many_were_deleted(world, django_assert_num_queries, monkeypatch, gone):
    monkeypatch.setattr(log, "BATCH", 2)
    monkeypatch.setattr(log, "PAGE", 3)
    complaints = [world.assigned() for _ in range(5 + gone)]
    for complaint in complaints[1 : 1 + gone]:
        forge("DELETE FROM grievance_complaint WHERE id = %(pk)s", complaint.pk)

    # Where it ends, each batch's three, one that finds no further batch, and one for events behind the last complaint;
    # of those deleted three events fill a page, which ends between a complaint's two.
    with django_assert_num_queries(1 + 3 * 3 + 2 + 2 * gone // 3) as asked:
        found = [(each.seq, each.fault) for each in log.verify()]
    removed = complaints[1 : 1 + gone]
    assert found == [(seq, f"its complaint (id {each.pk}) was removed") for each in removed for seq in (1, 2)]
    of_the_log = [query["sql"] for query in asked.captured_queries if 'FROM "grievance_event"' in query["sql"]]
    assert len(of_the_log) == 2 * 3 + 1 + 2 * gone // 3
    assert all(" IN (" in sql or " LIMIT 3" in sql for sql in of_the_log)


@pytest.mark.parametrize("moved_to", [0, -7, -(2**63)])
def test_no_id_is_too_odd_to_be_looked_at(complaint, moved_to):
    forge(f"UPDATE grievance_event SET complaint_id = {moved_to} WHERE complaint_id = %(pk)s AND seq = 5;"
          f"UPDATE grievance_complaint SET id = {moved_to} WHERE id = %(pk)s", complaint.pk)  # fmt: skip

    breaks = list(log.verify())

    assert {found.number for found in breaks} == {"", complaint.number}
    assert [found.seq for found in breaks if not found.number] == [1, 2, 3, 4]


def test_one_complaint_is_checked_by_its_number_as_people_write_it(complaint):
    forge("UPDATE grievance_event SET text = 'forged' WHERE complaint_id = %(pk)s AND seq = 4", complaint.pk)

    with pytest.raises(CommandError, match="broken in 1 place"):
        call_command("verify_log", number=grouped(complaint.number), stdout=StringIO())


@pytest.mark.parametrize("number", ["12345", "00000000000", "none"])
def test_a_number_nobody_has_is_said_and_not_called_good(complaint, number):
    with pytest.raises(CommandError, match=f"There is no complaint {number}"):
        call_command("verify_log", number=number)
