"""The state's years at scale: exact to the unit, whole in the log, written once whatever is killed, and told to nobody."""

import datetime
import os
import random
import signal
import time
from zoneinfo import ZoneInfo

import pytest
from django.core.management import CommandError, call_command
from django.db import connection
from django.utils import timezone

from channels import message_templates, notices
from channels.models import Delivery
from citizens.models import User
from dashboards import reading
from dashboards.models import Tally
from departments import calendars
from grievance import clock, ladder, numbers, readers, warnings, workflow
from grievance.models import RUNNING_STATES, Complaint, Escalation, Event, Proposal, SearchEntry, State
from grievance.models.search_entry import NEWS_KB
from simulation.history import loading
from simulation.history.hours import Hours
from simulation.history.plan import Plan
from simulation.models import HistoryBatch, HistoryLoad
from tests.factories import CategoryFactory, World

EVERYTHING = reading.Selection(confidential=True)


@pytest.fixture
def state(db):
    """A small state, with a matter of each kind."""
    world = World()
    world.posting(world.roads, 3, world.division)
    world.posting(world.roads, 4, world.state)
    CategoryFactory(department=world.water, emergency=True)
    CategoryFactory(department=world.roads, about_officer=True)
    return world


def plan(complaints=600, disposed=588, satisfied=420, years=1) -> Plan:
    ends = timezone.localtime().replace(hour=0, minute=0, second=0, microsecond=0)
    return Plan(complaints, disposed, satisfied, 7, ends - datetime.timedelta(days=365 * years), ends, timezone.now())


def test_as_many_are_disposed_of_and_satisfied_as_asked_for_and_log_and_figures_hold(state):
    call_command("load_history", complaints=600, disposed=588, satisfied=421, years=1)

    assert Complaint.objects.count() == 600
    totals = reading.total(EVERYTHING)
    assert (totals["registered"], totals["disposed"], totals["satisfied"]) == (600, 588, 421)
    assert 4 < Event.objects.count() / 600 < 7
    call_command("verify_log")
    call_command("check_figures")


@pytest.mark.parametrize("wanted", [(1, 0, 0), (1, 1, 1), (50, 0, 0), (50, 50, 50), (3000, 2, 1), (4100, 4017, 2883),
                                    (604_557, 593_693, 425_067)])  # fmt: skip
def test_any_figures_come_out_to_the_unit(wanted):
    asked = plan(*wanted)
    fates = []
    for number in range(asked.batches):
        places, dice = asked.batch(number)
        found = asked.fates(places, dice)
        filed = asked.filed(places, dice)
        assert len(found) == len(places) == len(filed)
        assert filed == sorted(filed)
        assert asked.begins.timestamp() <= filed[0] <= filed[-1] <= asked.ends.timestamp()
        fates += found

    assert (len(fates), len(fates) - fates.count("open"), fates.count("satisfied")) == wanted


def test_what_stands_in_the_rows_is_what_the_workflow_would_have_written(state):
    loading.load(plan(500, 400, 300), count_figures=False)

    for complaint in Complaint.objects.select_related("category", "assignee__post"):
        assert numbers.clean(complaint.number) == complaint.number
        assert complaint.number[:2] == f"{timezone.localtime(complaint.registered_at):%y}"
        assert (complaint.due_at is None) == (complaint.state not in RUNNING_STATES)
        if complaint.state in RUNNING_STATES:
            assert complaint.assignee.post.level == complaint.level
            assert complaint.assignee.post.department_id == complaint.department_id
            assert complaint.calendar_version_id == calendars.in_force().pk
    assert set(Complaint.objects.values_list("state", flat=True)) >= {"assigned", "in_progress", "closed"}
    # A climb is a row and an event, and nothing was climbed in the future.
    climbs = Event.objects.filter(action__in=("escalate", "breach")).count()
    assert climbs == Escalation.objects.count() > 0
    assert Proposal.objects.filter(decision="approved").exists()
    assert not Event.objects.filter(at__gt=timezone.now()).exists()
    with connection.cursor() as cursor:
        cursor.execute("SET CONSTRAINTS ALL IMMEDIATE")


def test_what_is_open_is_where_the_ladder_would_have_it_and_goes_on_from_there(state):
    loading.load(plan(300, 150, 100), count_figures=False)

    overdue = Complaint.objects.filter(state__in=RUNNING_STATES, breached_at=None, due_at__lt=timezone.now())
    assert overdue.count() <= 1
    assert not Complaint.objects.filter(warn_at__lt=timezone.now() - datetime.timedelta(minutes=1)).exists()
    one = Complaint.objects.filter(state=State.ASSIGNED, breached_at=None).first()
    workflow.change(one, "accept", user=one.assignee.officer)
    call_command("verify_log", number=one.number)


def test_deadlines_are_those_of_the_clock(state):
    calendar = calendars.of(calendars.in_force().pk, state.district.pk)
    zone, dice = ZoneInfo("Asia/Kolkata"), random.Random(5)
    first = datetime.date(2026, 1, 1)
    hours = Hours(calendar, first, datetime.date(2027, 12, 31), zone)

    for _try in range(400):
        start = datetime.datetime(2026, 1, 1, tzinfo=zone) + datetime.timedelta(minutes=dice.randrange(500_000))
        seconds = dice.choice((0, 60, 7 * 3600, 49 * 3600, dice.randrange(900_000)))
        due = clock.add(start, seconds, calendar)
        assert hours.add(start.timestamp(), seconds) == due.timestamp()
        assert hours.between(start.timestamp(), due.timestamp()) == clock.between(start, due, calendar)


def test_no_reader_tells_anybody_of_what_never_happened(state):
    message_templates.load()
    loading.load(plan(80, 70, 50), count_figures=False)

    assert all(lag == 0 for lag in readers.lags().values())
    assert notices.follow() == 0
    one = Complaint.objects.filter(state=State.ASSIGNED).first()
    ladder.climb_overdue()
    warnings.warn_due()
    workflow.change(one, "update", user=one.assignee.officer, text="Tomorrow")
    notices.make_deliveries(list(one.events.all()))
    # Officers hear of what is on their desk; citizens who do not exist, nothing.
    assert not Delivery.objects.filter(recipient__kind=User.Kind.CITIZEN).exists()


def test_it_says_of_itself_that_it_is_made_up(state, client):
    loading.load(plan(20, 18, 10), count_figures=False)

    one = Complaint.objects.first()
    assert one.is_synthetic
    assert one.events.get(seq=1).data["synthetic"] is True
    assert "loaded to try it" in client.get("/figures/", headers={"accept-language": "en"}).content.decode()
    assert not state.register().is_synthetic


def test_nothing_is_loaded_beside_real_complaints(state):
    state.register()

    with pytest.raises(CommandError, match="1 complaints of real people"):
        call_command("load_history", complaints=10)
    assert Complaint.objects.count() == 1


@pytest.mark.parametrize(
    ("given", "said"),
    [
        ({"complaints": 0}, "one complaint at least"),
        ({"complaints": 10, "disposed": 11}, "No more can be satisfied"),
        ({"complaints": 10, "disposed": 5, "satisfied": 6}, "No more can be satisfied"),
        ({"complaints": 10, "years": 0}, "years"),
    ],
)
def test_what_cannot_be_is_refused_in_a_sentence(state, given, said):
    with pytest.raises(CommandError, match=said):
        call_command("load_history", **given)
    assert not HistoryLoad.objects.exists()


def test_behind_pgbouncer_nothing_is_loaded(state, settings):
    settings.PGBOUNCER = True
    with pytest.raises(CommandError, match="past PgBouncer"):
        call_command("load_history", complaints=10)
    assert not HistoryLoad.objects.exists()


def test_without_officers_nothing_is_loaded(db):
    with pytest.raises(CommandError, match="no officers"):
        call_command("load_history", complaints=10)


@pytest.mark.django_db(transaction=True)
def test_killed_half_way_it_goes_on_and_writes_everything_once(monkeypatch):
    World()
    wanted = plan(4000, 3920, 2800)
    child = os.fork()
    if child == 0:
        connection.connection = None
        try:
            loading.load(wanted, processes=1, count_figures=False)
        finally:
            os._exit(0)
    deadline = time.monotonic() + 20
    while not HistoryBatch.objects.exclude(done_at=None).exists() and time.monotonic() < deadline:
        time.sleep(0.05)
    os.kill(child, signal.SIGKILL)
    os.waitpid(child, 0)
    time.sleep(0.2)
    assert 0 < Complaint.objects.count() < 4000

    with pytest.raises(CommandError, match="was not finished"):
        call_command("load_history", complaints=5)
    loading.load(plan(4000, 3920, 2800), count_figures=False)

    assert Complaint.objects.count() == Complaint.objects.values("number").distinct().count() == 4000
    assert Complaint.objects.filter(state__in=("resolved", "closed")).count() == 3920
    assert Complaint.objects.filter(outcome="satisfied").count() == 2800
    assert HistoryLoad.objects.get().finished_at


@pytest.mark.django_db(transaction=True)
def test_several_processes_write_count_and_index_it_together():
    World()
    call_command("load_history", complaints=2100, disposed=2058, satisfied=1477, years=0.5, processes=2)

    assert HistoryLoad.objects.get().finished_at
    totals = reading.total(EVERYTHING)
    assert (totals["registered"], totals["disposed"], totals["satisfied"]) == (2100, 2058, 1477)
    assert set(Complaint.objects.values_list("pk", flat=True)) == set(SearchEntry.objects.values_list("pk", flat=True))
    call_command("verify_log")
    call_command("check_figures")
    assert _most_waits_kb() == NEWS_KB


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("processes", [1, 2])
def test_killed_while_counting_and_indexing_it_goes_on_with_what_is_missing(processes):
    World()
    wanted = plan(2100, 2058, 1477)
    loading.load(wanted, processes=2)
    # As it is left by whoever is killed then.
    HistoryLoad.objects.update(finished_at=None)
    kept = SearchEntry.objects.order_by("pk").first().pk
    SearchEntry.objects.filter(pk__gt=kept + 1000).delete()
    written = _written_by(kept)
    Tally.objects.filter(day__lt=timezone.localdate() - datetime.timedelta(days=100)).delete()

    with connection.cursor() as cursor:
        cursor.execute("ALTER INDEX search_words SET (gin_pending_list_limit = 65536)")

    loading.load(wanted, processes=processes)

    assert HistoryLoad.objects.get().finished_at
    assert SearchEntry.objects.count() == 2100
    assert _written_by(kept) == written
    assert _most_waits_kb() == NEWS_KB
    call_command("check_figures")


def _most_waits_kb() -> int:
    """How much may wait to be put into the search's index: a search reads all of it."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT option_value FROM pg_class, pg_options_to_table(reloptions) WHERE relname = 'search_words'")
        return int(cursor.fetchone()[0])


def _written_by(entry: int) -> str:
    """The number of the transaction that wrote a complaint's entry."""
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT xmin FROM {SearchEntry._meta.db_table} WHERE complaint_id = %s", [entry])
        return cursor.fetchone()[0]
