"""Whose boards each role may see; everything else is not there at all. And what is impossible is said."""

import re

import pytest
from django.utils.html import escape

from departments.models import Role
from grievance import access, workflow
from grievance.models import Complaint
from tests.factories import AreaFactory, CategoryFactory, PostingFactory

from .conftest import Boards

pytestmark = pytest.mark.django_db

BOARDS = ("state", "department", "other department", "district", "other district", "category", "area", "other area",
          "officer", "other officer", "desk")  # fmt: skip
# A letter for each of BOARDS: y is seen, - is not there.
SEEN = {
    "cm_office": "yyyyyyyyyyy",
    "triage": "yyyyyyyy---",
    "nodal": "-y---y--y--",
    "commissioner": "-yyy-yy----",
    "l4": "-y---y--y--",
    "l3": "-y---y--y--",
    "l2": "-y---y--y--",
    "l1": "--------y--",
    "roads_l1": "---------y-",
    "agent": "----------y",
    "line": "-----------",
    "citizen": "-----------",
    "client": "-----------",
    "stranger": "-----------",
}


@pytest.fixture
def somewhere(world):
    world.elsewhere = AreaFactory(kind="district", parent=world.state, code="d-24")
    world.far = AreaFactory(parent=world.elsewhere)
    world.line = PostingFactory(post__department=world.water, post__level=2, post__area=world.district, post__line="181")
    return world


def address_of(world, board: str) -> str:
    return {
        "state": "/boards/",
        "department": "/boards/departments/jal-shakti/", "other department": "/boards/departments/pwd/",
        "district": "/boards/districts/d-23/", "other district": "/boards/districts/d-24/",
        "category": "/boards/categories/no-water/",
        "area": f"/boards/areas/{world.panchayat.code}/", "other area": f"/boards/areas/{world.far.code}/",
        "officer": f"/boards/officers/{world.l1.pk}/", "other officer": f"/boards/officers/{world.roads_l1.pk}/",
        "desk": "/boards/desk/",
    }[board]  # fmt: skip


@pytest.mark.parametrize("role", SEEN)
def test_each_role_sees_its_boards_and_no_others(somewhere, role):
    boards = Boards(None if role == "stranger" else getattr(somewhere, role))
    got = "".join("y" if boards.get(address_of(somewhere, board)).status_code == 200 else "-" for board in BOARDS)
    answers = {boards.get(address_of(somewhere, board)).status_code for board in BOARDS}

    assert got == SEEN[role]
    assert answers <= {200, 404}


def test_an_officer_sees_the_department_within_their_area_alone(somewhere):
    somewhere.register()
    somewhere.register(area=somewhere.far)
    registered = {
        role: Boards(getattr(somewhere, role)).board("/boards/departments/jal-shakti/").cards[0].number.value
        for role in ("l2", "l3", "l4", "nodal", "commissioner")
    }

    assert registered == {"l2": 1, "l3": 1, "l4": 2, "nodal": 2, "commissioner": 1}
    assert Boards(somewhere.l2).get("/boards/departments/jal-shakti/", district="d-24").status_code == 400


def test_a_category_is_no_way_into_the_figures_of_another_department(world):
    """A complaint that is transferred keeps its category where none of the new department is chosen."""
    world.assigned()
    workflow.change(
        world.assigned(), "transfer", user=world.l1.officer, department="pwd", reason="wrong_department"
    )
    for role, seen in (("cm_office", 2), ("nodal", 1), ("l3", 1), ("commissioner", 1)):
        board = Boards(getattr(world, role)).board("/boards/categories/no-water/", period="all")
        assert board.cards[0].number.value == seen, role
        assert sum(row.numbers[2].value for part in board.sections if part.name == "districts" for row in part.rows) == seen


def test_nobody_sees_a_scorecard_of_an_equal_or_of_one_above(world):
    peer = world.posting(world.water, 2, world.district)
    for posting, seen in ((world.l1, True), (world.l2, True), (peer, False), (world.l3, False)):
        assert access.figures_of(world.l2.officer).sees_officer(posting) is seen


def test_a_few_peers_are_not_told_as_the_others_together(world):
    """What one or two others did together is the scorecard of an equal, less what one knows."""
    made = [world.in_progress() for _each in range(3)]
    peers = [world.posting(world.water, 1, world.block) for _each in made]

    def others(shown):
        found = Boards(world.l1).board(f"/boards/officers/{world.l1.pk}/")
        section = next(part for part in found.sections if part.name == "scorecard")
        assert ("They are shown from" in section.note) == (not shown)
        return [row.numbers[2].text for row in section.rows]

    for complaint, peer, shown in zip(made, peers, (False, False, True), strict=True):
        Complaint.objects.filter(pk=complaint.pk).update(assignee=peer)
        complaint.refresh_from_db()
        workflow.change(complaint, "resolve", user=peer.officer, text="Done")
        assert ("–" not in others(shown)[:2]) == shown


def test_a_table_of_officers_names_those_alone_whose_scorecards_are_seen(world):
    world.posting(world.water, 4, world.state)
    world.assigned()
    for role, named in (("cm_office", True), ("triage", False), ("nodal", True), ("l4", True), ("l3", False)):
        board = Boards(getattr(world, role)).board("/boards/departments/jal-shakti/")
        shown = [row.href for part in board.sections if part.name == "officers" for row in part.rows]
        assert shown == ([f"/boards/officers/{world.l1.pk}/"] if named else []), role
    below = Boards(world.l3).board(f"/boards/officers/{world.l3.pk}/")
    assert [len(part.rows) for part in below.sections if part.name == "officers"] == [1]


def test_confidential_lines_count_in_the_states_total_alone(world):
    hidden = CategoryFactory(department=world.water, confidential=True, line="181", code="hidden")
    world.assigned()
    PostingFactory(post__department=world.water, post__area=world.block, post__line="181")
    secret = world.assigned(category=hidden)
    cm = Boards(world.cm_office)

    assert cm.board("/boards/").cards[0].number.value == 2
    for address in ("/boards/?department=jal-shakti", "/boards/departments/jal-shakti/", "/boards/districts/d-23/"):
        answer = cm.client.get(address)
        assert answer.context["board"].cards[0].number.value == 1
        assert secret.number not in answer.content.decode()
    for address in ("/boards/categories/hidden/", f"/boards/officers/{secret.assignee_id}/"):
        assert cm.get(address).status_code == 404


def test_the_bar_leads_to_the_first_board_of_whoever_has_one(world):
    for role, address in (("cm_office", "/boards/"), ("nodal", "/boards/departments/jal-shakti/"),
                          ("commissioner", "/boards/districts/d-23/"), ("l1", f"/boards/officers/{world.l1.pk}/"),
                          ("agent", "/boards/desk/")):  # fmt: skip
        boards = Boards(getattr(world, role))
        assert f'<a href="{address}">Boards</a>' in boards.get("/figures/").content.decode()
        assert boards.get(address).status_code == 200
    assert "/boards/" not in Boards(world.citizen).get("/complaints/").content.decode()


@pytest.mark.parametrize(
    ("query", "said"),
    [
        ({"from": "2026-05-02", "to": "2026-05-01"}, "The period ends before it begins."),
        ({"from": "2199-01-01"}, "This day lies in the future."),
        ({"from": "0001-01-01"}, "There are no figures of that time."),
        ({"to": "10000-01-01"}, "Write a day as"),
        ({"from": "yesterday"}, "Write a day as"),
        ({"period": "forever"}, "This is not one of the choices."),
        ({"department": "no-such"}, "This is not one of the choices."),
        ({"district": "'; DROP TABLE x; --"}, "This is not one of the choices."),
        ({"department": "jal-shakti", "category": "group:nothing"}, "This is not one of the choices."),
        ({"level": "9"}, "This is not one of the choices."),
        ({"channel": "pigeon"}, "This is not one of the choices."),
        ({"kind": "x" * 5000}, "This is not one of the choices."),
    ],
)
def test_impossible_filters_get_a_clear_page_without_figures(world, query, said, django_assert_max_num_queries):
    boards = Boards(world.cm_office)
    with django_assert_max_num_queries(12):
        answer = boards.get(**query)
    page = answer.content.decode()

    assert answer.status_code == 400
    assert said in page
    assert "data-figure" not in page


@pytest.mark.parametrize(
    ("who", "address", "query"),
    [
        ("commissioner", "/boards/areas/{block}/", {"channel": "web"}),
        ("commissioner", "/boards/areas/{block}/", {"department": "pwd"}),
        ("agent", "/boards/desk/", {"district": "d-23"}),
        ("l1", "/boards/officers/{l1}/", {"category": "no-water"}),
        ("nodal", "/boards/departments/jal-shakti/", {"department": "pwd"}),
        ("commissioner", "/boards/districts/d-23/", {"district": "d-24"}),
        ("nodal", "/boards/categories/no-water/", {"category": "pothole"}),
    ],
)
def test_a_filter_that_a_board_does_not_offer_is_refused_and_never_overlooked(world, who, address, query):
    address = address.format(block=world.block.code, l1=world.l1.pk)
    boards = Boards(getattr(world, who))
    assert boards.get(address).status_code == 200

    answer = boards.get(address, **query)

    assert answer.status_code == 400
    page = answer.content.decode()
    assert "This board cannot be narrowed by this." in page
    assert "data-figure" not in page


@pytest.mark.parametrize("address", ["/boards/officers/99999999999999999999/", "/boards/departments/nothing/",
                                     "/boards/areas/%E0%A4%95/", "/boards/categories/nothing/"])  # fmt: skip
def test_what_does_not_exist_is_not_there(world, address):
    assert Boards(world.cm_office).get(address).status_code == 404


def test_a_list_of_what_happened_stays_within_what_it_may_read(world):
    boards = Boards(world.cm_office)
    world.resolved()
    for query in ({"did": "resolve"}, {"did_since": "0001-01-01"}, {"did_until": "9999-12-31", "did": "resolve"},
                  {"did": "nothing"}, {"posting": "-1"}, {"posting": "9" * 40}, {"group": "x"}, {"breached": "maybe"},
                  {"did_since": "2026-01-02", "did_until": "0001-01-01"}):  # fmt: skip
        assert boards.get("/desk/", view="all", **query).status_code == 200


def test_a_view_is_kept_replaced_and_removed_by_its_owner_alone(world):
    boards, other = Boards(world.cm_office), Boards(world.nodal)
    for query in ("department=pwd&period=7d", "department=jal-shakti"):
        answer = boards.client.post("/boards/saved/", {"name": " Roads  week ", "address": f"/boards/?{query}"})
        assert answer.headers["location"] == f"/boards/?{query}"
    view = world.cm_office.officer.saved_views.get()
    assert (view.name, view.address) == ("Roads week", "/boards/?department=jal-shakti")
    assert "Roads week" in boards.get().content.decode()
    assert "Roads week" not in other.get("/boards/departments/jal-shakti/").content.decode()

    assert other.client.post(f"/boards/saved/{view.pk}/remove/").status_code == 404
    assert boards.client.post(f"/boards/saved/{view.pk}/remove/").status_code == 302
    assert not world.cm_office.officer.saved_views.exists()


def test_removing_a_view_keeps_the_board_and_the_filters_one_looks_at(world):
    boards = Boards(world.cm_office)
    for name in ("one", "two"):
        boards.client.post("/boards/saved/", {"name": name, "address": "/boards/departments/?period=7d"})
    one, two = world.cm_office.officer.saved_views.order_by("name")
    here = "/boards/?level=2&period=90d"

    assert f'<input type="hidden" name="address" value="{escape(here)}">' in re.search(
        rf'action="/boards/saved/{one.pk}/remove/".*?</form>', boards.client.get(here).content.decode(), re.DOTALL
    ).group()
    answer = boards.client.post(f"/boards/saved/{one.pk}/remove/", {"address": here})
    assert answer.headers["location"] == here
    assert boards.client.post(f"/boards/saved/{two.pk}/remove/", {"address": "//evil.example/boards/"}).status_code == 404
    assert world.cm_office.officer.saved_views.get() == two


def test_a_category_alone_narrows_the_board_or_is_refused_and_is_never_overlooked(world):
    boards = Boards(world.cm_office)
    world.register()
    for _each in range(2):
        world.register(category=world.pothole)

    assert boards.board("/boards/", category=world.pothole.code).cards[0].number.value == 2
    hidden = CategoryFactory(department=world.water, confidential=True, line="181", code="hidden")
    for code in ("nothing", "group:nothing", hidden.code):
        answer = boards.get("/boards/", category=code)
        assert answer.status_code == 400
        assert "This is not one of the choices." in answer.content.decode()


@pytest.mark.parametrize("address", ["https://evil.example/boards/", "//evil.example/boards/", "/desk/", "/boards/saved/", "",
                                     "/boards/nothing/", "http://[", "/boards/?" + "क" * 900,
                                     "/boards/?" + "level=1&" * 130 + "district=d-23"])  # fmt: skip
def test_only_a_board_can_be_kept(world, address):
    answer = Boards(world.cm_office).client.post("/boards/saved/", {"name": "x", "address": address})

    assert answer.status_code == 404
    assert not world.cm_office.officer.saved_views.exists()


def test_whoever_has_no_board_keeps_no_view(world):
    for who in (None, world.citizen, world.client):
        assert Boards(who).client.post("/boards/saved/", {"name": "x", "address": "/boards/"}).status_code == 404


def test_a_department_head_has_no_more_than_the_department(world):
    world.register(category=world.pothole)
    head = Boards(world.desk(Role.NODAL, department=world.roads))

    assert head.board("/boards/departments/pwd/").cards[0].number.value == 1
    assert head.get("/boards/departments/jal-shakti/").status_code == 404
