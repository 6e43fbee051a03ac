"""Overdue complaints climb: exactly once a level and round, however late the sweep comes and whoever shares it."""

import datetime

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext

from benchmarks import sweep
from departments import remembered
from grievance import doorbell, ladder, log, tasks, workflow
from grievance.desks import Desks
from grievance.models import Complaint, Escalation, State
from tests.crowd import share
from tests.factories import AreaFactory, CategoryFactory, World

SECOND = datetime.timedelta(seconds=1)


def sweep_at(moment) -> int:
    with time_machine.travel(moment, tick=False):
        desks, taken = Desks(), 0
        while count := ladder.climb_overdue(desks, limit=7):
            taken += count
        return taken


def actions(complaint) -> list[str]:
    return list(complaint.events.order_by("seq").values_list("action", flat=True))


def test_overdue_complaint_climbs_exactly_once(world):
    complaint, other = world.assigned(), world.in_progress()

    assert sweep_at(complaint.due_at) == 0
    assert sweep_at(other.due_at + SECOND) == 2
    assert sweep_at(other.due_at + SECOND) == 0

    complaint.refresh_from_db()
    assert (complaint.level, complaint.assignee, complaint.state) == (2, world.l2, State.ASSIGNED)
    assert actions(complaint).count("escalate") == 1


def test_the_next_levels_time_runs_from_the_moment_the_last_ran_out(world):
    on_time, late = world.assigned(), world.assigned()
    due = on_time.due_at
    Complaint.objects.filter(pk=late.pk).update(due_at=due)

    sweep_at(due + SECOND)
    on_time.refresh_from_db()
    late.refresh_from_db()
    assert on_time.due_at == late.due_at > due + datetime.timedelta(days=7)


def test_after_an_outage_every_level_is_passed_with_its_own_event_and_only_the_last_announced(world):
    complaint = world.assigned()

    sweep_at(complaint.due_at + datetime.timedelta(days=365))

    complaint.refresh_from_db()
    assert actions(complaint) == ["register", "route", "escalate", "escalate", "escalate", "breach"]
    assert (complaint.level, complaint.assignee) == (4, world.l4)
    assert complaint.breached_at
    climbs = complaint.events.filter(action="escalate").order_by("seq")
    assert [event.data.get("passed_on", False) for event in climbs] == [True, True, True]
    assert sorted(complaint.escalations.values_list("level", flat=True)) == [1, 2, 3, 4]
    assert list(log.verify()) == []


def test_a_breached_complaint_is_left_where_it_is(world):
    complaint = world.assigned()
    later = complaint.due_at + datetime.timedelta(days=365)

    assert sweep_at(later) == 1
    assert sweep_at(later + datetime.timedelta(days=30)) == 0


def test_what_waits_for_the_citizen_does_not_climb(world):
    complaint = world.in_progress()
    due = complaint.due_at
    workflow.change(complaint, "ask", user=world.l1.officer, text="Which ward?")

    assert sweep_at(due + SECOND) == 0


def test_without_anyone_above_it_goes_to_triage(world):
    for posting in (world.l2, world.l3, world.l4):
        posting.delete()
    complaint = world.assigned()

    sweep_at(complaint.due_at + SECOND)

    complaint.refresh_from_db()
    assert complaint.in_triage
    assert list(log.verify()) == []


def test_what_triage_gives_back_to_a_level_it_had_passed_climbs_once_more(world):
    for posting in (world.l2, world.l3, world.l4):
        posting.delete()
    complaint = world.assigned()
    sweep_at(complaint.due_at + SECOND)
    complaint = workflow.change(complaint, "reassign", user=world.triage.officer, assignee=world.l1)

    sweep_at(complaint.due_at + SECOND)

    complaint.refresh_from_db()
    assert complaint.in_triage
    assert list(complaint.escalations.values_list("round", "level").order_by("round")) == [(1, 1), (2, 1)]


def test_a_transferred_complaint_climbs_its_new_ladder_from_the_bottom(world):
    complaint = world.assigned()
    sweep_at(complaint.due_at + SECOND)
    complaint = workflow.change(complaint, "transfer", user=world.l2.officer, department="pwd",
                                reason="wrong_department")  # fmt: skip
    assert (complaint.level, complaint.assignee) == (1, world.roads_l1)

    sweep_at(complaint.due_at + SECOND)

    complaint.refresh_from_db()
    assert (complaint.level, complaint.assignee) == (2, world.roads_l2)


def test_one_that_cannot_be_written_stops_no_other(world):
    good, bad = world.assigned(), world.assigned()
    # As if it had climbed before: the key of the climb is taken.
    Escalation.objects.create(complaint=bad, round=1, level=1, due_at=bad.due_at, at=bad.due_at)

    assert sweep_at(bad.due_at + SECOND) == 1

    good.refresh_from_db()
    bad.refresh_from_db()
    assert (good.level, bad.level) == (2, 1)


@pytest.mark.django_db(transaction=True)
def test_several_workers_share_a_sweep_without_doing_it_twice():
    world = World()
    complaints = [world.register() for _number in range(60)]
    workflow.route_registered()
    Complaint.objects.update(due_at=complaints[0].registered_at - SECOND)

    assert share(lambda: ladder.climb_overdue(limit=5)) == 60

    assert Escalation.objects.count() == Complaint.objects.filter(level=2).count() == 60
    assert list(log.verify()) == []


def test_what_is_measured_as_the_sweep_leaves_nothing_overdue(world, monkeypatch):
    # Turns of a batch each, and batches smaller than what is overdue.
    monkeypatch.setattr(doorbell, "TURN_SECONDS", 0)
    monkeypatch.setattr(ladder, "BATCH", 2)
    complaints = [world.assigned() for _number in range(5)]

    with time_machine.travel(complaints[-1].due_at + SECOND, tick=False):
        sweep.until_nothing_is_left()

    assert set(Complaint.objects.values_list("level", flat=True)) == {2}


def test_a_batch_of_many_places_and_departments_asks_the_database_no_more_than_one_complaint_does(world):
    def queries_of_a_sweep(complaints) -> int:
        remembered.forget()
        late = time_machine.travel(complaints[0].due_at + SECOND, tick=False)
        with late, CaptureQueriesContext(connection) as asked:
            assert ladder.climb_overdue(Desks()) == len(complaints)
        return len(asked)

    one = queries_of_a_sweep([world.assigned()])
    many = []
    for _number in range(4):
        category = CategoryFactory()
        for level, place in ((1, world.block), (2, world.district)):
            world.posting(category.department, level, place)
        many.append(world.assigned(category=category, area=AreaFactory(parent=world.block)))
    Complaint.objects.filter(pk__in=[complaint.pk for complaint in many]).update(due_at=many[0].due_at)

    assert queries_of_a_sweep(many) == one


def test_the_next_turn_of_a_sweep_reads_no_desk_again(world):
    remembered.forget()

    def statements_on_posts() -> int:
        with time_machine.travel(due + SECOND, tick=False), CaptureQueriesContext(connection) as asked:
            assert tasks.climb_overdue() == 1
        return sum('FROM "departments_post"' in query["sql"] for query in asked)

    complaint = world.assigned()
    due = complaint.due_at
    assert statements_on_posts() > 0

    complaint = world.assigned()
    Complaint.objects.filter(pk=complaint.pk).update(due_at=due)
    assert statements_on_posts() == 0


def test_what_climbs_to_somebody_who_just_left_is_handed_over(world):
    remembered.forget()
    first, second = world.assigned(), world.assigned()
    Complaint.objects.filter(pk=second.pk).update(due_at=first.due_at + 2 * SECOND)
    with time_machine.travel(first.due_at + SECOND, tick=False) as clock:
        tasks.climb_overdue()
        world.l2.officer.is_active = False
        world.l2.officer.save()
        successor = world.posting(world.water, 2, world.district)
        clock.shift(2)
        tasks.climb_overdue()
        tasks.hand_over()

    second.refresh_from_db()
    assert (second.level, second.assignee) == (2, successor)
