"""Filing: one thing a page, nothing typed is lost, one complaint whatever happens."""

import re

import pytest
from django.test import Client
from django.utils.translation import override

from departments import places
from departments.models import Area, PinCode
from grievance.models import Attachment, Complaint, Draft
from tests.crowd import all_at_once
from tests.factories import AreaFactory, CategoryFactory, World

from .conftest import jpeg, upload

pytestmark = pytest.mark.django_db


def text_of(answer) -> str:
    return answer.content.decode()


def test_the_steps_lead_to_a_number(ready, world):
    answer = ready.post("/file/check/")

    complaint = Complaint.objects.get()
    assert answer["Location"] == f"/file/done/{complaint.number}/"
    assert (complaint.category, complaint.area, complaint.place_note) == (world.no_water, world.panchayat, "Ward 4")
    assert (complaint.citizen, complaint.channel, complaint.language) == (world.citizen, "web", "hi")
    page = text_of(ready.get(answer["Location"]))
    assert "26 0000" in page
    assert "data:image/svg+xml" in page


def test_a_repeated_post_and_the_back_button_give_one_complaint(ready):
    first = ready.post("/file/check/")["Location"]

    assert ready.post("/file/check/")["Location"] == first
    assert ready.get("/file/details/")["Location"] == first
    assert Complaint.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_double_tap_gives_one_complaint(settings):
    world = World()
    client = Client()
    client.get("/file/")
    client.post("/file/what/", {"category": "no-water"})
    client.post("/file/where/", {"area": world.panchayat.code})
    client.post("/file/details/", {"text": "No water", "kind": "complaint"})
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)

    def tap():
        twin = Client()
        twin.cookies = client.cookies
        return twin.post("/file/check/").headers.get("Location")

    answers = all_at_once(*[tap] * 4)

    number = Complaint.objects.get().number
    assert answers == [f"/file/done/{number}/"] * 4


def test_the_draft_survives_the_sign_in(filing, world, settings):
    answer = filing.post("/file/details/", {"text": "No water at all", "kind": "demand"})
    assert answer["Location"] == "/sign-in/?next=/file/check/"

    filing.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)

    page = text_of(filing.get("/file/check/"))
    assert "No water at all" in page
    assert "Ward 4" in page


def test_what_was_typed_is_there_after_a_reload(filing):
    filing.post("/file/details/", {"text": "Half of my", "kind": "x"})

    assert "Half of my" in text_of(filing.get("/file/details/"))


def test_what_was_typed_first_becomes_the_text(filing):
    assert "five days without water" in text_of(filing.get("/file/details/"))


def test_a_files_error_keeps_the_text_and_a_texts_error_keeps_the_files(filing):
    page = text_of(filing.post("/file/details/", {"text": "", "kind": "complaint", "files": upload(jpeg())}))
    assert "govuk-error-summary" in page
    assert Attachment.objects.filter(draft=Draft.objects.get()).count() == 1

    page = text_of(
        filing.post("/file/details/", {"text": "Dry", "kind": "complaint", "files": upload(b"MZ exe", "a.exe")})
    )
    assert "Dry" in page
    assert "a.exe" in page


def test_the_files_come_along(ready):
    ready.post(
        "/file/details/", {"text": "Dry", "kind": "complaint", "files": [upload(jpeg()), upload(jpeg(), "b.jpg")]}
    )
    ready.post("/file/check/")

    assert Complaint.objects.get().attachments.count() == 2


def test_a_file_can_be_taken_out_again(ready):
    ready.post("/file/details/", {"text": "Dry", "kind": "complaint", "files": upload(jpeg())})
    ready.post("/file/details/", {"remove": str(Attachment.objects.get().key)})

    assert not Attachment.objects.exists()


def test_more_than_five_files_are_too_many(ready):
    six = [upload(jpeg((8, 8)), f"{n}.jpg") for n in range(6)]

    page = text_of(ready.post("/file/details/", {"text": "Dry", "kind": "complaint", "files": six}))

    assert "govuk-error-message" in page


def test_the_categorys_questions_are_asked_and_checked(client, world):
    world.no_water.fields = [{"key": "consumer", "label_en": "Consumer number", "label_hi": "उपभोक्ता संख्या", "kind": "digits",
                              "required": True}]  # fmt: skip
    world.no_water.save()
    client.get("/file/")
    client.post("/file/what/", {"category": "no-water"})
    client.post("/file/where/", {"area": world.panchayat.code})
    assert "उपभोक्ता संख्या" in text_of(client.get("/file/details/"))

    page = text_of(client.post("/file/details/", {"text": "Dry", "kind": "complaint", "field-consumer": "12x"}))
    assert 'value="12x"' in page
    assert "govuk-error-message" in page
    answer = client.post("/file/details/", {"text": "Dry", "kind": "complaint", "field-consumer": "123"})
    assert answer.status_code == 302


def test_an_aadhaar_number_is_masked_before_saving(filing, world, settings):
    filing.post("/file/details/", {"text": "My number is 2341 2341 2346, help", "kind": "complaint"})
    assert "2341 2341" not in str(Draft.objects.get().answers)

    filing.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)
    filing.post("/file/check/")
    assert Complaint.objects.get().text == "My number is XXXX XXXX 2346, help"


def test_a_place_is_found_by_name_in_both_scripts_and_by_pin(filing, world):
    PinCode.objects.create(pincode="171201", office="Theog", area=world.block)

    for typed in ("Matiana", "matiyana", "मतियाना", "मतिया"):
        assert world.panchayat.code in text_of(filing.get("/file/where/", {"q": typed})), typed
    assert world.block.code in text_of(filing.get("/file/where/", {"q": "171201"}))
    assert world.block.code in text_of(filing.get("/file/where/", {"q": "१७१२०१"}))


def test_a_place_is_found_step_by_step(filing, world):
    assert world.district.code in text_of(filing.get("/file/where/"))
    assert world.block.code in text_of(filing.get("/file/where/", {"in": world.district.code}))
    assert world.panchayat.code in text_of(filing.get("/file/where/", {"in": world.block.code}))


def test_a_place_is_found_by_where_the_phone_is(filing, world):
    world.panchayat.latitude, world.panchayat.longitude = 31.2, 77.4
    world.panchayat.save()

    assert world.panchayat.code in text_of(filing.get("/file/where/", {"latitude": "31.21", "longitude": "77.41"}))


def test_the_page_says_who_has_it_once_it_is_routed(ready, world):
    from grievance import workflow

    location = ready.post("/file/check/")["Location"]
    assert "hx-trigger" in text_of(ready.get(location))

    workflow.route_registered()

    page = text_of(ready.get(location, headers={"accept-language": "en"}))
    assert "hx-trigger" not in page
    assert world.l1.post.title_hi in page or world.l1.post.title_en in page


def test_staff_are_told_to_use_the_desk(client, world):
    client.force_login(world.l1.officer, backend="citizens.backends.StaffBackend")

    assert client.get("/file/").status_code == 200
    assert not Draft.objects.exists()


@pytest.mark.parametrize("path", ["/file/what/", "/file/where/", "/file/details/", "/file/check/", "/file/browse/"])
def test_without_a_draft_every_step_begins_anew(client, path):
    assert client.get(path)["Location"] == "/file/"


def test_steps_cannot_be_skipped(client, world):
    client.get("/file/")

    assert client.get("/file/where/")["Location"] == "/file/what/"
    assert client.get("/file/details/")["Location"] == "/file/what/"
    assert client.get("/file/check/")["Location"] == "/file/what/"


def test_a_conduct_complaint_offers_the_posts_over_the_place(client, world):
    conduct = CategoryFactory(department=world.water, about_officer=True, start_level=2)
    client.get("/file/")
    client.post("/file/what/", {"category": conduct.code})
    client.post("/file/where/", {"area": world.panchayat.code})

    page = text_of(client.get("/file/details/"))
    assert world.l1.post.code in page
    assert world.roads_l1.post.code not in page


@pytest.mark.parametrize(("path", "most"), [("/file/what/?q=water", 8), ("/file/where/?q=Matiana", 10), ("/file/details/", 10),
                                             ("/file/check/", 11)])  # fmt: skip
def test_no_step_asks_the_database_more_than_this(ready, path, most, django_assert_max_num_queries):
    with django_assert_max_num_queries(most):
        assert ready.get(path).status_code == 200


def test_choosing_nothing_is_said_beside_the_choices_and_above_them(filing, world):
    cases = (
        ("/file/what/", {"q": "No water"}),
        ("/file/what/", {"department": "jal-shakti", "group": ""}),
        ("/file/where/", {"q": "Matiana"}),
    )
    for path, typed in cases:
        page = text_of(filing.post(path, typed, follow=True))
        assert "govuk-error-summary" in page, (path, typed)
        assert "govuk-error-message" in page, (path, typed)
        assert 'type="radio"' in page, (path, typed)


def test_coming_back_shows_what_was_typed_and_chosen(filing):
    page = text_of(filing.get("/file/what/"))

    assert 'value="five days without water"' in page
    assert re.search(r'value="no-water"\s+id="[^"]+"\s+checked', page)
    assert "checked" not in text_of(filing.get("/file/what/", {"q": ""}))


def test_the_place_is_shown_up_to_its_district_before_sending(ready):
    ready.cookies["django_language"] = "en"

    assert "Matiana, Theog, Shimla" in text_of(ready.get("/file/check/"))


def test_a_date_is_read_back_in_words(client, world, settings):
    question = {"key": "since", "label_en": "Since when", "label_hi": "कब से", "kind": "date"}
    CategoryFactory(department=world.water, code="dated", fields=[question])
    client.get("/file/")
    client.post("/file/what/", {"category": "dated"})
    client.post("/file/where/", {"area": world.panchayat.code})
    client.post("/file/details/", {"text": "No water", "kind": "complaint", "field-since": "2026-11-20"})
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)

    assert "20 नवंबर 2026" in text_of(client.get("/file/check/"))


def test_a_pin_code_names_towns_first_and_whole_blocks_last(world):
    town = AreaFactory(kind=Area.Kind.URBAN_BODY, parent=world.district, name_en="Zzz", name_hi="ज्ञ")
    for area in (world.block, world.panchayat, town):
        PinCode.objects.create(pincode="171201", office=area.name_en, area=area)

    assert places.by_pin("171201") == [town, world.panchayat, world.block]


def test_lists_are_sorted_in_the_readers_language(world):
    first = AreaFactory(parent=world.block, name_en="Zzz", name_hi="अअअ")

    with override("hi"):
        assert places.steps(world.block)[0] == first
    with override("en"):
        assert places.steps(world.block)[-1] == first
