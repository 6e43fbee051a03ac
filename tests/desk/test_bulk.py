"""Several complaints at once: each for itself, each with its own result."""

from django.urls import reverse

from grievance import workflow
from grievance.models import Complaint, State
from tests.factories import PostingFactory


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


def test_reassigning_several_asks_to_whom_and_then_reports(world, desk_of):
    colleague = PostingFactory(post__department=world.water, post__level=1, post__area=world.district)
    one, two = world.assigned(), world.in_progress()
    desk = desk_of(world.nodal)
    ticked = tick(one, two)

    asked = send(desk, action="reassign", chosen=ticked)
    assert [other.posting for other in asked.context["colleagues"]] == [colleague]
    assert "Choose an officer." in send(desk, action="reassign", chosen=ticked, send="1").content.decode()
    page = send(desk, action="reassign", chosen=ticked, assignee=colleague.pk, text="On tour", send="1")

    assert report(page) == {one.number: "", two.number: ""}
    assert set(Complaint.objects.values_list("assignee", flat=True)) == {colleague.pk}


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
    assert report(page)[complaint.number]
    for value in ("", "x", "-1", "9" * 40, "1:1:1"):
        page = send(desk, action=value, chosen=[value], assignee=value, back=value, send=value)
        assert page.status_code == 200
        page = send(desk, action="reassign", chosen=tick(complaint), assignee=value, send="1", colleague=value)
        assert page.status_code == 200
    assert Complaint.objects.get(pk=complaint.pk).event_count == complaint.event_count


def test_the_way_back_leads_nowhere_else(world, desk_of):
    page = send(desk_of(world.l1), action="accept", back="https://elsewhere.example/?view=mine")

    assert 'href="https://elsewhere' not in page.content.decode()
