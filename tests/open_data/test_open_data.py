"""The open data: stable files that say what they are, small counts withheld, confidential lines only in the state."""

import csv
import io
import json

import pytest
import time_machine
from django.utils import timezone

from dashboards import figures, releases, suppression
from dashboards.models import Release
from departments import remembered
from departments.models import Department
from grievance import workflow
from tests.factories import AreaFactory, CategoryFactory, World
from tests.figures.test_roll_ups import MARCH_30, ONE_DAY

pytestmark = pytest.mark.django_db(transaction=True)


@pytest.fixture
def spring():
    """A March with 12 complaints in one district's water, 2 about roads and 1 of a confidential line."""
    world = World()
    with time_machine.travel(MARCH_30, tick=False) as now:
        for _each in range(12):
            world.register()
        for _each in range(2):
            world.register(category=world.pothole)
        world.register(category=CategoryFactory(department=world.water, confidential=True, line="181"))
        now.shift(5 * ONE_DAY)
        while releases.publish_next():
            pass
        yield world


def rows(client, address) -> list[dict]:
    text = client.get(address).content.decode()
    assert text.startswith("\ufeff")
    return list(csv.DictReader(io.StringIO(text.removeprefix("\ufeff"))))


def test_a_small_count_is_withheld_with_one_that_would_give_it_away(spring, client):
    table = {row["department"]: row["registered"] for row in rows(client, "/open-data/monthly/by-department/2026.csv")}

    assert table == {"jal-shakti": "*", "pwd": "*"}
    assert rows(client, "/open-data/monthly/by-state/2026.csv")[0]["registered"] == "15"


def test_both_forms_say_the_same_and_what_they_are(spring, client):
    data = json.loads(client.get("/open-data/monthly/by-district/2026.json").content)

    assert data["licence"] == "GODL-India"
    assert data["dictionary"].endswith("/open-data/dictionary.json")
    assert data["suppressed"] is None
    as_csv = rows(client, "/open-data/monthly/by-district/2026.csv")
    assert [["*" if value is None else str(value) for value in row] for row in data["rows"]] == [
        list(row.values()) for row in as_csv
    ]


def test_no_name_is_taken_for_a_formula(spring, client):
    Department.objects.update(name_en="=1+1", name_hi="@SUM(A1)")

    for row in rows(client, "/open-data/monthly/by-department/2026.csv"):
        assert (row["department_en"], row["department_hi"]) == ("'=1+1", "'@SUM(A1)")


def test_a_file_that_has_not_changed_is_not_sent_again(spring, client, django_assert_max_num_queries):
    for address in ("/open-data/daily/by-district/2026-03.csv", "/open-data/catalog.json", "/open-data/log-heads.csv"):
        with django_assert_max_num_queries(4):
            answer = client.get(address)
        assert answer.status_code == 200
        assert "public" in answer["Cache-Control"]
        again = client.get(address, headers={"if-none-match": answer["ETag"]})
        assert (again.status_code, again.content) == (304, b"")


NOWHERE = (
    "monthly/by-department/2027.csv", "monthly/by-department/2025.csv", "monthly/by-department/2026-03.csv",
    "daily/by-district/2026-13.csv", "daily/by-district/2026-05.csv", "daily/by-district/2026-02.csv",
    "daily/by-officer/2026-03.csv", "hourly/by-district/2026-03.csv", "daily/by-district/2026-03.xml",
    "daily/by-district/२०२६-०३.csv", "monthly/by-district/99999999999999.csv", "log-heads.xml",
    "log-heads/2026-99-99.txt", "log-heads/2026-03-31.txt",
)  # fmt: skip


# In one test: the state around each takes far longer than to ask for it.
def test_what_does_not_exist_is_not_found(spring, client, django_assert_max_num_queries):
    for address in NOWHERE:
        remembered.forget()
        with django_assert_max_num_queries(2, info=address):
            assert client.get(f"/open-data/{address}").status_code == 404, address


def test_the_running_month_has_the_states_days_up_to_yesterday(spring, client):
    for _each in range(6):
        spring.register()
    with time_machine.travel(timezone.now() + ONE_DAY, tick=False):
        data = json.loads(client.get("/open-data/daily/by-state/2026-04.json").content)
        assert data["provisional"]
        assert [row[:2] for row in data["rows"]] == [["2026-04-04", 6]]
        assert rows(client, "/open-data/daily/by-department/2026-04.csv") == []


def test_days_are_published_where_all_of_them_are_large_enough(spring, client):
    large = AreaFactory(kind="district", parent=spring.division, code="d-large")
    place = AreaFactory(parent=large)
    other = AreaFactory(parent=AreaFactory(kind="district", parent=spring.division, code="d-other"))
    with time_machine.travel(MARCH_30 - 50 * ONE_DAY, tick=False) as now:
        for _day in range(2):
            for _each in range(10):
                complaint = spring.register(area=place)
                workflow.change(complaint, "withdraw", user=spring.citizen)
                spring.register(area=other)
                workflow.change(spring.register(area=other), "withdraw", user=spring.citizen)
            now.shift(ONE_DAY)
    while releases.publish_next():
        pass

    found = rows(client, "/open-data/daily/by-district/2026-02.csv")

    assert {(row["day"], row["registered"]) for row in found if row["district"] == "d-large"} == {
        ("2026-02-08", "10"), ("2026-02-09", "10")}  # fmt: skip


def test_a_published_month_is_made_once_and_anew_only_when_its_figures_change(spring, django_assert_max_num_queries):
    made = list(Release.objects.values_list("made_at", flat=True))
    with django_assert_max_num_queries(3):
        assert releases.publish_next() == 0
    assert list(Release.objects.values_list("made_at", flat=True)) == made

    Release.objects.filter(dimension="state").update(basis={})
    assert releases.publish_next() == 1


def test_the_dictionary_has_every_figure_in_both_languages(client):
    entries = json.loads(client.get("/open-data/dictionary.json").content)["figures"]

    assert [entry["name"] for entry in entries] == list(figures.FIGURES)
    assert all(entry[f"{part}_{language}"] for entry in entries for part in ("label", "definition", "formula")
               for language in ("en", "hi"))  # fmt: skip
    assert {entry["name"] for entry in entries if entry["in_tables"]} == set(suppression.FIGURES)


def test_the_catalogue_names_files_that_are_there(spring, client):
    catalogue = json.loads(client.get("/open-data/catalog.json").content)

    files = [file["dcat:downloadURL"] for each in catalogue["dcat:dataset"] for file in each["dcat:distribution"]]
    assert len(files) == 4 * 2 * (1 + 2)
    for file in files:
        assert client.get(file.removeprefix("http://testserver")).status_code == 200


@pytest.mark.parametrize("language", ["en", "hi"])
def test_the_index_says_what_there_is(spring, client, language, django_assert_max_num_queries):
    with django_assert_max_num_queries(2):
        page = client.get("/open-data/", headers={"accept-language": language}).content.decode()

    assert "GODL-India" in page
    assert "/open-data/monthly/by-department/2026.csv" in page
    assert "verify_log --heads" in page
