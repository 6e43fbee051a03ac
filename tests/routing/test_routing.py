"""To whose desk a complaint goes: the deepest office, stand-ins, vacancies, and never nowhere."""

import datetime

import pytest
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from departments import calendars
from departments.models import Absence, Area
from grievance import access, routing, workflow
from grievance.models import Complaint, State
from tests.crowd import share
from tests.factories import AreaFactory, CategoryFactory, DepartmentFactory, PostingFactory, World

TODAY = datetime.date.today()


def away(posting, stand_in=None):
    return Absence.objects.create(posting=posting, starts_on=TODAY, ends_on=TODAY, stand_in=stand_in)


def test_the_deepest_office_that_contains_the_place_gets_it(world):
    deeper = world.posting(world.water, 1, world.panchayat)

    assert world.assigned().assignee == deeper
    assert world.assigned(area=world.block).assignee == world.l1


def test_of_several_the_one_with_the_least_open_work_gets_it(world):
    colleague = world.posting(world.water, 1, world.block)
    first = world.assigned()

    second = world.assigned()

    assert {first.assignee, second.assignee} == {world.l1, colleague}


def test_while_the_officer_is_away_it_comes_to_the_desk_at_which_the_stand_in_acts(world):
    stand_in = world.posting(world.roads, 1, world.district)
    away(world.l1, stand_in)

    complaint = world.assigned()

    assert complaint.assignee == world.l1
    assert access.may(stand_in.officer, "accept", complaint)
    assert "leave" in routing.explain(complaint.why, "en")
    assert "छुट्टी" in routing.explain(complaint.why, "hi")


def test_on_leave_without_a_stand_in_it_goes_to_the_next_area_up(world):
    district_desk = world.posting(world.water, 1, world.district)
    away(world.l1)

    assert world.assigned().assignee == district_desk


def test_a_stand_in_who_is_away_too_is_passed_over(world):
    stand_in = world.posting(world.water, 1, world.district)
    away(world.l1, stand_in)
    away(stand_in)

    assert world.assigned().assignee == world.l2


def test_a_vacant_post_owns_nothing(world):
    world.l1.ends_on = TODAY - datetime.timedelta(days=1)
    world.l1.save()

    complaint = world.assigned()

    assert (complaint.assignee, complaint.level) == (world.l2, 2)
    assert "vacant" in routing.explain(complaint.why, "en")


def test_without_any_officer_the_triage_desk_has_it(world):
    other = CategoryFactory(department=DepartmentFactory())

    complaint = world.assigned(category=other)

    assert complaint.in_triage
    assert complaint in access.visible_to(world.triage.officer)
    assert "triage" in routing.explain(complaint.why, "en")
    assert "छँटाई" in routing.explain(complaint.why, "hi")


def test_a_complaint_about_an_officer_goes_above_them_and_is_hidden_from_them(world):
    conduct = CategoryFactory(department=world.water, about_officer=True, start_level=2)

    complaint = world.assigned(category=conduct, about_post=world.l2.post)

    assert complaint.assignee == world.l3
    for posting in (world.l1, world.l2):
        assert complaint not in access.visible_to(posting.officer)


def test_a_confidential_complaint_goes_to_its_line_alone(world):
    secret = CategoryFactory(department=world.water, confidential=True, line="181")
    of_the_line = world.posting(world.water, 1, world.state, line="181")

    complaint = world.assigned(category=secret)

    assert complaint.assignee == of_the_line
    seen_by = [p for p in (world.l1, world.l4, world.nodal, world.commissioner, world.cm_office, world.triage)
               if complaint in access.visible_to(p.officer)]  # fmt: skip
    assert seen_by == []


def test_one_that_cannot_be_routed_stops_no_other(world, monkeypatch):
    good, bad = world.register(), world.register()
    choose = routing.choose
    monkeypatch.setattr(routing, "choose", lambda c, *more: 1 / 0 if c.pk == bad.pk else choose(c, *more))

    workflow.route_registered()

    good.refresh_from_db()
    bad.refresh_from_db()
    assert good.state == State.ASSIGNED
    assert bad.in_triage


def test_what_the_database_could_not_do_just_now_is_tried_again_and_sends_nothing_to_triage(world):
    """A deadlock, a lock that took too long, a lost connection: that passes, and is no fault of the complaint."""
    calendars.in_force()
    complaint = world.register()
    with connection.cursor() as cursor:
        cursor.execute("""
            CREATE FUNCTION deadlock() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN RAISE EXCEPTION 'deadlock detected' USING ERRCODE = 'deadlock_detected'; END $$;
            CREATE TRIGGER deadlock BEFORE INSERT ON grievance_event FOR EACH ROW
                WHEN (NEW.action = 'route') EXECUTE FUNCTION deadlock()
        """)

    assert workflow.route_registered() == 0
    complaint.refresh_from_db()
    assert (complaint.state, complaint.triage_since) == (State.REGISTERED, None)

    with connection.cursor() as cursor:
        cursor.execute("DROP TRIGGER deadlock ON grievance_event")
    assert workflow.route_registered() == 1
    complaint.refresh_from_db()
    assert complaint.state == State.ASSIGNED


KINDS = [Area.Kind.STATE, Area.Kind.DISTRICT, Area.Kind.BLOCK, Area.Kind.PANCHAYAT]
posts = st.lists(
    st.tuples(st.integers(0, 14), st.integers(1, 4), st.sampled_from(["held", "vacant", "away", "replaced"])),
    max_size=10,
)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(posts, st.integers(0, 14), st.integers(1, 4))
def test_in_any_tree_it_reaches_the_nearest_lowest_officer_or_triage(given_posts, place, level):
    areas = [AreaFactory(kind=KINDS[0])]
    for number in range(1, 15):
        parent = areas[(number - 1) // 2]
        areas.append(AreaFactory(parent=parent, kind=KINDS[min(parent.depth + 1, 3)]))
    department = DepartmentFactory()
    available = []
    for area, rung, how in given_posts:
        posting = PostingFactory(post__department=department, post__level=rung, post__area=areas[area])
        if how == "vacant":
            posting.delete()
        elif how == "away":
            away(posting)
        elif how == "replaced":
            substitute = PostingFactory(post__department=department, post__level=rung, post__area=areas[area])
            away(posting, substitute)
            available += [(rung, areas[area], posting), (rung, areas[area], substitute)]
        else:
            available.append((rung, areas[area], posting))
    complaint = Complaint(category=CategoryFactory(department=department), department=department, area=areas[place])

    decision = routing.choose(complaint, level)

    able = [(rung, -area.depth, posting) for rung, area, posting in available
            if rung >= level and area.contains(areas[place])]  # fmt: skip
    if not able:
        assert decision.posting is None
    else:
        best = min((rung, depth) for rung, depth, _posting in able)
        assert decision.posting in [posting for rung, depth, posting in able if (rung, depth) == best]
        assert decision.level == best[0]
    for language in ("hi", "en"):
        assert routing.explain(decision.why, language)


@pytest.mark.django_db(transaction=True)
def test_two_workers_share_the_work_without_doing_it_twice():
    world = World()
    for _number in range(40):
        world.register()

    assert share(lambda: workflow.route_registered(limit=5)) == 40

    assert Complaint.objects.filter(state=State.ASSIGNED).count() == 40
    assert all(c.events.filter(action="route").count() == 1 for c in Complaint.objects.all())
