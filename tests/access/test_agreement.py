"""The two ways of asking who sees a complaint agree: the queryset for lists, the row at hand for actions."""

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from citizens.models import User
from departments.models import Absence, Post, Role
from grievance import access, workflow
from grievance.models import Complaint
from tests.factories import LONG_AGO, CategoryFactory, PostingFactory, World

LINES = ("", "181")
levels = st.integers(1, 4)


def found(user, complaint) -> bool:
    try:
        return access.find(user, complaint.number) == complaint
    except Complaint.DoesNotExist:
        return False


@pytest.mark.django_db
@settings(max_examples=15, deadline=None, suppress_health_check=list(HealthCheck))
@given(
    posts=st.lists(
        st.tuples(st.sampled_from(list(Role.values)), levels, st.integers(0, 4), st.integers(0, 1), st.sampled_from(LINES)),
        min_size=4, max_size=10,
    ),
    complaints=st.lists(
        st.tuples(st.integers(0, 4), st.booleans(), levels, st.booleans(), st.integers(0, 9)), min_size=3, max_size=6
    ),
)  # fmt: skip
def test_find_and_sees_and_the_list_agree_for_everybody(posts, complaints):
    with transaction.atomic():
        check_agreement(posts, complaints)
        transaction.set_rollback(True)


def check_agreement(posts, complaints):
    world = World()
    places = [world.state, world.division, world.district, world.block, world.panchayat]
    departments = [world.water, world.roads]
    hidden = CategoryFactory(department=world.water, confidential=True, line="181")
    postings = [
        PostingFactory(post__role=role, post__level=level if role == Role.OFFICER else None, post__area=places[place],
                       post__department=departments[department], post__line=line)
        for role, level, place, department, line in posts
    ]  # fmt: skip
    Absence.objects.create(posting=postings[0], stand_in=postings[1], starts_on=LONG_AGO, ends_on="2099-01-01")
    rows = []
    for place, confidential, level, about, holder in complaints:
        complaint = world.register(category=hidden if confidential else world.no_water, area=places[place])
        posting = postings[holder % len(postings)]
        Complaint.objects.filter(pk=complaint.pk).update(
            level=level, min_level=min(level, 2), assignee=posting,
            about_officer=postings[(holder + 1) % len(postings)].officer if about else None,
        )  # fmt: skip
        rows.append(Complaint.objects.get(pk=complaint.pk))
    people = [posting.officer for posting in postings] + [world.citizen, world.stranger, world.client, world.agent.officer]
    for person in people:
        pks = [row.pk for row in rows]
        listed = set(access.visible_to(person).filter(pk__in=pks))
        reached = set(access.reachable_by(person).filter(pk__in=pks))
        for row in rows:
            assert found(person, row) == access.sees(person, row) == (row in reached), (person, row.pk)
            if row in listed:
                assert access.sees(person, row)
            if row.about_officer_id == person.pk:
                assert not access.sees(person, row)
            if not access.sees(person, row):
                assert access.allowed_actions(person, row) == []


@pytest.mark.django_db
def test_a_confidential_word_never_leaves_its_line(world):
    hidden = CategoryFactory(department=world.water, confidential=True, line="181")
    complaint = world.register(category=hidden, text="Something about a neighbour")
    inside = PostingFactory(post__department=world.water, post__level=1, post__area=world.block, post__line="181")
    outside = [world.l1, world.l4, world.nodal, world.triage, world.cm_office, world.commissioner, world.agent]
    assert found(inside.officer, complaint)
    assert not any(found(posting.officer, complaint) for posting in outside)
    assert not found(world.client, complaint)


@pytest.mark.django_db
def test_a_stand_in_gets_no_work_their_own_post_may_not_have(world):
    hidden = CategoryFactory(department=world.water, confidential=True, line="181")
    counsellor = PostingFactory(post__department=world.water, post__area=world.block, post__line="181")
    secret = world.assigned(category=hidden)
    conduct = CategoryFactory(department=world.water, about_officer=True, start_level=2)
    about_an_l1 = world.assigned(category=conduct)
    plain = world.assigned()
    plain = workflow.change(plain, "update", user=world.l1.officer, text="On the way")
    colleague = world.posting(world.water, 1, world.block)
    for away in (counsellor, world.l2, world.l1):
        Absence.objects.create(posting=away, stand_in=colleague, starts_on=LONG_AGO, ends_on="2099-01-01")

    assert secret.assignee == counsellor
    assert about_an_l1.assignee == world.l2
    assert set(access.visible_to(colleague.officer)) == {plain}
    assert access.may(colleague.officer, "accept", plain)
    for complaint in (secret, about_an_l1):
        assert not found(colleague.officer, complaint)
        assert access.allowed_actions(colleague.officer, complaint) == []


@pytest.mark.django_db
def test_a_post_that_was_shown_a_moment_ago_gives_its_new_right_and_no_other_at_once(world):
    complaint = world.assigned()
    assert found(world.l2.officer, complaint)
    assert access.find(world.l1.officer, complaint.number).assignee.post == world.l1.post

    Post.objects.filter(pk=world.l2.post_id).update(level=1, area=world.district)
    Post.objects.filter(pk=world.l1.post_id).update(is_active=False)

    assert not found(User.objects.get(pk=world.l1.officer_id), complaint)
    moved = User.objects.get(pk=world.l2.officer_id)
    assert [posting.post.level for posting in access.postings_of(moved)] == [1]
    assert found(moved, complaint)
    Post.objects.filter(pk=world.l2.post_id).update(department=world.roads)
    assert not found(User.objects.get(pk=world.l2.officer_id), complaint)
