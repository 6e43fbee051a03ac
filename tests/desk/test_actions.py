"""What an officer can do from the complaint's page."""

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.urls import reverse

from departments.models import CannedReply
from grievance import access, workflow
from grievance.desk import choices
from grievance.desk.forms import ACTIONS
from grievance.models import Attachment, Complaint, Event, State
from tests.factories import PostingFactory

PDF = b"%PDF-1.4\n1 0 obj\n<<>>\nendobj\ntrailer\n<<>>\n%%EOF\n"


def pdf(name="proof.pdf"):
    return SimpleUploadedFile(name, PDF, content_type="application/pdf")


def fresh(complaint):
    return Complaint.objects.select_related("category").get(pk=complaint.pk)


def test_from_the_inbox_to_resolved_with_a_question_on_the_way(world, desk_of):
    complaint = world.assigned(text="पाँच दिन से पानी नहीं आ रहा")
    desk = desk_of(world.l1)

    assert desk.rows() == [complaint.number]
    assert "पाँच दिन से पानी" in desk.open(complaint).content.decode()
    assert desk.act(complaint, "accept").status_code == 302
    assert desk.act(fresh(complaint), "ask", text="Which ward?").status_code == 302
    assert fresh(complaint).state == State.AWAITING_CITIZEN
    workflow.change(complaint, "answer", user=complaint.citizen, text="Ward 4")
    response = desk.act(fresh(complaint), "resolve", text="Pipe mended", files=[pdf()])

    assert response.url == reverse("desk_complaint", args=[complaint.number])
    assert fresh(complaint).state == State.RESOLVED
    assert Attachment.objects.get(complaint=complaint).event.action == "resolve"
    page = desk.client.get(response.url).content.decode()
    assert "Ward 4" in page
    assert "proof.pdf" in page


def test_every_action_offered_has_a_form_that_opens_and_one_that_is_not_is_refused(world, desk_of):
    complaint = world.in_progress()
    for posting in (world.l1, world.l4, world.nodal, world.triage, world.cm_office, world.commissioner):
        desk = desk_of(posting)
        offered = {rule.name for rule in desk.open(complaint).context["main_actions"]}
        offered |= {rule.name for rule in desk.open(complaint).context["other_actions"]}
        assert offered == set(access.allowed_actions(posting.officer, complaint)) & set(ACTIONS)
        for action in ACTIONS:
            assert desk.form(complaint, action).status_code == (200 if action in offered else 409)


def test_an_action_of_the_citizen_or_the_system_has_no_page(world, desk_of):
    complaint = world.assigned()

    for action in ("route", "escalate", "withdraw", "answer", "no_such_thing"):
        assert desk_of(world.l1).form(complaint, action).status_code == 404
        assert desk_of(world.l1).act(complaint, action).status_code == 404


WAYS = {
    "accept": ("assigned", "l1", {}),
    "ask": ("in_progress", "l1", {"text": "Which ward?"}),
    "update": ("assigned", "l1", {"text": "We are coming"}),
    "resolve": ("assigned", "l1", {"text": "Mended"}),
    "note": ("assigned", "l2", {"text": "Third time this month"}),
    "transfer": ("assigned", "l1", {"department": "pwd", "reason": "wrong_department", "text": "A road matter"}),
    "propose_reject": ("assigned", "l3", {"reason": "no_facts", "text": "No facts given"}),
    "propose_special_close": ("assigned", "l4", {"text": "By order"}),
    "satisfied": ("resolved", "agent", {"rating": "4", "text": "Said on the phone"}),
    "not_satisfied": ("resolved", "agent", {"text": "Still no water"}),
}


@pytest.mark.parametrize("action", WAYS)
def test_an_action_sent_from_its_form_becomes_an_event(world, desk_of, action):
    state, who, data = WAYS[action]
    complaint = getattr(world, state)()

    response = desk_of(getattr(world, who)).act(complaint, action, **data)

    assert response.status_code == 302
    last = fresh(complaint).events.order_by("seq").last()
    assert (last.action, last.text) == (action, data.get("text", ""))


@pytest.mark.parametrize("action", [name for name in WAYS if name != "accept"])
def test_an_empty_form_says_what_is_missing_and_changes_nothing(world, desk_of, action):
    state, who, _data = WAYS[action]
    complaint = getattr(world, state)()

    response = desk_of(getattr(world, who)).act(complaint, action)

    assert response.status_code == 200
    assert "govuk-error-message" in response.content.decode()
    assert fresh(complaint).event_count == complaint.event_count


def test_the_department_is_also_found_by_what_it_is_about(world):
    assert world.roads in choices.departments_named("Potholes")
    assert world.roads in choices.departments_named("गड्ढे")


def test_reassigning_offers_colleagues_with_their_open_work(world, desk_of):
    complaint = world.assigned()
    colleague = PostingFactory(post__department=world.water, post__level=1, post__area=world.district)
    desk = desk_of(world.nodal)

    page = desk.form(complaint, "reassign")

    assert [other.posting for other in page.context["form"].colleagues] == [colleague]
    assert "0 open complaints" in page.content.decode()
    assert desk.act(complaint, "reassign", assignee=colleague.pk).status_code == 302
    assert fresh(complaint).assignee == colleague


def test_a_colleague_elsewhere_is_found_by_name_without_losing_the_remark(world, desk_of):
    complaint = world.assigned()
    far = PostingFactory(
        post__department=world.water, post__level=1, post__area=world.state, officer__name="Farid Thakur"
    )

    page = desk_of(world.nodal).act(complaint, "reassign", colleague="farid", text="On tour", find="1")

    assert [other.posting for other in page.context["form"].colleagues] == [far]
    assert "On tour" in page.content.decode()
    assert fresh(complaint).event_count == complaint.event_count


def test_transferring_searches_departments_in_both_languages(world, desk_of):
    complaint = world.assigned()
    desk = desk_of(world.l1)

    for query in ("public", "लोक"):
        page = desk.client.get(reverse("desk_search_departments"), {"department_query": query})
        assert "Public Works" in page.content.decode()
    page = desk.act(complaint, "transfer", department_query="लोक", find="1", text="A road matter")
    assert page.context["form"].departments == [world.roads]
    page = desk.act(complaint, "transfer", department="pwd", find="1")
    assert "Potholes" in page.content.decode()
    sent = desk.act(complaint, "transfer", department="pwd", category="pothole", reason="wrong_department")
    assert sent.url == reverse("desk_inbox")
    assert (fresh(complaint).department, fresh(complaint).category) == (world.roads, world.pothole)
    assert desk.open(complaint).status_code == 404


def test_a_wrong_place_is_put_right_by_its_name(world, desk_of):
    complaint = world.assigned()

    response = desk_of(world.l1).act(
        complaint, "transfer", department="jal-shakti", reason="wrong_department", area="Theog"
    )

    assert response.status_code == 302
    assert fresh(complaint).area == world.block


def test_a_rejection_takes_two_people(world, desk_of):
    complaint = world.assigned()
    proposer, other = desk_of(world.triage), desk_of(world.triage_2)
    proposer.act(complaint, "propose_reject", reason="no_facts", text="No facts given")
    complaint = fresh(complaint)

    assert proposer.form(complaint, "approve_reject").status_code == 409
    assert other.inbox(view="proposals").context["rows"][0]["complaint"] == complaint
    assert proposer.rows(view="proposals") == []
    assert "No facts given" in other.form(complaint, "approve_reject").content.decode()
    assert other.act(complaint, "approve_reject").status_code == 302
    assert fresh(complaint).outcome == "rejected"


def test_a_special_closing_is_decided_by_the_chief_ministers_office_or_declined(world, desk_of):
    complaint = world.assigned()
    desk_of(world.l4).act(complaint, "propose_special_close", text="By order")
    cm_office = desk_of(world.cm_office)

    assert cm_office.rows(view="proposals") == [complaint.number]
    assert cm_office.act(fresh(complaint), "decline", text="Not enough").status_code == 302
    desk_of(world.l4).act(fresh(complaint), "propose_special_close", text="By order, with reasons")
    assert cm_office.act(fresh(complaint), "approve_special_close").status_code == 302
    assert fresh(complaint).close_after is not None


def test_a_complaint_is_joined_with_one_of_the_same_matter_and_place(world, desk_of):
    first, second = world.assigned(), world.assigned()
    desk = desk_of(world.l1)

    assert desk.form(second, "merge").context["form"].alike == [first]
    assert desk.act(second, "merge", into="26 0000 0000").status_code == 200
    assert desk.act(second, "merge", into=f"{first.number[:2]} {first.number[2:]}").status_code == 302
    assert fresh(second).merged_into == first
    assert first.number[-5:-1] in desk.open(second).content.decode()


def test_one_cannot_join_with_what_one_may_not_see(world, desk_of):
    complaint, elsewhere = world.assigned(), world.assigned(category=world.pothole)

    page = desk_of(world.l1).act(complaint, "merge", into=elsewhere.number)

    assert "There is no complaint with this number." in page.content.decode()


def test_a_canned_reply_comes_in_the_citizens_language_and_keeps_what_was_typed(world, desk_of):
    complaint = world.assigned(language="hi")
    reply = CannedReply.objects.create(
        action="update", title_en="Coming", text_en="We are coming.", title_hi="आ रहे हैं", text_hi="हम आ रहे हैं।"
    )
    desk = desk_of(world.l1)

    assert "हम आ रहे हैं।" in desk.form(complaint, "update", reply=reply.pk).content.decode()
    page = desk.act(complaint, "update", text="नमस्ते", reply=reply.pk, use_reply="1")
    assert page.context["form"]["text"].value() == "नमस्ते\n\nहम आ रहे हैं।"
    assert fresh(complaint).event_count == complaint.event_count


def test_the_second_of_two_officers_is_told_what_changed_and_loses_nothing(world, desk_of):
    complaint = world.in_progress()
    seen = complaint.event_count
    workflow.change(complaint, "note", user=world.l2.officer, text="I spoke to the contractor")
    desk = desk_of(world.l1)

    page = desk.act(complaint, "resolve", version=seen, text="Mended yesterday", files=[pdf()])

    assert page.status_code == 409
    content = page.content.decode()
    assert "I spoke to the contractor" in content
    assert world.l2.post.title_en in content
    assert "Mended yesterday" in content
    again = page.context["form"]["version"].value()
    kept = [str(file.key) for file in page.context["kept"]]
    assert len(kept) == 1
    assert desk.act(complaint, "resolve", version=again, text="Mended yesterday", kept=kept).status_code == 302
    assert fresh(complaint).state == State.RESOLVED
    assert Attachment.objects.get(key=kept[0]).event.action == "resolve"


def test_where_the_action_is_not_possible_any_more_the_text_stays_to_be_copied(world, desk_of):
    complaint = world.in_progress()
    seen = complaint.event_count
    workflow.change(complaint, "withdraw", user=complaint.citizen)

    page = desk_of(world.l1).act(complaint, "resolve", version=seen, text="Mended yesterday")

    assert page.status_code == 409
    assert "Mended yesterday" in page.content.decode()
    assert "Withdrawn by the citizen" in page.content.decode()
    assert [rule.name for rule in page.context["allowed"]] == ["note"]


def test_what_was_typed_survives_even_when_the_complaint_has_left_the_desk(world, desk_of):
    complaint = world.in_progress()
    seen = complaint.event_count
    workflow.change(complaint, "transfer", user=world.nodal.officer, department="pwd", reason="wrong_department")

    page = desk_of(world.l1).act(complaint, "resolve", version=seen, text="Mended yesterday")

    assert page.status_code == 404
    assert "Mended yesterday" in page.content.decode()
    assert complaint.text not in page.content.decode()


def test_a_double_tap_is_done_once(world, desk_of):
    complaint = world.assigned()
    desk = desk_of(world.l1)

    for _tap in range(2):
        assert desk.act(complaint, "accept").status_code == 302
    for _tap in range(2):
        assert desk.act(complaint, "update", version=3, text="We are coming").status_code == 302

    assert list(fresh(complaint).events.values_list("action", flat=True)) == ["register", "route", "accept", "update"]


def test_the_same_form_with_other_words_is_not_taken_for_a_double_tap(world, desk_of):
    complaint = world.in_progress()
    desk = desk_of(world.l1)
    desk.act(complaint, "update", version=3, text="We are coming")

    assert desk.act(complaint, "update", version=3, text="We are not coming").status_code == 409


def test_a_form_without_its_version_is_shown_again_with_all_that_was_typed(world, desk_of):
    complaint = world.in_progress()
    address = reverse("desk_act", args=[complaint.number, "update"])

    page = desk_of(world.l1).client.post(address, {"text": "We are coming", "version": "x"})

    assert page.context["incomplete"]
    assert "We are coming" in page.content.decode()
    assert page.context["form"]["version"].value() == complaint.event_count


def test_a_file_that_cannot_be_taken_is_named_and_the_good_one_is_kept(world, desk_of):
    complaint = world.in_progress()
    bad = SimpleUploadedFile("page.html", b"<script>alert(1)</script>", content_type="image/png")

    page = desk_of(world.l1).act(complaint, "resolve", text="Mended", files=[bad, pdf()])

    assert page.status_code == 200
    assert "page.html" in page.content.decode()
    assert [file.name for file in page.context["kept"]] == ["proof.pdf"]
    assert "Mended" in page.content.decode()


def test_another_persons_upload_cannot_be_taken_by_its_key(world, desk_of):
    complaint = world.in_progress()
    theirs = Attachment.objects.create(
        uploaded_by=world.l2.officer, name="x.pdf", content_type="application/pdf", size=1
    )

    desk_of(world.l1).act(complaint, "resolve", text="Mended", kept=[str(theirs.key), "nonsense"])

    theirs.refresh_from_db()
    assert theirs.complaint is None


def test_proof_is_asked_for_where_the_category_needs_it(world, desk_of):
    world.no_water.needs_proof = True
    world.no_water.save()
    complaint = world.in_progress()
    desk = desk_of(world.l1)

    page = desk.act(complaint, "resolve", text="Mended")

    assert "as proof" in page.content.decode()
    assert "Mended" in page.content.decode()
    assert desk.act(complaint, "resolve", text="Mended", files=[pdf()]).status_code == 302


def test_the_phone_number_is_masked_until_asked_for_and_the_asking_is_kept(world, desk_of):
    complaint = world.assigned()
    phone = str(complaint.citizen.phone)
    desk = desk_of(world.l1)

    before = desk.open(complaint).content.decode()
    assert phone[-8:] not in before.replace(" ", "")
    assert f"••{phone[-3:]}" in before
    desk.client.post(reverse("desk_reveal", args=[complaint.number]))
    desk.client.post(reverse("desk_reveal", args=[complaint.number]))

    assert phone[-10:] in desk.open(complaint).content.decode().replace(" ", "")
    event = Event.objects.get(complaint=complaint, action="reveal")
    assert (event.actor, event.internal) == (world.l1.officer, True)
    assert phone[-8:] not in desk_of(world.l2).open(complaint).content.decode().replace(" ", "")


def test_that_someone_looked_at_the_number_stops_nobodys_work(world, desk_of):
    complaint = world.in_progress()
    seen = complaint.event_count
    desk_of(world.l2).client.post(reverse("desk_reveal", args=[complaint.number]))

    assert desk_of(world.l1).act(complaint, "resolve", version=seen, text="Mended").status_code == 302


@pytest.mark.parametrize("text", ["x" * 4001, "x" * 100_000, " \n "])
def test_hostile_texts_are_errors_beside_the_field(world, desk_of, text):
    complaint = world.in_progress()

    page = desk_of(world.l1).act(complaint, "update", text=text)

    assert page.status_code == 200
    assert page.context["form"].errors["text"]
    assert fresh(complaint).event_count == complaint.event_count


HOSTILE = ["-1", "99999999999999999999", "x", "1' or '1'='1", "पानी", ""]


@pytest.mark.parametrize("value", HOSTILE)
def test_hostile_fields_never_break_a_form(world, desk_of, value):
    complaint = world.in_progress()
    everything = dict.fromkeys(
        ("version", "assignee", "colleague", "department", "department_query", "category", "reason", "area", "into",
         "rating", "kept", "reply", "use_reply"), value
    )  # fmt: skip
    for posting, action in (
        (world.l1, "transfer"),
        (world.nodal, "reassign"),
        (world.l1, "merge"),
        (world.l1, "resolve"),
    ):
        assert desk_of(posting).client.post(
            reverse("desk_act", args=[complaint.number, action]), everything
        ).status_code in (200, 302, 409)
        assert desk_of(posting).form(complaint, action, reply=value).status_code == 200


def test_whoever_decides_reads_who_proposed_it_and_why(world, desk_of):
    complaint = world.assigned()
    desk_of(world.l3).act(complaint, "propose_reject", reason="no_facts", text="Neither place nor day is named")

    for page in (desk_of(world.triage).open(complaint), desk_of(world.triage).form(complaint, "approve_reject")):
        said = page.content.decode().split("govuk-inset-text")[1].split("</div>")[0]
        assert "Neither place nor day is named" in said
        assert "Reason: no_facts" in said
        assert world.l3.officer.name in said


def test_the_way_back_leads_to_the_inbox_as_one_left_it(world, desk_of):
    complaint = world.assigned()
    desk = desk_of(world.l1)
    desk.inbox(view="office", area="Theog", order="oldest")

    assert desk.open(complaint).context["inbox"] == reverse("desk_inbox") + "?view=office&area=Theog&order=oldest"
    sent = desk.act(complaint, "transfer", department="pwd", reason="wrong_department")
    assert sent.url == reverse("desk_inbox") + "?view=office&area=Theog&order=oldest"


def test_a_place_without_coordinates_is_pinned_where_the_nearest_known_around_it_lies(world, desk_of):
    world.block.latitude, world.block.longitude = 31.1, 77.4
    world.block.save()
    complaint = world.assigned()

    assert "seva-map__pin" in desk_of(world.l1).open(complaint).content.decode()
