"""Leave: the stand-in acts while it lasts, for nothing that is not theirs, and an officer with two posts has both desks."""

import datetime

import pytest
import time_machine
from django.core.exceptions import ValidationError
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.utils import timezone, translation

from channels import message_templates, notices
from channels.models import Delivery
from citizens.models import User
from departments.models import Absence
from grievance import access, workflow
from grievance.desk import inbox
from grievance.errors import NotPermitted
from grievance.models import Complaint, Event, State
from tests.factories import CategoryFactory, PostingFactory


def leave(posting, stand_in, first=0, last=5) -> Absence:
    today = timezone.localdate()
    absence = Absence(
        posting=posting,
        stand_in=stand_in,
        starts_on=today + datetime.timedelta(first),
        ends_on=today + datetime.timedelta(last),
    )
    absence.full_clean()
    absence.save()
    return absence


def sees(posting, complaint) -> bool:
    """Of a person who has just signed in: what is known of someone is known for one request."""
    user = User.objects.get(pk=posting.officer_id)
    seen = access.visible_to(user).filter(pk=complaint.pk).exists()
    assert seen == access.sees(user, complaint)
    return seen


def in_days(count: int):
    """Noon in so many days."""
    noon = timezone.localtime().replace(hour=12, minute=0)
    return time_machine.travel(noon + datetime.timedelta(days=count), tick=False)


@pytest.fixture(autouse=True)
def _in_english():
    with translation.override("en"):
        yield


@pytest.fixture
def colleague(world):
    """An officer of another place, who sees nothing here."""
    return PostingFactory()


def test_a_stand_in_acts_on_what_lay_there_during_the_leave_and_not_after(world):
    complaint, stand_in = world.assigned(), world.roads_l1
    leave(world.l1, stand_in, first=1, last=2)

    assert not sees(stand_in, complaint)
    with in_days(1):
        assert sees(stand_in, complaint)
        user = User.objects.get(pk=stand_in.officer_id)
        assert complaint in inbox.complaints_of(user, inbox.VIEWS["mine"])
        changed = workflow.change(complaint, "accept", user=user)
        event = changed.events.get(action="accept")
        assert (event.actor, event.actor_role, event.actor_posting) == (user, "assignee", stand_in)
        assert changed.assignee == world.l1
    with in_days(2):
        assert sees(stand_in, complaint)
    with in_days(3):
        assert not sees(stand_in, complaint)
        with pytest.raises(NotPermitted):
            workflow.change(complaint, "update", user=User.objects.get(pk=stand_in.officer_id), text="Late")


def test_what_comes_during_the_leave_is_the_officers_again_when_it_ends(world):
    stand_in = world.roads_l1
    leave(world.l1, stand_in, last=2)
    complaint = world.assigned()
    workflow.change(complaint, "accept", user=User.objects.get(pk=stand_in.officer_id))

    with in_days(3):
        assert not sees(stand_in, complaint)
        officer = User.objects.get(pk=world.l1.officer_id)
        assert complaint in inbox.complaints_of(officer, inbox.VIEWS["mine"])
        workflow.change(complaint, "resolve", user=officer, text="Mended")


def test_the_stand_in_hears_of_what_comes_and_the_officer_on_leave_of_nothing(world, colleague):
    message_templates.load()
    hidden = CategoryFactory(department=world.water, confidential=True, line="181")
    line = PostingFactory(post__department=world.water, post__area=world.block, post__line="181")
    ordinary, secret = world.assigned(), world.assigned(category=hidden)
    today = timezone.localdate()
    for posting in (world.l1, line):
        Absence.objects.create(posting=posting, stand_in=colleague, starts_on=today, ends_on=today)

    notices.make_deliveries(list(Event.objects.filter(action="route")))

    heard = Delivery.objects.filter(audience="officer").values_list("complaint", "recipient").distinct()
    assert set(heard) == {(ordinary.pk, colleague.officer_id), (secret.pk, line.officer_id)}


def test_where_the_stand_in_is_away_too_theirs_acts_for_both(world, colleague):
    complaint = world.assigned()
    leave(world.l1, world.roads_l1)
    leave(world.roads_l1, colleague, first=1, last=2)

    assert not sees(colleague, complaint)
    with in_days(1):
        assert sees(colleague, complaint)
        assert sees(world.roads_l1, complaint)
    with in_days(3):
        assert not sees(colleague, complaint)


def test_standing_in_opens_no_confidential_line(world, colleague):
    hidden = CategoryFactory(department=world.water, confidential=True, line="181")
    line = PostingFactory(post__department=world.water, post__area=world.block, post__line="181")
    complaint = world.assigned(category=hidden)
    assert complaint.assignee == line

    with pytest.raises(ValidationError, match="same partner line"):
        leave(line, colleague)
    today = timezone.localdate()
    Absence.objects.create(posting=line, stand_in=colleague, starts_on=today, ends_on=today)

    assert not sees(colleague, complaint)
    assert not access.may(User.objects.get(pk=colleague.officer_id), "accept", complaint)


def test_standing_in_shows_no_complaint_about_an_officer_to_one_as_low(world, colleague):
    about = CategoryFactory(department=world.water, about_officer=True, start_level=2)
    complaint, ordinary = world.assigned(category=about, about_post=world.l1.post), world.assigned()
    Complaint.objects.filter(pk=ordinary.pk).update(assignee=world.l2)
    ordinary.refresh_from_db()
    assert complaint.assignee == world.l2
    leave(world.l2, colleague)

    assert sees(colleague, ordinary)
    assert not sees(colleague, complaint)


def test_a_stand_in_who_is_away_in_another_post_does_not_send_the_work_back(world):
    """Leave is a post's, but the way back is the person's."""
    one, other = PostingFactory(), PostingFactory()
    second_post = PostingFactory(officer=one.officer)
    leave(other, second_post)
    with pytest.raises(ValidationError, match="come back"):
        leave(one, other)


def test_an_officer_with_two_posts_has_both_desks_and_acts_in_the_post_that_holds_it(world):
    second = PostingFactory(post=PostingFactory(post__department=world.roads, post__area=world.panchayat).post,
                            officer=world.l1.officer)  # fmt: skip
    water = world.assigned()
    road = Complaint.objects.get(pk=world.assigned(category=world.pothole).pk)
    if road.assignee != second:
        Complaint.objects.filter(pk=road.pk).update(assignee=second)
    user = User.objects.get(pk=world.l1.officer_id)

    assert set(inbox.complaints_of(user, inbox.VIEWS["mine"])) == {water, road}
    for complaint, posting in ((water, world.l1), (road, second)):
        changed = workflow.change(complaint, "accept", user=user)
        assert changed.state == State.IN_PROGRESS
        assert changed.events.get(action="accept").actor_posting == posting


def test_postings_and_that_one_stands_in_for_nobody_cost_one_query(world):
    access.postings_of(User.objects.get(pk=world.l1.officer_id))
    user = User.objects.get(pk=world.l1.officer_id)
    with CaptureQueriesContext(connection) as queries:
        access.postings_of(user)
        access.on_desk_of(user)
        access.on_desk_of(user)
    assert len(queries) == 1
