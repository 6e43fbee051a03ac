"""The figures over the API: those of the boards, by their names, with their definitions, for those who may see them."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override

from dashboards import figures, reading
from dashboards.reading import Selection
from tests.boards.conftest import Boards
from tests.factories import AreaFactory, CategoryFactory, PostingFactory


def values(answer) -> dict:
    assert answer.status_code == 200, answer.content
    return {name: figure["value"] for name, figure in answer.json()["figures"].items()}


@pytest.fixture
def somewhere(world):
    """Two complaints of each of two departments, in two districts; one of each is disposed of."""
    world.elsewhere = AreaFactory(kind="district", parent=world.state, code="d-24")
    for category in (world.no_water, world.pothole):
        world.closed(category=category)
        world.register(category=category, area=AreaFactory(parent=world.elsewhere))
    world.register(category=CategoryFactory(department=world.water, confidential=True, line="181"))
    world.line = PostingFactory(post__department=world.water, post__level=2, post__area=world.district, post__line="181")
    return world


@pytest.mark.parametrize("language", ["en", "hi"])
def test_every_figure_has_its_value_and_its_definition(somewhere, program, language):
    answer = program(somewhere.cm_office, language).get("figures/", period="all")

    total = reading.total(Selection(confidential=True))
    shown = (*figures.COUNTS, figures.OPEN, *figures.HAPPENINGS, *figures.RATES, *figures.DAYS)
    assert set(values(answer)) == {figure.name for figure in shown}
    for figure in (*figures.COUNTS, figures.OPEN, *figures.HAPPENINGS):
        assert values(answer)[figure.name] == total[figure.name]
    assert values(answer)["disposed_share"] == 40
    assert values(answer)["median_days"] is not None
    body = answer.json()
    with override(language):
        for figure in shown:
            said = {"label": figure.label, "definition": figure.definition, "formula": figure.formula}
            assert {name: body["figures"][figure.name][name] for name in said} == {n: str(said[n]) for n in said}
        assert body["open_by_age"]["definition"] == str(figures.OPEN_BY_AGE.definition)
        assert [age["label"] for age in body["open_by_age"]["ages"]] == [str(label) for _least, label in figures.AGES]
    assert [age["value"] for age in body["open_by_age"]["ages"]] == [total["open"], 0, 0, 0, 0]
    assert (body["first"], body["last"], body["about"]) == (None, str(timezone.localdate()), {})


@pytest.mark.parametrize(
    ("query", "registered"),
    [
        ({"department": "pwd"}, 2),
        ({"district": "d-24"}, 2),
        ({"department": "pwd", "district": "d-24", "channel": "web", "kind": "complaint", "level": "1"}, 1),
        ({"category": "no-water"}, 2),
        ({"from": "2020-01-01", "to": "2020-02-01"}, 0),
    ],
)
def test_the_filters_are_those_of_the_boards(somewhere, program, query, registered):
    answer = program(somewhere.cm_office).get("figures/", **({"period": "all"} if "to" not in query else {}), **query)
    board = Boards(somewhere.cm_office).board("/boards/", **query)

    assert values(answer)["registered"] == registered
    if "to" not in query:
        assert board.cards[0].number.value == registered
    assert answer.json()["about"] == {name: [value] for name, value in query.items() if name not in ("from", "to")}


DEPARTMENT, OTHER, DISTRICT = {"department": "jal-shakti"}, {"department": "pwd"}, {"district": "d-23"}
FAR, CATEGORY = {"district": "d-24"}, {"category": "no-water"}


@pytest.mark.parametrize(
    ("who", "seen"),
    [
        ("cm_office", (5, 2, 2, 2, 2, 2)),
        ("nodal", (400, 2, 404, 404, 404, 2)),
        ("commissioner", (400, 1, 1, 2, 404, 1)),
        ("l2", (400, 1, 404, 404, 404, 1)),
        *((nobody, (404,) * 6) for nobody in ("l1", "agent", "line", "citizen", "client")),
    ],
)
def test_each_sees_the_figures_of_their_boards_and_no_others(somewhere, program, who, seen):
    client, found = program(getattr(somewhere, who)), []
    for query in ({}, DEPARTMENT, OTHER, DISTRICT, FAR, CATEGORY):
        answer = client.get("figures/", **query)
        found.append(answer.json()["figures"]["registered"]["value"] if answer.status_code == 200 else answer.status_code)

    assert tuple(found) == seen


def test_who_sees_a_department_in_some_districts_is_told_which(somewhere, program):
    answer = program(somewhere.l2).get("figures/", **DEPARTMENT)

    assert answer.json()["about"] == {"department": ["jal-shakti"], "district": ["d-23"]}
    assert program(somewhere.l2).get("figures/", **DEPARTMENT, **FAR).status_code == 400


@pytest.mark.parametrize("query", [
    {"period": "never"}, {"from": "2026-02-30"}, {"from": "2020-02-01", "to": "2020-01-01"}, {"to": "2999-01-01"},
    {"department": "nothing"}, {"district": "d-99"}, {"category": "nothing"}, {"channel": "pigeon"}, {"level": "9"},
    {"kind": "wish"}, {"department": "pwd", "category": "no-water"},
])  # fmt: skip
def test_impossible_filters_are_errors_beside_their_names(somewhere, program, query):
    for who in (somewhere.cm_office, somewhere.nodal):
        answer = program(who).get("figures/", **query)
        assert answer.status_code in ((400,) if who == somewhere.cm_office else (400, 404))
        if answer.status_code == 400:
            assert set(answer.json()["errors"]) & {*query, "department"}


def test_it_costs_the_same_however_many_complaints_there_are(somewhere, program):
    client = program(somewhere.cm_office)

    def cost(**query) -> int:
        client.get("figures/", **query)
        with CaptureQueriesContext(connection) as captured:
            values(client.get("figures/", **query))
        return len(captured)

    few = [cost(**query) for query in ({}, DEPARTMENT)]
    for _n in range(5):
        somewhere.closed()
    assert [cost(**query) for query in ({}, DEPARTMENT)] == few
    # The token, the postings, and where the reader stands with each of the three readings; categories and groups.
    assert few[0] <= 8
    assert few[1] <= 10
