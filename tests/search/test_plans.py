"""No search reads the complaints, or the index's table, from end to end."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from citizens.models import User
from grievance import search, search_index
from grievance.models import Complaint
from tests.factories import CitizenFactory, World
from tests.once import once

pytestmark = pytest.mark.django_db
ROWS = 20_000
CITIZENS = 500
TEXTS = "ARRAY['पानी नहीं आ रहा', 'sadak tooti hai', 'The road is broken', 'bijli ka khamba tuta']"
# Small blocks and large ones, as far apart as a state's.
BLOCKS = {"@s": 6, "@b": 11}


@pytest.fixture(scope="module")
def filled_once(django_db_setup, django_db_blocker):
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(search_index, "BLOCKS", BLOCKS)
        yield from once(fill, django_db_blocker)


@pytest.fixture
def filled(filled_once, db):
    """A small state and one of its complaints, among many."""
    return filled_once()


@pytest.fixture
def world(filled):
    return filled[0]


@pytest.fixture
def many(filled):
    return filled[1]


def fill() -> tuple[World, Complaint]:
    """Complaints in bulk, past the triggers that want an event for each, and their entries."""
    world = World()
    one = world.register(text="rareword here")
    citizens = User.objects.bulk_create(CitizenFactory.build_batch(CITIZENS))
    columns = [field.column for field in Complaint._meta.concrete_fields if field.column != "id"]
    own = {
        "number": "(30000000000 + n)::text", "idempotency_key": "'bulk-' || n", "text": f"({TEXTS})[1 + n %% 4] || ' ' || n",
        "citizen_id": f"{citizens[0].pk} + n %% {CITIZENS}",
        "department_id": f"CASE WHEN n %% 10 = 0 THEN {world.roads.pk} ELSE department_id END",
    }  # fmt: skip
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(
            f"INSERT INTO grievance_complaint ({', '.join(columns)})"
            f" SELECT {', '.join(own.get(name, name) for name in columns)}"
            " FROM grievance_complaint, generate_series(1, %s) AS n WHERE id = %s",
            [ROWS, one.pk],
        )
        cursor.execute("SET LOCAL session_replication_role = origin")
    for _done in search_index.rebuild(batch=5000):
        pass
    with connection.cursor() as cursor:
        cursor.execute("ANALYZE grievance_complaint")
        cursor.execute("ANALYZE citizens_user")
        cursor.execute("ANALYZE grievance_searchentry")
        cursor.execute("ANALYZE grievance_searchword")
    return world, one


def test_no_search_walks_through_all_complaints(world, many):
    typed = ["pani", "पानी", "rareword", "road broken", "brokne", "khamb", "Theog", "Citizen", many.number,
             many.number[:9] + many.number[10] + many.number[9], str(many.citizen.phone), "pani rareword"]  # fmt: skip
    postings = [world.l1, world.roads_l2, world.nodal, world.commissioner, world.cm_office, world.agent]
    walked = set()
    for posting in postings:
        with CaptureQueriesContext(connection) as captured:
            for text in typed:
                answer = search.find(posting.officer, text)
                if answer.page.next:
                    search.find(posting.officer, text, answer.page.next)
        for statement in {query["sql"] for query in captured if query["sql"].startswith(("SELECT", "WITH"))}:
            with connection.cursor() as cursor:
                cursor.execute("EXPLAIN " + statement.replace("%", "%%"), [])
                plan = "\n".join(line for (line,) in cursor.fetchall())
            if "Seq Scan on grievance_complaint" in plan or "Seq Scan on grievance_searchentry" in plan:
                walked.add(statement + "\n" + plan)
    assert not walked, "\n\n".join(walked)
    assert [row.pk for row in search.find(world.cm_office.officer, "pani rareword").page.items] == []
    assert [row.pk for row in search.find(world.cm_office.officer, "rareword").page.items] == [many.pk]


@pytest.fixture
def asked(monkeypatch):
    """What the index was asked for last, each time, where hardly any are looked at one by one."""
    monkeypatch.setattr(search, "NEAREST", 16)
    monkeypatch.setattr(search, "MOST_UNWRITTEN", 16)
    asked, batch = [], search._batch
    monkeypatch.setattr(search, "_batch", lambda parts, below: asked.append(parts[-1]) or batch(parts, below))
    return asked


@pytest.mark.parametrize(("every", "widest"), [(25, 0), (80, 0), (1500, 1)])
def test_a_word_is_looked_for_in_blocks_further_and_further_back(world, many, asked, every, widest):
    """Four small blocks have 256 ids, those beside them 1,792, two large ones 4,096. Where every 80th has the word, a
    page is full before any large block is asked. No page loses or repeats any."""
    having = list(Complaint.objects.order_by("-id").values_list("pk", flat=True)[every // 2 :: every])
    Complaint.objects.filter(pk__in=having).update(text="chaunkidar chahiye")
    search_index.write(Complaint.objects.filter(pk__in=having))

    page = search.find(world.cm_office.officer, "chaunkidar").page
    assert sum("@b" in query for query in asked) == widest
    found = [row.pk for row in page.items]
    while page.next:
        page = search.find(world.cm_office.officer, "chaunkidar", page.next).page
        found += [row.pk for row in page.items]
    assert found == having


def test_a_rare_word_is_looked_for_in_few_steps(world, many, asked):
    assert [row.pk for row in search.find(world.cm_office.officer, "rareword").page.items] == [many.pk]
    assert [query.count("'@s") for query in asked] == [4, 28, 0, 0]


def test_a_word_of_last_winter_is_found_without_counting_all_of_that_winter(world, many, asked):
    """None of the newest has it, and every second of those before: as snow in summer."""
    before = list(Complaint.objects.order_by("-id").values_list("pk", flat=True)[400:4000:2])
    Complaint.objects.filter(pk__in=before).update(text="barf giri hai")
    search_index.write(Complaint.objects.filter(pk__in=before))

    page = search.find(world.cm_office.officer, "barf").page

    assert [row.pk for row in page.items] == before[: search.PAGE_SIZE]
    assert not any("@b" in query for query in asked)


def test_a_frequent_word_is_found_among_the_newest_without_asking_the_index(world, many, asked, monkeypatch):
    """The index would visit every entry that has it in 32,768."""
    monkeypatch.setattr(search, "NEAREST", 200)
    with_it = Complaint.objects.filter(text__startswith="sadak").order_by("-id").values_list("pk", flat=True)

    page = search.find(world.cm_office.officer, "sadak").page
    following = search.find(world.cm_office.officer, "sadak", page.next).page

    assert [row.pk for row in [*page.items, *following.items]] == list(with_it[: 2 * search.PAGE_SIZE])
    assert asked == []
