"""Several complaints at once: each for itself, each with its own result."""

import re
from collections import Counter

import pytest
from django.urls import reverse

from departments.models import Posting
from grievance import workflow
from grievance.desks import open_work
from grievance.models import Complaint, State
from tests.factories import LONG_AGO, PostingFactory


def tick(*complaints) -> list[str]:
    return [f"{complaint.number}:{complaint.event_count}" for complaint in complaints]


def send(desk, **data):
    return desk.client.post(reverse("desk_bulk"), data)


def report(page) -> dict[str, str]:
    return {result.complaint.number: result.problem for result in page.context["report"]}


def test_all_that_can_be_accepted_are_and_the_others_are_named(world, desk_of):
    one, two, changed, begun = (world.assigned() for _n in range(4))
    ticked = tick(one, two, changed, begun)
    workflow.change(changed, "note", user=world.l2.officer, text="Look at the pump first")
    workflow.change(begun, "accept", user=world.l1.officer)
    workflow.change(begun, "resolve", user=world.l1.officer, text="Mended")
    elsewhere = world.assigned(category=world.pothole)

    page = send(desk_of(world.l1), action="accept", chosen=[*ticked, *tick(elsewhere), "nonsense", "26:x"])

    found = report(page)
    assert (found[one.number], found[two.number]) == ("", "")
    assert "meanwhile" in found[changed.number]
    assert elsewhere.number not in found
    assert "Done for 3 of 4." in page.content.decode()
    assert set(Complaint.objects.filter(pk__in=[one.pk, two.pk]).values_list("state", flat=True)) == {State.IN_PROGRESS}
    assert Complaint.objects.get(pk=changed.pk).state == State.ASSIGNED


def test_sending_it_twice_does_it_once(world, desk_of):
    complaint = world.assigned()
    desk = desk_of(world.l1)

    for _time in range(2):
        assert report(send(desk, action="accept", chosen=tick(complaint))) == {complaint.number: ""}

    assert Complaint.objects.get(pk=complaint.pk).event_count == 3


def planned(page) -> dict[str, tuple]:
    return {result.complaint.number: (result.posting, result.problem) for result in page.context["planned"]}


def hidden(page, name: str) -> list[str]:
    """What the page's form sends along, as a browser without scripts would."""
    return re.findall(rf'name="{name}"\s+value="([^"]*)"', page.content.decode())


def confirm(desk, page):
    return send(desk, action="reassign", give=hidden(page, "give"), text="On tour", confirm="1")


@pytest.fixture
def colleague(world):
    return PostingFactory(post__department=world.water, post__level=1, post__area=world.district)


def test_reassigning_several_asks_to_whom_shows_what_would_come_of_it_and_only_then_does_it(world, desk_of, colleague):
    one, two, changed, done = world.assigned(), world.in_progress(), world.assigned(), world.in_progress()
    desk = desk_of(world.nodal)
    ticked = tick(one, two, changed, done)
    workflow.change(changed, "note", user=world.l2.officer, text="Look at the pump first")
    workflow.change(done, "resolve", user=world.l1.officer, text="Mended")

    asked = send(desk, action="reassign", chosen=ticked)
    assert [other.posting for other in asked.context["colleagues"]] == [colleague]
    assert "Choose an officer." in send(desk, action="reassign", chosen=ticked, send="1").content.decode()
    before = list(Complaint.objects.order_by("pk").values("assignee", "event_count", "due_at"))
    shown = send(desk, action="reassign", chosen=ticked, assignee=colleague.pk, text="On tour", send="1")

    plan = planned(shown)
    assert plan[one.number] == plan[two.number] == (colleague, "")
    assert "meanwhile" in plan[changed.number][1]
    assert plan[done.number][1]
    assert "2 of 4 can be reassigned. Nothing has been done yet." in shown.content.decode()
    assert list(Complaint.objects.order_by("pk").values("assignee", "event_count", "due_at")) == before

    page = confirm(desk, shown)
    assert report(page) == {one.number: "", two.number: ""}
    assert set(Complaint.objects.filter(assignee=colleague)) == {one, two}
    assert set(one.events.filter(action="reassign").values_list("text", flat=True)) == {"On tour"}
    assert report(confirm(desk, shown)) == {one.number: "", two.number: ""}
    assert one.events.filter(action="reassign").count() == 1


def test_what_changed_between_the_preview_and_its_confirming_is_not_done(world, desk_of, colleague):
    one, two = world.assigned(), world.assigned()
    desk = desk_of(world.nodal)
    shown = send(desk, action="reassign", chosen=tick(one, two), assignee=colleague.pk, send="1")
    workflow.change(one, "accept", user=world.l1.officer)

    found = report(confirm(desk, shown))

    assert "meanwhile" in found[one.number]
    assert found[two.number] == ""
    Posting.objects.filter(pk=colleague.pk).update(ends_on=LONG_AGO)
    shown = send(desk, action="reassign", chosen=tick(Complaint.objects.get(pk=one.pk)), assignee=world.l1.pk, send="1")
    assert planned(shown)[one.number][1] == "This officer has the complaint already."


def test_several_officers_share_what_is_reassigned_so_that_their_work_evens_out(world, desk_of, colleague):
    third = PostingFactory(post__department=world.water, post__level=1, post__area=world.district)
    mine = [world.assigned() for _n in range(5)]
    workflow.change(mine[0], "reassign", user=world.nodal.officer, assignee=third)
    desk = desk_of(world.nodal)

    shown = send(desk, action="reassign", chosen=tick(*mine[1:]), assignee=[colleague.pk, third.pk], send="1")

    assert Counter(posting for posting, _problem in planned(shown).values()) == {colleague: 3, third: 1}
    confirm(desk, shown)
    assert sorted(open_work([colleague.pk, third.pk]).values()) == [2, 3]


@pytest.mark.parametrize("language", ["hi", "en"])
def test_the_preview_is_a_form_in_both_languages(world, desk_of, colleague, language):
    complaint, desk = world.assigned(), desk_of(world.nodal)
    desk.client.cookies["django_language"] = language

    body = send(desk, action="reassign", chosen=tick(complaint), assignee=colleague.pk, send="1").content.decode()

    assert {"hi": "अभी कुछ किया नहीं गया है", "en": "Nothing has been done yet"}[language] in body
    assert 'name="confirm"' in body


def test_complaints_of_different_levels_cannot_go_to_one_officer(world, desk_of):
    low = world.assigned()
    high = world.resolved()
    high = workflow.change(high, "not_satisfied", user=high.citizen, text="Still dry")

    page = send(desk_of(world.nodal), action="reassign", chosen=tick(low, high))

    assert "several departments or levels" in page.content.decode()


def test_an_officer_cannot_reassign_and_a_hostile_choice_breaks_nothing(world, desk_of):
    complaint = world.assigned()
    desk = desk_of(world.l1)

    page = send(desk, action="reassign", chosen=tick(complaint), assignee=world.l2.pk, send="1")
    assert planned(page)[complaint.number][1]
    assert 'name="confirm"' not in page.content.decode()
    page = send(desk, action="reassign", give=[f"{tick(complaint)[0]}:{world.l2.pk}"], confirm="1")
    assert report(page)[complaint.number]
    for value in ("", "x", "-1", "9" * 40, "1:1:1"):
        page = send(desk, action=value, chosen=[value], assignee=value, back=value, send=value)
        assert page.status_code == 200
        page = send(desk, action="reassign", give=[value, f"{complaint.number}:{value}", f"1:{value}:1"], confirm="1")
        assert page.status_code == 200
        page = send(desk, action="reassign", chosen=tick(complaint), assignee=value, send="1", colleague=value)
        assert page.status_code == 200
    assert Complaint.objects.get(pk=complaint.pk).event_count == complaint.event_count


def test_the_way_back_leads_nowhere_else(world, desk_of):
    page = send(desk_of(world.l1), action="accept", back="https://elsewhere.example/?view=mine")

    assert 'href="https://elsewhere' not in page.content.decode()
