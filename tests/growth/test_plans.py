"""No page grows with the state: at volume the database reads no table of complaints, events or messages whole."""

import datetime
import os
import re
from contextlib import contextmanager

import pytest
from django.db import connection, transaction
from django.db.models import Q
from django.test import Client
from django.utils import timezone

from channels import partitions
from channels.models import Delivery
from citizens.models import ApiToken, User
from departments import remembered
from departments.models import Area
from grievance import filters, paging
from grievance.desk import inbox
from grievance.models import Complaint, Event
from simulation.history import loading
from simulation.history.plan import Plan
from tests.factories import AreaFactory, CategoryFactory, DepartmentFactory, World

from .addresses import ADDRESSES, IMPOSSIBLE

# `PLANS_AT=100000` looks at the state's own size; here the tables are just large enough to be worth an index.
VOLUME = int(os.environ.get("PLANS_AT", "6000"))
GROWS_WITH_THE_STATE = ("grievance_complaint", "grievance_event", "channels_delivery")
# A table of a few pages (a month without messages) is read whole rightly.
FEW_PAGES = 20
pytestmark = pytest.mark.django_db


@pytest.fixture
def _django_db_helper():
    """The marker says that a database is needed; each test's own transaction lies in that of the module."""


@pytest.fixture(scope="module")
def state(django_db_setup, django_db_blocker):
    """A state of some size with its history, in one transaction that is undone at the end."""
    with django_db_blocker.unblock(), connection.cursor() as cursor:
        # What other tests wrote and took back has left large indexes, in which a row seems dearer to find.
        cursor.execute("VACUUM FULL grievance_complaint, grievance_event")
    with django_db_blocker.unblock(), transaction.atomic():
        remembered.forget()
        partitions.make_ahead()
        world = _larger(World())
        now = timezone.now()
        begins = now - datetime.timedelta(days=5 * 365)
        wanted = Plan(VOLUME, round(VOLUME * 0.98), round(VOLUME * 0.7), 3, begins, now, now)
        loading.load(wanted, count_figures=False)
        _messages()
        with connection.cursor() as cursor:
            cursor.execute("ANALYZE")
        yield world
        transaction.set_rollback(True)
    remembered.forget()


def _larger(world: World) -> World:
    """Eleven districts and a dozen departments more."""
    places = [(world.district, world.block)]
    for _n in range(11):
        district = AreaFactory(kind=Area.Kind.DISTRICT, parent=world.division)
        block = AreaFactory(kind=Area.Kind.BLOCK, parent=district)
        places.append((district, block))
        for _panchayat in range(3):
            AreaFactory(parent=block)
    world.posting(world.roads, 4, world.state)
    for department in (world.water, world.roads, *(DepartmentFactory() for _n in range(10))):
        CategoryFactory(department=department)
        for district, block in places[1:] if department in (world.water, world.roads) else places:
            world.posting(department, 1, block)
            world.posting(department, 2, district)
        if department not in (world.water, world.roads):
            world.posting(department, 4, world.state)
    return world


def _messages() -> None:
    """One message for each event of the last ones, long sent."""
    last = Event.objects.order_by("-id").select_related("complaint")[: VOLUME // 4]
    now = timezone.now()
    Delivery.objects.bulk_create(
        Delivery(
            event=event, complaint=event.complaint, recipient_id=event.complaint.citizen_id, template="registered",
            audience="citizen", channel="sms", language="hi", address="+911000000000", body="…", key=f"{event.pk}",
            state=Delivery.State.SENT, available_at=now, created_at=now, sent_at=now,
        )
        for event in last
    )  # fmt: skip


@pytest.fixture(autouse=True)
def _few_of_these(monkeypatch):
    """Few are to the rows here what they are to those of a state."""
    monkeypatch.setattr(filters, "FEW_HAPPENINGS", VOLUME // 10)
    monkeypatch.setattr(paging, "FIRST_STRETCH", VOLUME // 10)


@pytest.fixture
def _hardly_a_moment(monkeypatch):
    """After the first stretch of a narrowed list the moment is over: all of them together would be all there is, here in
    no time."""
    monkeypatch.setattr(paging, "MOMENT_SECONDS", 0)


@pytest.fixture(scope="module")
def people(state):
    """Who opens pages, each with a browser that is signed in, and a token."""
    citizen = Complaint.objects.order_by("-id").first().citizen
    return {
        "officer": state.l1.officer, "nodal": state.nodal.officer, "commissioner": state.commissioner.officer,
        "cm office": state.cm_office.officer, "triage": state.triage.officer, "agent": state.agent.officer,
        "citizen": citizen, "client": state.client,
        "administrator": User.objects.create_superuser("chief", "a very long password"),
    }  # fmt: skip


def browser_of(who: str, people: dict, *, api: bool) -> Client:
    if who == "stranger":
        return Client()
    if api:
        return Client(headers={"Authorization": f"Token {ApiToken.objects.issue(people[who])}"})
    browser = Client()
    kind = "Citizen" if who == "citizen" else "Staff"
    browser.force_login(people[who], backend=f"citizens.backends.{kind}Backend")
    return browser


@pytest.fixture(scope="module")
def found(state, people) -> dict:
    """What addresses are filled in with."""
    own = Complaint.objects.filter(citizen=people["citizen"]).first()
    on_desk = Complaint.objects.filter(assignee=state.l1, confidential=False).order_by("-id").first()
    today = timezone.localdate()
    early = today - datetime.timedelta(days=4 * 365)
    return {
        "number": on_desk.number, "own": own.number, "area": state.block.code, "department": state.water.code, "early": early,
        "district": state.district.code, "category": state.no_water.code, "posting": state.l1.pk,
        "delivery": Delivery.objects.latest("id").pk, "name": people["citizen"].name.split()[0],
        "phone": f"%2B{people['citizen'].phone}".replace("+", ""), "tomorrow": today + datetime.timedelta(days=1),
        "early_end": early + datetime.timedelta(days=30), "early_year_end": early + datetime.timedelta(days=365), "today": today,
    }  # fmt: skip


@contextmanager
def queries_kept():
    """Keeps every statement that is a query, with its parameters."""
    kept = []

    def keep(execute, sql, params, many, context):
        if sql.lstrip().upper().startswith(("SELECT", "WITH")) and "FOR UPDATE" not in sql:
            kept.append((sql, params))
        return execute(sql, params, many, context)

    with connection.execute_wrapper(keep):
        yield kept


def whole_reads(sql: str, params) -> list[str]:
    """The large tables that the plan of this query reads whole."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (FORMAT JSON) {sql}", params)
        [[[plan]]] = [cursor.fetchone()]
    return [name for name in _scanned(plan["Plan"]) if name.startswith(GROWS_WITH_THE_STATE) and not _is_small(name)]


def _scanned(node: dict, *, cut: bool = False):
    """What is read from end to end. What is cut off after so many rows and asks nothing of each ends there, however
    long the table is."""
    kind = node["Node Type"]
    if kind == "Seq Scan" and not (cut and "Filter" not in node):
        yield node["Relation Name"]
    cut = kind == "Limit" or (cut and kind == "Append")
    for below in node.get("Plans", ()):
        yield from _scanned(below, cut=cut)


def _is_small(table: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT relpages FROM pg_class WHERE oid = %s::regclass", [table])
        return cursor.fetchone()[0] < FEW_PAGES


@pytest.mark.usefixtures("_hardly_a_moment")
@pytest.mark.parametrize(("who", "address"), ADDRESSES, ids=lambda part: part.replace(" ", "-"))
def test_no_query_reads_a_large_table_whole(state, people, found, who, address):
    browser = browser_of(who, people, api=address.startswith("/api/"))
    with transaction.atomic():
        with queries_kept() as kept:
            answer = browser.get(address.format(**found), headers={"accept-language": "en"})
            # What is streamed or rendered late is read here.
            answer.getvalue()
        assert answer.status_code in (200, 204) or answer.headers.get("Location", "").startswith("/desk/"), answer.headers
        # What names no large table reads none.
        on_large = [(sql, params) for sql, params in kept if any(table in sql for table in GROWS_WITH_THE_STATE)]
        wrong = {sql[:2000]: names for sql, params in on_large if (names := whole_reads(sql, params))}
        transaction.set_rollback(True)

    assert not wrong, "\n\n".join(f"{names}: {sql}" for sql, names in wrong.items())


@pytest.mark.parametrize(
    ("address", "share"),
    [
        ("since={early}&until={early_end}", 0.1),
        ("since={early}&until={early_end}&order=oldest", 0.1),
        ("since={early}&until={early_end}&department={department}", 0.1),
        ("did_since={early}&did_until={early_end}&did=resolve", 0.1),
        ("did_since={early}&did_until={early_year_end}&did=resolve", 0.4),
    ],
)
def test_a_period_long_ago_is_not_reached_by_walking_from_today(state, people, found, address, share):
    browser = browser_of("cm office", people, api=False)
    with transaction.atomic():
        with queries_kept() as kept:
            assert browser.get("/desk/?view=all&" + address.format(**found)).context["page"].items
        lists = [(sql, params) for sql, params in kept if '"registered_at"' in sql and '"id"' in sql]
        assert lists
        for sql, params in lists:
            assert rows_read(sql, params) < VOLUME * share, sql
        transaction.set_rollback(True)


RARELY = ("channel=sms", "channel=sms&until={early_year_end}", "channel=sms&since={early}&order=oldest")


@pytest.mark.parametrize("rare", RARELY)
def test_what_is_rare_is_looked_for_in_stretches_none_of_which_is_long(state, people, found, rare, monkeypatch):
    monkeypatch.setattr(paging, "FIRST_STRETCH", VOLUME // 200)
    monkeypatch.setattr(paging, "MOMENT_SECONDS", 5)
    browser = browser_of("cm office", people, api=False)
    with transaction.atomic():
        with queries_kept() as kept:
            assert not browser.get("/desk/?view=all&" + rare.format(**found)).context["page"].further
        lists = [(sql, params) for sql, params in kept if '"channel" = ' in sql]
        assert len(lists) > 4
        for sql, params in lists:
            # Sixteen two-hundredths are 8 %; more than that are registered in a month of the years' end.
            assert rows_read(sql, params) < VOLUME * 0.2, sql
        transaction.set_rollback(True)


@pytest.mark.parametrize("impossible", IMPOSSIBLE)
def test_what_cannot_be_is_not_looked_for_among_all(state, people, found, impossible):
    browser = browser_of("cm office", people, api=False)
    with transaction.atomic():
        with queries_kept() as kept:
            assert not browser.get("/desk/?view=all&" + impossible.format(**found)).context["page"].items
        for sql, params in kept:
            if '"registered_at"' in sql and '"id"' in sql:
                assert rows_read(sql, params) < VOLUME * 0.1, sql
        transaction.set_rollback(True)


def test_an_officers_inbox_reads_what_is_open_in_their_place_and_not_in_their_department(state, people, found):
    still_open = Complaint.objects.exclude(state="closed").filter(department=state.water)
    here = still_open.filter(Q(area__path__startswith=state.block.path) | Q(assignee=state.l1)).count()
    assert still_open.count() > 3 * here
    browser = browser_of("officer", people, api=False)
    with transaction.atomic():
        with queries_kept() as kept:
            assert browser.get("/desk/").status_code == 200
        for sql, params in kept:
            if "grievance_complaint" in sql:
                assert rows_read(sql, params) <= here, sql
        transaction.set_rollback(True)


@pytest.mark.parametrize("view", ["office", "overdue", "new", "waiting", "all"])
def test_a_page_by_deadline_reads_hardly_more_than_it_shows(state, people, view):
    """However much is open in the state, an index has it in this order: first what has a deadline, then what has none."""
    listed = inbox.VIEWS[view]
    rows = inbox.complaints_of(people["cm office"], listed)
    with queries_kept() as kept:
        paging.page_by_key(rows, "", paging.LARGEST_PAGE, "due", only_open=listed.only_open, have_deadline=listed.have_deadline)
    with transaction.atomic(), connection.cursor() as cursor:
        if VOLUME < 100_000:
            # The hundred that are open here are read and sorted in no time.
            cursor.execute("SET LOCAL enable_sort = off")
            cursor.execute("SET LOCAL enable_bitmapscan = off")
        for sql, params in kept:
            # Half of what has a deadline is not new.
            assert rows_read(sql, params) <= 4 * int(re.search(r"LIMIT (\d+)$", sql)[1]), sql
            cursor.execute(f"EXPLAIN {sql}", params)
            assert not any("Sort  (" in line for (line,) in cursor.fetchall()), sql
        transaction.set_rollback(True)


def rows_read(sql: str, params) -> int:
    """How many complaints this query looks at."""
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", params)
        [[[plan]]] = [cursor.fetchone()]
    return sum(_complaints_read(plan["Plan"]))


def _complaints_read(node: dict):
    if node.get("Relation Name") == "grievance_complaint":
        yield node["Actual Loops"] * (node["Actual Rows"] + node.get("Rows Removed by Filter", 0))
    for below in node.get("Plans", ()):
        yield from _complaints_read(below)


def test_the_test_sees_a_whole_read(state):
    assert whole_reads("SELECT count(*) FROM grievance_complaint WHERE text LIKE %s", ["%x%"]) == [
        "grievance_complaint"
    ]
