"""Reading over the API: reference data, lists paged by key, one complaint."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils.translation import override

from departments.models import PinCode
from grievance import workflow
from tests.factories import AreaFactory


def walk(program, path, **query) -> list[list[dict]]:
    """All pages of a list, following `next`."""
    pages, answer = [], program.get(path, **query)
    while True:
        assert answer.status_code == 200, answer.content
        body = answer.json()
        assert body.keys() == {"next", "previous", "results"}
        pages.append(body["results"])
        if not body["next"]:
            return pages
        answer = program.client.get(body["next"])


def test_departments_categories_and_areas_are_open_and_have_codes(world, program):
    stranger = program()
    assert {row["code"] for row in stranger.get("departments/").json()["results"]} >= {"jal-shakti", "pwd"}
    category = next(row for row in stranger.get("categories/").json()["results"] if row["code"] == "no-water")
    assert (category["department"], category["fields"]) == ("jal-shakti", [])
    area = next(row for row in stranger.get("areas/").json()["results"] if row["code"] == world.panchayat.code)
    assert (area["kind"], area["parent"], area["within"]) == ("panchayat", world.block.code, "Theog")


def test_names_come_in_the_language_asked_for(world, program):
    names = {language: {row["code"]: row["name"] for row in program(language=language).get("departments/").json()["results"]}
             for language in ("hi", "en")}  # fmt: skip
    assert (names["hi"]["jal-shakti"], names["en"]["jal-shakti"]) == ("जल शक्ति", "Jal Shakti")


def test_areas_are_found_by_name_in_both_languages_and_by_pin_code(world, program):
    PinCode.objects.create(pincode="171212", office="Matiana", area=world.panchayat)
    for words in ("matiana", "मतियाना", "171212"):
        found = program().get("areas/", q=words).json()["results"]
        assert world.panchayat.code in [row["code"] for row in found], words
    assert program().get("areas/", parent=world.block.code).json()["results"][0]["code"] == world.panchayat.code


def test_categories_are_found_by_words(world, program):
    found = program().get("categories/", q="no water").json()["results"]
    assert found[0]["code"] == "no-water"


def test_reference_data_pages_forth_and_back_without_loss(world, program):
    for _ in range(7):
        AreaFactory(parent=world.block)
    pages = walk(program(), "areas/", page_size=4)
    codes = [row["code"] for page in pages for row in page]
    assert len(pages) > 2
    assert codes == sorted(set(codes))
    first = program().get("areas/", page_size=4).json()
    second = program().client.get(first["next"]).json()
    assert program().client.get(second["previous"]).json()["results"] == first["results"]


def test_complaints_page_by_key_while_new_ones_arrive(world, program):
    numbers = [world.assigned().number for _ in range(5)]
    officer = program(world.l1)
    first = officer.get("complaints/", page_size=2).json()
    assert first["previous"] is None
    world.assigned()
    seen = [row["number"] for row in first["results"]]
    page = first
    while page["next"]:
        page = officer.client.get(page["next"]).json()
        seen += [row["number"] for row in page["results"]]
    assert seen == numbers[::-1]


def test_complaints_are_narrowed_by_the_desks_filters(world, program):
    water, road = world.assigned(), world.assigned(category=world.pothole)
    workflow.change(water, "accept", user=world.l1.officer)
    everything = program(world.cm_office)

    def found(**query):
        return {row["number"] for row in everything.get("complaints/", **query).json()["results"]}

    assert found() == {water.number, road.number}
    assert found(state="in_progress") == found(category="no-water") == found(department="jal-shakti") == {water.number}
    assert found(text=road.number) == found(state="assigned") == {road.number}
    assert found(area=world.block.code) == {water.number, road.number}
    assert found(overdue="true") == set()


@pytest.mark.parametrize(
    "query",
    [{"state": "asleep"}, {"category": "nothing"}, {"area": "nowhere at all"}, {"order": "best"}, {"cursor": "x"},
     {"since": "tomorrow"}, {"level": "9"}],
)  # fmt: skip
def test_a_filter_that_does_not_exist_is_said(world, program, query):
    answer = program(world.cm_office).get("complaints/", **query)
    assert answer.status_code == 400
    assert answer.json()["errors"].keys() == query.keys()


def test_each_sees_their_own(world, program):
    one, other = world.assigned(), world.assigned(citizen=world.stranger, category=world.pothole)
    sees = {
        world.citizen: {one.number}, world.stranger: {other.number}, world.l1: {one.number},
        world.roads_l1: {other.number}, world.cm_office: {one.number, other.number}, world.client: set(),
    }  # fmt: skip
    for who, numbers in sees.items():
        listed = {row["number"] for row in program(who).get("complaints/").json()["results"]}
        assert listed == numbers
        for complaint in (one, other):
            expected = 200 if complaint.number in numbers else 404
            assert program(who).get(f"complaints/{complaint.number}/").status_code == expected


@pytest.mark.parametrize("number", ["1", "26000000000", "पानी", "%00", "9" * 400])
def test_a_number_that_is_none_is_not_found(world, program, number):
    assert program(world.cm_office).get(f"complaints/{number}/").status_code == 404


def test_one_complaint_tells_its_story(world, program):
    complaint = world.in_progress()
    workflow.change(complaint, "note", user=world.l1.officer, text="The contractor is slow")
    for who, notes in ((world.l1, 1), (world.citizen, 0)):
        body = program(who).get(f"complaints/{complaint.number}/").json()
        assert [event["action"] for event in body["events"]].count("note") == notes
        assert [event["action"] for event in body["events"]][:3] == ["register", "route", "accept"]
        with override("en"):
            title = world.l1.post.title
        assert body["assignee"] == {"posting": world.l1.pk, "post": world.l1.post.code, "title": title, "level": 1}
        assert body["due_at"]
        assert body["overdue"] is False
        assert "Theog" in body["why"]
    assert "satisfied" not in body["actions"]
    assert body["number_grouped"].replace(" ", "") == body["number"] == complaint.number


def test_no_phone_and_no_officers_name_is_in_a_complaint(world, program):
    complaint = world.in_progress()
    for who in (world.citizen, world.client, world.cm_office):
        body = program(who).get(f"complaints/{complaint.number}/").content.decode()
        assert str(world.citizen.phone)[3:] not in body
        assert world.l1.officer.name not in body


def queries(call) -> int:
    with CaptureQueriesContext(connection) as seen:
        assert call().status_code == 200
    return len(seen)


def test_a_list_costs_the_same_whatever_its_length(world, program):
    officer = program(world.l1)
    world.assigned()
    officer.get("complaints/")
    one = queries(lambda: officer.get("complaints/"))
    for _ in range(6):
        world.assigned()
    assert queries(lambda: officer.get("complaints/")) == one <= 3


def test_a_complaint_costs_the_same_whatever_its_history(world, program):
    complaint = world.in_progress()
    officer = program(world.l1)
    officer.get(f"complaints/{complaint.number}/")
    one = queries(lambda: officer.get(f"complaints/{complaint.number}/"))
    for _ in range(4):
        workflow.change(complaint, "update", user=world.l1.officer, text="Still digging")
    assert queries(lambda: officer.get(f"complaints/{complaint.number}/")) == one <= 4


@pytest.mark.parametrize("path", ["departments/", "categories/", "areas/", "categories/?q=water", "areas/?q=theog"])
def test_reference_data_costs_few_queries(world, program, path):
    stranger = program()
    assert queries(lambda: stranger.get(path)) <= 4
