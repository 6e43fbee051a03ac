"""Digests: each once, to whoever has something to read, counted as the inbox counts, on working days alone."""

import datetime
import re

import pytest
import time_machine
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone

from channels import digests, message_templates
from channels.models import Delivery
from config import health, queues
from departments.models import Absence, Holiday, Role
from grievance import ladder, workflow
from grievance.models import Complaint
from tests.crowd import all_at_once
from tests.factories import CitizenFactory, PostingFactory, World

IST = datetime.timezone(datetime.timedelta(hours=5, minutes=30))
# Monday, 9:05 in the morning.
MORNING = datetime.datetime(2026, 11, 2, 9, 5, tzinfo=IST)
DAY = datetime.timedelta(days=1)
HOUR = datetime.timedelta(hours=1)


@pytest.fixture
def world(db):
    message_templates.load()
    return World()


def make_at(moment) -> int:
    with time_machine.travel(moment, tick=False):
        return digests.make_due()


def read_by(posting, name) -> list[str]:
    """The e-mails of one kind that an officer got."""
    found = Delivery.objects.filter(recipient=posting.officer, template=name, channel="email").order_by("id")
    return list(found.values_list("body", flat=True))


def in_english(*postings) -> None:
    for posting in postings:
        posting.officer.language = "en"
        posting.officer.save()


def due_on(complaint, moment) -> None:
    Complaint.objects.filter(pk=complaint.pk).update(due_at=moment)


def some_work(world) -> None:
    """For the L1 officer: two due today, one overdue, one that waits for its citizen."""
    with time_machine.travel(MORNING - 10 * DAY, tick=False):
        for moment in (MORNING + 2 * HOUR, MORNING + 5 * HOUR, MORNING - HOUR):
            due_on(world.assigned(), moment)
        asked = world.in_progress()
        workflow.change(asked, "ask", user=world.l1.officer, text="Which ward?")


def test_the_morning_says_what_lies_on_the_desk(world):
    in_english(world.l1)
    some_work(world)
    make_at(MORNING)

    [said] = read_by(world.l1, "digest")
    for line in ("Due today: 2", "Overdue: 1", "Reopened: 0", "Waiting for the citizen: 1"):
        assert line in said


def test_it_is_rung_for_as_every_message_is(world, django_capture_on_commit_callbacks):
    some_work(world)
    health.valkey().flushdb()
    with django_capture_on_commit_callbacks(execute=True):
        make_at(MORNING)

    assert health.valkey().llen(queues.EMAIL) == 1


def test_who_has_nothing_to_read_gets_nothing(world):
    some_work(world)
    make_at(MORNING)

    assert set(Delivery.objects.filter(template="digest").values_list("recipient", flat=True)) == {world.l1.officer_id}
    assert not Delivery.objects.filter(template__in=["triage_digest", "triage_late", "breach_reminder"]).exists()


def test_it_comes_once_a_day_however_often_it_is_rung_for(world):
    some_work(world)
    for minutes in (0, 5, 90):
        make_at(MORNING + datetime.timedelta(minutes=minutes))
    # What falls due later in the day is no reason for a second morning.
    with time_machine.travel(MORNING - 5 * DAY):
        world.assigned(category=world.pothole)
    due_on(Complaint.objects.latest("id"), MORNING + HOUR)
    make_at(MORNING + 2 * HOUR)

    assert Delivery.objects.filter(template="digest").count() == 1
    make_at(MORNING + DAY)
    assert len(read_by(world.l1, "digest")) == 2


@pytest.mark.parametrize(
    "moment",
    [
        MORNING - HOUR,
        MORNING + 9 * HOUR,
        MORNING - DAY,  # Sunday
        MORNING + 12 * DAY,  # second Saturday
    ],
    ids=["before nine", "in the evening", "sunday", "second saturday"],
)
def test_nothing_comes_when_offices_are_closed(world, moment):
    some_work(world)

    assert make_at(moment) == 0


@pytest.mark.parametrize(("kind", "comes"), [("gazetted", False), ("restricted", True)])
def test_a_holiday_is_no_working_day(world, kind, comes):
    # Before any work: the first calendar that counts knows it.
    Holiday.objects.create(date=MORNING.date(), name_en="A day", kind=kind)
    some_work(world)

    assert bool(make_at(MORNING)) is comes


def test_a_local_holiday_is_kept_in_its_district(world):
    some_work(world)
    with time_machine.travel(MORNING - 10 * DAY, tick=False):
        above = world.assigned()
    with time_machine.travel(above.due_at + HOUR, tick=False):
        ladder.climb_overdue()
        ladder.climb_overdue()
    Holiday.objects.create(date=MORNING.date(), name_en="A fair", kind="local", district=world.district)
    Complaint.objects.filter(assignee=world.l3).update(due_at=MORNING + HOUR)
    Complaint.objects.filter(pk=above.pk).update(assignee=world.l3, due_at=MORNING + HOUR)

    make_at(MORNING)

    read = set(Delivery.objects.filter(template="digest").values_list("recipient", flat=True))
    assert read == {world.l3.officer_id}


def test_the_stand_in_reads_for_who_is_on_leave(world):
    some_work(world)
    stand_in = PostingFactory(post__department=world.water, post__level=1, post__area=world.district)
    in_english(stand_in)
    Absence.objects.create(
        posting=world.l1, stand_in=stand_in, starts_on=MORNING.date(), ends_on=MORNING.date() + DAY
    )  # fmt: skip

    make_at(MORNING)

    assert "Due today: 2" in read_by(stand_in, "digest")[0]
    assert read_by(world.l1, "digest") == []


def test_two_postings_are_one_digest(world):
    some_work(world)
    in_english(world.l1)
    PostingFactory(post=world.roads_l1.post, officer=world.l1.officer)
    with time_machine.travel(MORNING - 10 * DAY, tick=False):
        complaint = world.assigned(category=world.pothole)
    second = world.l1.officer.postings.exclude(pk=world.l1.pk).get()
    Complaint.objects.filter(pk=complaint.pk).update(assignee=second, due_at=MORNING - HOUR)

    make_at(MORNING)

    [said] = read_by(world.l1, "digest")
    assert "Overdue: 2" in said


def test_it_speaks_the_readers_language_and_a_phone_gets_one_line(world):
    world.l1.officer.phone = "+919816012345"
    world.l1.officer.save()
    some_work(world)
    make_at(MORNING)

    [mail] = read_by(world.l1, "digest")
    assert "आज तक निपटानी हैं: 2" in mail
    sms = Delivery.objects.get(template="digest", channel="sms")
    assert "\n" not in sms.body
    assert "2 आज तक" in sms.body


def breached(world, count=1, **more) -> list[Complaint]:
    complaints = []
    for _number in range(count):
        with time_machine.travel(MORNING - 300 * DAY, tick=False):
            complaints.append(world.assigned(citizen=CitizenFactory(), **more))
    with time_machine.travel(MORNING - DAY, tick=False):
        while ladder.climb_overdue():
            pass
    return complaints


def test_the_head_is_reminded_daily_of_what_is_breached_until_it_is_resolved(world):
    in_english(world.l4)
    complaint, other = breached(world, 2)
    make_at(MORNING)
    [said] = read_by(world.l4, "breach_reminder")
    assert said.splitlines()[2].startswith("2 complaints")
    assert "26 " in said

    for one in (complaint, other):
        make_at(MORNING + DAY * (1 if one == complaint else 2))
        one.refresh_from_db()
        workflow.change(one, "resolve", user=world.l4.officer, text="Done")
    make_at(MORNING + 3 * DAY)

    assert [said.splitlines()[2].split()[0] for said in read_by(world.l4, "breach_reminder")] == ["2", "2", "1"]


def test_another_department_and_a_confidential_line_are_not_told(world):
    secret = world.no_water
    secret.confidential, secret.line = True, "181"
    secret.save()
    of_the_line = [world.posting(world.water, level, world.state, line="181") for level in (1, 4)]
    breached(world)
    make_at(MORNING)

    told = set(Delivery.objects.filter(template__in=["breach_reminder", "weekly_digest"]).values_list("recipient", flat=True))
    assert told == {of_the_line[1].officer_id}


def test_nodal_officers_and_heads_read_weekly_how_their_department_stands(world):
    in_english(world.nodal, world.l4)
    some_work(world)
    for day in range(7):
        make_at(MORNING + day * DAY)

    for posting in (world.nodal, world.l4):
        [said] = read_by(posting, "weekly_digest")
        assert "Open: 4" in said
        assert "Overdue: 1" in said
        for word in ("Open", "Overdue", "Reopened", "Out of time at the highest level"):
            assert re.search(rf"\b{word}: [a-z]", said), "each count has its meaning beside it"
    make_at(MORNING + 7 * DAY)
    assert len(read_by(world.nodal, "weekly_digest")) == 2


def test_a_week_that_begins_with_a_holiday_has_its_digest_on_the_next_day(world):
    Holiday.objects.create(date=MORNING.date(), name_en="A day", kind="gazetted")
    some_work(world)
    assert make_at(MORNING) == 0

    make_at(MORNING + DAY)

    assert len(read_by(world.nodal, "weekly_digest")) == 1


def test_what_is_late_in_triage_is_told_to_the_desk_and_to_the_cm_office(world):
    in_english(world.triage, world.cm_office)
    for days in (0, 4):
        with time_machine.travel(MORNING - days * DAY - HOUR, tick=False):
            world.register(category=world.pothole, area=world.state)
            workflow.route_registered()

    make_at(MORNING)

    [desk] = read_by(world.triage, "triage_digest")
    assert "In all: 2" in desk
    assert "For more than one working day: 1" in desk
    [office] = read_by(world.cm_office, "triage_late")
    assert "1 complaints have been in triage" in office


def test_a_complaint_about_the_reader_is_in_none_of_their_counts(world):
    some_work(world)
    Complaint.objects.update(about_officer=world.nodal.officer)
    make_at(MORNING)

    assert read_by(world.nodal, "weekly_digest") == []
    assert len(read_by(world.l4, "weekly_digest")) == 1


@pytest.mark.django_db(transaction=True)
def test_two_beats_at_once_make_them_once():
    message_templates.load()
    world = World()
    some_work(world)

    with time_machine.travel(MORNING, tick=True):
        all_at_once(*[digests.make_due] * 4)

    assert Delivery.objects.filter(template="digest").count() == 1


def test_the_queries_are_the_same_however_many_officers_there_are(world):
    def cost(moment) -> int:
        with time_machine.travel(moment, tick=False), CaptureQueriesContext(connection) as captured:
            assert digests.make_due()
        return len(captured)

    some_work(world)
    few = cost(MORNING)
    for _number in range(20):
        posting = world.posting(world.water, 1, world.block)
        world.desk(Role.NODAL, department=world.water)
        Complaint.objects.filter(pk=world.assigned().pk).update(assignee=posting, due_at=timezone.now() - 3000 * DAY)

    assert cost(MORNING + 7 * DAY) <= few
