"""A confidential line without an officer: its complaint is seen by nobody else, but somebody is told that one is
missing, and whoever comes gets it."""

import datetime

import pytest
from django.utils import timezone

from citizens.models import User
from departments.models import Posting, Role
from grievance import access, ladder, tasks, unattended
from grievance.models import Escalation, State
from tests.administration.conftest import signed_in
from tests.factories import CategoryFactory, PostingFactory


@pytest.fixture
def secret(world):
    """A confidential complaint whose line has nobody."""
    return world.assigned(category=CategoryFactory(department=world.water, confidential=True, line="181"))


def officer_of_the_line(world, **post) -> Posting:
    return PostingFactory(post__department=world.water, post__area=world.state, post__line="181", **post)


def test_somebody_is_told_that_an_officer_is_missing_and_nobody_of_the_complaint(world, secret, client):
    assert secret.in_triage
    for posting in (world.l4, world.nodal, world.commissioner, world.cm_office, world.triage):
        assert secret not in access.visible_to(posting.officer)

    assert unattended.waiting().get() == secret
    assert "nobody is posted" in client.get("/readyz").json()["warnings"]["lines"]
    administrator = User.objects.create_superuser("chief", "a very long password")
    for language, words in (("en", "Women Helpline 181"), ("hi", "महिला हेल्पलाइन 181")):
        pages = signed_in(administrator)
        pages.cookies["django_language"] = language
        page = pages.get("/admin/").content.decode()
        assert words in page
        assert secret.number not in page


def test_whoever_is_posted_there_gets_it_and_nothing_is_said_any_more(world, secret, client):
    officer = officer_of_the_line(world)

    tasks.hand_over()

    secret.refresh_from_db()
    assert (secret.state, secret.assignee, secret.triage_since) == (State.ASSIGNED, officer, None)
    assert "lines" not in client.get("/readyz").json()["warnings"]
    assert unattended.lines() == []


def test_a_triage_desk_of_the_line_decides_itself(world, secret):
    desk = PostingFactory(post__role=Role.TRIAGE, post__level=None, post__department=None, post__area=world.state,
                          post__line="181")  # fmt: skip
    officer_of_the_line(world)

    assert secret in access.visible_to(desk.officer)
    assert unattended.route() == 0


def test_what_climbed_to_where_nobody_was_goes_on_from_there(world, secret):
    officer = officer_of_the_line(world)
    unattended.route()
    secret.refresh_from_db()
    Posting.objects.filter(pk=officer.pk).update(ends_on=timezone.localdate() - datetime.timedelta(days=1))
    type(secret).objects.filter(pk=secret.pk).update(due_at=secret.registered_at)
    ladder.climb_overdue()
    secret.refresh_from_db()
    assert secret.in_triage
    assert Escalation.objects.get().level == 1

    officer_of_the_line(world)
    assert unattended.route() == 0
    second = officer_of_the_line(world, post__level=2)
    assert unattended.route() == 1
    secret.refresh_from_db()
    assert (secret.assignee, secret.level) == (second, 2)
