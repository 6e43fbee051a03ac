"""The inbox: what each view holds, counts, filters, who gets in."""

import csv
import datetime
import io
import re

import pytest
import time_machine
from django.conf import settings
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from departments import remembered
from departments.models import Absence, Category, Department, Role
from grievance import access, paging, workflow
from grievance.models import Complaint, State
from tests.factories import AreaFactory, CategoryFactory, OfficerFactory, PostingFactory


def counts_of(desk) -> dict:
    return {view.name: count for view, count, _late in desk.inbox().context["views"] if count is not None}


def make_some_of_everything(world) -> None:
    """Complaints in every state, some late, some of another officer or department."""
    world.assigned()
    world.in_progress()
    asked = world.in_progress()
    workflow.change(asked, "ask", user=world.l1.officer, text="Which ward?")
    world.resolved()
    world.closed()
    reopened = world.resolved()
    workflow.change(reopened, "not_satisfied", user=reopened.citizen, text="Still dry")
    world.assigned(category=world.pothole)
    rejected = world.assigned()
    workflow.change(rejected, "propose_reject", user=world.l3.officer, reason="no_facts", text="No facts")


def recount(user, posting_ids, view: str) -> int:
    """The same counts, one complaint at a time, from what the views promise."""
    now = timezone.now()
    today = timezone.localdate()
    total = 0
    for complaint in access.visible_to(user).exclude(state=State.CLOSED):
        mine = complaint.assignee_id in posting_ids
        late = complaint.due_at is not None and complaint.due_at < now
        due_today = complaint.due_at is not None and timezone.localdate(complaint.due_at) == today and not late
        total += {
            "mine": mine,
            "office": True,
            "overdue": mine and late,
            "today": mine and due_today,
            "new": mine and complaint.state == State.ASSIGNED,
            "waiting": mine and complaint.state == State.AWAITING_CITIZEN,
            "reopened": mine
            and complaint.reopen_count > 0
            and complaint.state not in (State.RESOLVED, State.REGISTERED),
            "proposals": complaint.proposals.filter(decision="", kind="reject").exclude(proposed_by=user).exists(),
        }[view]
    return total


def test_the_counts_equal_a_recount_of_everything_whatever_day_it_is(world, desk_of):
    begin = datetime.datetime(2026, 11, 2, 6, tzinfo=datetime.UTC)
    with time_machine.travel(begin, tick=False):
        make_some_of_everything(world)
    for later in (0, 6, 9, 10, 11, 40):
        with time_machine.travel(begin + datetime.timedelta(days=later)):
            for posting in (world.l1, world.l2, world.l3):
                desk = desk_of(posting)
                shown = counts_of(desk)
                assert shown == {view: recount(posting.officer, {posting.pk}, view) for view in shown}, later
                assert {"mine", "office", "overdue", "today", "waiting", "reopened"} <= shown.keys()
                for view, count in shown.items():
                    assert len(desk.rows(view=view)) == count, later


def test_counts_are_of_everything_not_of_the_page(world, desk_of, monkeypatch):
    monkeypatch.setattr("grievance.desk.inbox.ROWS", 2)
    for _n in range(5):
        world.assigned()
    desk = desk_of(world.l1)

    assert len(desk.rows()) == 2
    assert counts_of(desk)["mine"] == 5


def test_what_is_too_much_to_count_is_shown_without_numbers_and_says_so(world, desk_of, monkeypatch):
    for _n in range(3):
        world.assigned()
    world.register(category=world.pothole, area=world.state)
    workflow.route_registered()
    desk = desk_of(world.triage)
    assert desk.inbox().context["uncounted"] is False
    monkeypatch.setattr("grievance.desk.inbox.MOST_OPEN", 2)

    cut = desk.inbox()

    # Of the queues, which are short, it is still said how many wait there.
    assert counts_of(desk) == {"triage": 1, "proposals": 0}
    assert "too many to count" in cut.text
    assert len(desk.rows(view="office")) == 4


def test_the_most_urgent_stands_on_top_and_the_order_can_be_turned(world, desk_of):
    with time_machine.travel(timezone.now() - datetime.timedelta(days=3)):
        old = world.assigned()
    new = world.assigned()
    desk = desk_of(world.l1)

    assert desk.rows() == [old.number, new.number]
    assert desk.rows(order="newest") == [new.number, old.number]
    assert desk.rows(order="oldest") == [old.number, new.number]


def test_the_stand_in_finds_the_work_on_their_own_desk(world, desk_of):
    complaint = world.assigned()
    stand_in = PostingFactory(post__department=world.water, post__level=1, post__area=world.district)
    today = timezone.localdate()
    Absence.objects.create(posting=world.l1, stand_in=stand_in, starts_on=today, ends_on=today)

    assert desk_of(stand_in).rows() == [complaint.number]


def test_those_who_watch_over_others_count_the_whole_office(world, desk_of):
    complaint = world.assigned()

    for posting in (world.nodal, world.commissioner, world.cm_office):
        desk = desk_of(posting)
        assert desk.rows() == [complaint.number]
        assert counts_of(desk)["new"] == 1
        assert "mine" not in counts_of(desk)


def test_what_nobody_could_take_waits_in_the_triage_queue(world, desk_of):
    complaint = world.register(category=world.pothole, area=world.state)
    workflow.route_registered()
    desk = desk_of(world.triage)

    assert desk.inbox().context["view"].name == "triage"
    assert desk.rows() == [complaint.number]
    assert counts_of(desk)["triage"] == 1
    given = desk.act(Complaint.objects.get(pk=complaint.pk), "reassign", assignee=world.roads_l1.pk)
    assert given.status_code == 302
    assert desk.rows() == []


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ({"state": "assigned"}, {"water", "road"}),
        ({"state": ["assigned", "in_progress"]}, {"water", "road", "work"}),
        ({"state": "closed"}, set()),
        ({"department": "pwd"}, {"road"}),
        ({"category": "no-water"}, {"water", "work"}),
        ({"area": "Theog"}, {"water", "work"}),
        ({"area": "ठियोग"}, {"water", "work"}),
        ({"area": "Mat"}, {"water", "work"}),
        ({"area": "Shimla"}, {"water", "work", "road"}),
        ({"level": "1"}, {"water", "work", "road"}),
        ({"level": "2"}, set()),
        ({"age": "1"}, {"water", "road"}),
        ({"age": "over7"}, {"work"}),
        ({"text": "hole road"}, {"road"}),
        ({"text": "ROAD"}, {"road"}),
        ({"text": "पानी"}, {"work"}),
        ({"text": "पान"}, {"work"}),
        ({"text": "Matiana"}, {"water", "work"}),
        ({"text": "nothing like it"}, set()),
        ({"text": "!&|():*'\\ <->"}, set()),
    ],
)
def test_filters_narrow_the_list_and_stay_in_the_address(world, desk_of, query, expected):
    with time_machine.travel(timezone.now() - datetime.timedelta(days=10)):
        work = world.in_progress(text="पाँच दिन से पानी नहीं आ रहा")
    made = {
        "work": work,
        "water": world.assigned(text="Five days dry"),
        "road": world.assigned(category=world.pothole, area=world.block, text="A hole in the road"),
    }
    if "area" in query or "text" in query:
        Complaint.objects.filter(pk=made["road"].pk).update(area=world.district)
    desk = desk_of(world.cm_office)

    page = desk.inbox(view="office", **query)

    assert {row["complaint"].number for row in page.context["rows"]} == {made[name].number for name in expected}
    assert page.context["found"] == len(expected)


def test_a_whole_number_is_found_in_any_view_and_as_people_write_it(world, desk_of):
    complaint = world.closed()
    number = complaint.number
    desk = desk_of(world.l1)

    for typed in (number, f"{number[:2]} {number[2:6]} {number[6:10]} {number[10]}", f"{number[:6]}-{number[6:]}"):
        assert desk.rows(view="today", text=typed) == [number]
    assert desk_of(world.roads_l1).rows(view="all", text=number) == []


HOSTILE = ["-1", "9" * 400, "x" * 5000, "'; --", "पानी", "%", "[]", "\\", "🙂", "&|!<->:*"]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_addresses_never_break_the_inbox(world, desk_of, value):
    world.assigned()
    names = ("view", "text", "state", "category", "department", "area", "level", "age", "order", "cursor", "since")
    for posting in (world.l1, world.cm_office):
        desk = desk_of(posting)
        for name in names:
            assert desk.inbox(**{name: value}).status_code == 200
        assert desk.inbox(**dict.fromkeys(names, value)).status_code == 200
        assert desk.client.get(reverse("desk_notice"), {"since": value}).status_code == 204
        assert desk.client.get(reverse("desk_search_departments"), {"department_query": value}).status_code == 200


def test_an_unknown_place_is_an_error_beside_its_field(world, desk_of):
    page = desk_of(world.l1).inbox(area="Atlantis")

    assert "There is no place with this name." in page.content.decode()


def test_pages_follow_each_other_though_complaints_come_in_between(world, desk_of, monkeypatch):
    first = [world.assigned() for _n in range(4)]
    desk = desk_of(world.l1)
    monkeypatch.setattr("grievance.desk.inbox.ROWS", 2)

    page = desk.inbox(order="newest").context["page"]
    assert [row.number for row in page.items] == [first[3].number, first[2].number]
    world.assigned()
    assert desk.rows(order="newest", cursor=page.next) == [first[1].number, first[0].number]


def test_who_does_not_belong_here_does_not_get_in(world, desk_of, client):
    complaint = world.assigned()
    address = reverse("desk_complaint", args=[complaint.number])
    act = reverse("desk_act", args=[complaint.number, "accept"])
    reveal = reverse("desk_reveal", args=[complaint.number])

    assert client.get(address).url.startswith(reverse("account_login"))
    assert client.get(reverse("desk_inbox")).url.startswith(reverse("account_login"))
    strangers = (world.citizen, world.stranger, OfficerFactory(), world.client)
    for user in strangers:
        desk = desk_of(user)
        assert desk.inbox().status_code == 404
        assert desk.open(complaint).status_code == 404
        assert desk.client.post(act).status_code == 404
        assert desk.client.post(reveal).status_code == 404
        assert desk.client.post(reverse("desk_bulk")).status_code == 404
        assert desk.client.get(reverse("desk_notice")).status_code == 404
    other = desk_of(world.roads_l1)
    assert other.open(complaint).status_code == 404
    assert other.form(complaint, "accept").status_code == 404
    assert other.client.post(reveal).status_code == 404


def test_the_officer_a_complaint_is_about_never_sees_it(world, desk_of):
    world.no_water.about_officer = True
    world.no_water.save()
    complaint = world.assigned(about_post=world.l1.post)

    assert desk_of(world.l1).open(complaint).status_code == 404
    assert complaint.number not in desk_of(world.l1).rows(view="all")
    assert desk_of(world.l2).open(complaint).status_code == 200


def test_a_confidential_complaint_is_only_for_its_own_line(world, desk_of):
    category = Category.objects.create(
        code="181", department=world.water, name_en="Violence", name_hi="हिंसा", confidential=True, line="181"
    )
    counsellor = world.posting(world.water, 1, world.district, line="181")
    complaint = world.assigned(category=category)

    assert desk_of(counsellor).rows() == [complaint.number]
    assert desk_of(counsellor).open(complaint).status_code == 200
    for posting in (world.l1, world.l4, world.nodal, world.cm_office, world.triage, world.commissioner, world.agent):
        assert desk_of(posting).open(complaint).status_code == 404


def test_an_officer_is_told_what_came_since_the_page_was_opened(world, desk_of):
    desk = desk_of(world.l1)
    opened = timezone.now().isoformat()

    def notice(told=0):
        return desk.client.get(reverse("desk_notice"), {"since": opened, "told": told})

    assert notice().status_code == 204
    world.assigned()
    world.assigned(category=world.pothole)
    content = " ".join(notice().content.decode().split())
    assert "1 complaint has just reached your desk." in content
    assert "<title> (1)" in content
    assert "told=1" in content
    assert notice(told=1).status_code == 204
    world.assigned()
    assert "2 complaints have just reached" in notice(told=1).content.decode()


def test_asking_for_news_does_not_keep_a_session_alive(world, desk_of):
    desk = desk_of(world.l1)
    desk.inbox()
    session = desk.client.session
    session["seen_at"] = session["seen_at"] - 300
    session.save()

    desk.client.get(reverse("desk_notice"), {"since": timezone.now().isoformat()})

    assert desk.client.session["seen_at"] == session["seen_at"]


def test_an_open_page_says_that_its_session_ended_and_asks_no_more(world, desk_of):
    desk = desk_of(world.l1)
    desk.inbox()
    session = desk.client.session
    session["seen_at"] = session["seen_at"] - settings.STAFF_IDLE_SECONDS - 1
    session.save()

    told = desk.client.get(reverse("desk_notice"), {"since": timezone.now().isoformat()})

    assert told.status_code == 200
    assert "You were signed out" in told.content.decode()
    assert "hx-get" not in told.content.decode()


def queries_of(desk, act) -> int:
    """What a page costs at most times: the calendar and the session's hour are read or written now and then."""
    act(desk)
    costs = []
    for _time in range(3):
        with CaptureQueriesContext(connection) as captured:
            assert act(desk).status_code == 200
        costs.append(len(captured))
    return min(costs)


@pytest.mark.parametrize("who", ["l1", "nodal", "triage", "cm_office", "commissioner"])
def test_the_inbox_costs_the_same_however_many_complaints_there_are(world, desk_of, who):
    posting = getattr(world, who)
    world.assigned()
    few = queries_of(desk_of(posting), lambda desk: desk.inbox(view="office"))
    for _n in range(12):
        world.assigned()
    many = queries_of(desk_of(posting), lambda desk: desk.inbox(view="office"))

    assert few == many
    # Seven of these are the session's; counting takes two, the page at most two.
    assert many <= 16


def test_an_inbox_nobody_remembers_costs_the_same_however_many_officers_are_named_in_it(world, desk_of):
    desk = desk_of(world.cm_office)

    def cost() -> int:
        remembered.forget()
        with CaptureQueriesContext(connection) as captured:
            assert desk.inbox(view="office").status_code == 200
        return len(captured)

    world.assigned()
    cost()
    few = cost()
    for complaint in [world.assigned() for _n in range(8)]:
        to = world.posting(world.water, 1, AreaFactory(parent=world.block))
        workflow.change(complaint, "reassign", user=world.nodal.officer, assignee=to.pk)

    assert cost() <= few


def test_the_complaints_page_costs_the_same_however_long_its_history(world, desk_of):
    complaint = world.in_progress()
    few = queries_of(desk_of(world.l1), lambda desk: desk.open(complaint))
    for n in range(12):
        workflow.change(complaint, "note", user=world.l2.officer, text=f"Note {n}")
    workflow.change(complaint, "reassign", user=world.nodal.officer, assignee=PostingFactory(
        post__department=world.water, post__level=1, post__area=world.block).pk)  # fmt: skip
    many = queries_of(desk_of(world.l2), lambda desk: desk.open(complaint))

    assert many <= few + 1
    assert many <= 26


@pytest.mark.parametrize(("who", "shown"), [("l1", "jkoxar/"), ("nodal", "jkox/"), ("cm_office", "jko/")])
def test_only_keys_that_do_something_for_the_reader_are_named(world, desk_of, who, shown):
    assert "".join(re.findall(r"<kbd>(.)</kbd>", desk_of(getattr(world, who)).inbox().content.decode())) == shown


def listed_and_filed(desk, **query) -> tuple[set[str], set[str]]:
    """What the list shows, and what the file of the same list holds."""
    page = desk.inbox(view="all", **query)
    assert not page.context["filter"].form.errors
    asked = {"of": "inbox", "list": page.wsgi_request.GET.urlencode(), "format": "csv"}
    answer = desk.client.post(reverse("desk_export_ask"), asked)
    filed = csv.DictReader(io.StringIO(b"".join(answer.streaming_content).decode().removeprefix("\ufeff")))
    return ({row["complaint"].number for row in page.context["rows"]}, {row["Number"].replace(" ", "") for row in filed})


def test_the_head_of_two_departments_lists_one_of_them_where_its_board_leads_there(world, desk_of):
    water, road = world.assigned(), world.assigned(category=world.pothole)
    world.roads_nodal = PostingFactory(officer=world.nodal.officer, post__role=Role.NODAL, post__level=None,
                                       post__department=world.roads, post__area=world.state)  # fmt: skip
    desk = desk_of(world.nodal)

    assert listed_and_filed(desk) == ({water.number, road.number}, {water.number, road.number})
    assert listed_and_filed(desk, department="pwd") == ({road.number}, {road.number})
    offered = desk.inbox(view="all").context["filter"].form["department"].field.choices
    assert {str(label) for value, label in offered if value} == {"Jal Shakti", "Public Works"}
    assert 'name="department"' in desk.inbox(view="all").content.decode()


def test_who_has_one_department_is_asked_for_none_and_finds_nothing_in_another(world, desk_of):
    world.assigned()
    desk = desk_of(world.l1)

    assert 'name="department"' not in desk.inbox(view="all").content.decode()
    assert listed_and_filed(desk, department="pwd") == (set(), set())


@pytest.mark.parametrize("who", ["l1", "nodal", "cm_office"])
def test_what_is_out_of_use_is_still_chosen_where_a_board_leads_there(world, desk_of, who):
    old, _new = world.assigned(), world.assigned(category=CategoryFactory(department=world.water))
    Category.objects.filter(pk=world.no_water.pk).update(is_active=False)
    desk = desk_of(getattr(world, who))

    assert listed_and_filed(desk, category="no-water") == ({old.number}, {old.number})
    assert '<option value="no-water" selected>' in desk.inbox(view="all", category="no-water").content.decode()
    assert '<option value="no-water"' not in desk.inbox(view="all", department="jal-shakti").content.decode()


def test_a_department_out_of_use_is_still_chosen_where_a_board_leads_there(world, desk_of):
    road, _water = world.assigned(category=world.pothole), world.assigned()
    Department.objects.filter(pk=world.roads.pk).update(is_active=False)

    assert listed_and_filed(desk_of(world.cm_office), department="pwd") == ({road.number}, {road.number})


def test_what_is_rare_is_looked_for_a_part_at_a_time_and_the_page_says_so(world, desk_of, monkeypatch):
    monkeypatch.setattr(paging, "MOMENT_SECONDS", 0)
    monkeypatch.setattr(paging, "FIRST_STRETCH", 2)
    oldest = world.assigned(kind="demand")
    for _ in range(4):
        world.assigned()
    desk = desk_of(world.cm_office)

    first = desk.inbox(view="all", kind="demand")
    assert first.context["rows"] == []
    assert b"None of those looked through first matches" in first.content
    in_hindi = desk.client.get("/desk/?view=all&kind=demand", headers={"accept-language": "hi"})
    assert "अभी तक कुछ नहीं मिला।" in in_hindi.text

    found, cursor = [], first.context["page"].next
    while cursor:
        page = desk.inbox(view="all", kind="demand", cursor=cursor).context
        found += [row["complaint"].number for row in page["rows"]]
        cursor = page["page"].next
    assert found == [oldest.number]


def test_what_can_be_counted_in_part_says_at_least(world, desk_of, monkeypatch):
    monkeypatch.setattr(paging, "MOMENT_SECONDS", 0)
    monkeypatch.setattr(paging, "FIRST_STRETCH", 2)
    for _ in range(6):
        world.assigned()

    shown = desk_of(world.cm_office).inbox(view="all", channel="web")

    assert "At least" in shown.text
    assert 0 < len(shown.context["rows"]) == shown.context["found"] < 6
    assert shown.context["page"].next


def test_behind_the_last_part_the_page_says_that_nothing_more_is_there_and_leads_back(world, desk_of, monkeypatch):
    newest = [world.assigned() for _ in range(4)] and world.assigned(kind="demand")
    monkeypatch.setattr(paging, "MOMENT_SECONDS", 0)
    monkeypatch.setattr(paging, "FIRST_STRETCH", 2)
    desk = desk_of(world.cm_office)

    page = desk.inbox(view="all", kind="demand")
    assert [row["complaint"].number for row in page.context["rows"]] == [newest.number]
    while page.context["page"].next:
        page = desk.inbox(view="all", kind="demand", cursor=page.context["page"].next)

    assert page.context["rows"] == []
    assert "There is nothing more here." in page.text
    assert "Nothing matches these filters." not in page.text
    assert "Earlier page" in page.text


def test_what_is_overdue_of_all_is_counted_and_named_as_any_filter(world, desk_of):
    world.assigned()

    page = desk_of(world.cm_office).inbox(view="all", overdue="false")

    assert page.context["found"] == 1
    assert [(other["name"], other["words"]) for other in page.context["also"]] == [("overdue", ["no"])]
