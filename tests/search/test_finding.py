"""What is found, by whom, whatever way it is typed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from departments.models import Role
from grievance import search, search_index, workflow
from grievance.models import Event, SearchEntry
from tests.factories import CategoryFactory, CitizenFactory

pytestmark = pytest.mark.django_db


def take_all() -> None:
    """What the reader does; in a test's own transaction it would wait for that to end."""
    search_index.take(list(Event.objects.all()))


def found(posting, text) -> list:
    user = getattr(posting, "officer", posting)
    return [row.number for row in search.find(user, text).page.items]


@pytest.fixture(params=["written", "not yet read"])
def read(request):
    """Lets the index's reader take what is in the log, or leaves it behind: nobody may see a difference."""
    return take_all if request.param == "written" else lambda: None


@pytest.mark.parametrize(
    "typed",
    ["पानी", "pani", "paani", "PAANI", "पानी सड़क", "sadak", "सडक", "पाइप", "paip टूटा", "Theog", "ठियोग", "thiyog",
     "Matiana pani", "Ramesh", "रमेश", "ramesh negi sadak"],
)  # fmt: skip
def test_words_names_and_places_are_found_in_either_script(world, typed, read):
    world.citizen.name, world.panchayat.name_en = "Ramesh Negi", "Matiana"
    world.citizen.save()
    complaint = world.register(text="सड़क का पाइप टूटा है, पानी नहीं आ रहा।")
    world.register(world.stranger, category=world.pothole, area=world.block, text="Nothing else")
    read()
    if typed in ("Theog", "ठियोग", "thiyog"):
        assert complaint.number in found(world.cm_office, typed)
    else:
        assert found(world.cm_office, typed) == [complaint.number]


WRITTEN = {
    "sadak": ["सड़क", "सडक", "sadak", "sarak", "Sadhak"],
    "kangra": ["काँगड़ा", "कांगडा", "Kangra", "kangda"],
    "garhwal": ["गढ़वाल", "गढवाल", "Garhwal", "gadhwal", "Garwal", "gadwal"],
    "nalagarh": ["नालागढ़", "Nalagarh", "nalagadh", "Nalagar"],
    "rohru": ["रोहड़ू", "Rohru", "rohdu", "Rohroo"],
    "jhadu": ["झाड़ू", "jhadu", "jharu", "jadu"],
    "sirmaur": ["सिरमौर", "Sirmaur", "Sirmour"],
    "chaudhary": ["Chaudhary", "Choudhary"],
    "tukda": ["टुकड़ा", "tukda", "tukra"],
    "padhai": ["पढ़ाई", "padhai", "parhai"],
    "pahad": ["पहाड़", "pahad", "pahaad", "pahar"],
    "jagah": ["जगह", "jagah", "jagaah"],
}


@pytest.mark.parametrize("spellings", WRITTEN.values(), ids=WRITTEN)
def test_a_word_of_which_there_are_several_spellings_is_found_however_both_wrote_it(world, spellings):
    kept = [world.register(text=f"mera {spelling} hai").number for spelling in spellings]
    take_all()
    for typed in spellings:
        assert found(world.nodal, typed) == kept[::-1], typed


@pytest.mark.parametrize(("typed", "other"), [("Mandi", "manri"), ("dana", "rana"), ("gaddi", "garri"), ("बाढ़", "बार"),
                                              ("bad", "barh")])  # fmt: skip
def test_an_r_is_no_d_where_that_sound_cannot_stand(world, typed, other):
    world.register(text=other)
    take_all()
    assert found(world.nodal, typed) == []


@pytest.mark.parametrize("typed", ["roads", "ROAD", "रोड", "broken roads", "handpump", "handpmup", "hand"])
def test_english_is_found_by_its_stem_its_beginning_and_with_a_typing_error(world, typed):
    complaint = world.register(text="The road is broken and the handpump is dry")
    take_all()
    assert found(world.cm_office, typed) == [complaint.number]


def test_many_mistyped_words_do_not_make_a_search_slow(world):
    complaint = world.register(text="The handpump near the temple is broken and dry")
    take_all()
    assert found(world.cm_office, "handpmup tempel broken") == [complaint.number]
    with CaptureQueriesContext(connection) as captured:
        assert found(world.cm_office, "handpmup tempel brokne zzyyx qqwwe xxcvb mmnnp ppolk") == []
    assert sum(" % " in query["sql"] for query in captured) <= 2


def test_all_words_must_stand_in_it_and_empty_ones_do_not_count(world, read):
    complaint = world.register(text="पानी नहीं आ रहा है")
    read()
    assert found(world.cm_office, "mera pani nahi hai") == [complaint.number]
    assert found(world.cm_office, "pani bijli") == []
    assert found(world.cm_office, "") == found(world.cm_office, "!&|():*'\\ <->") == []


def test_a_number_is_found_however_it_is_written(world):
    number = world.register().number
    spaced = f"{number[:2]} {number[2:6]} {number[6:10]} {number[10]}"
    devanagari = number.translate(str.maketrans("0123456789", "०१२३४५६७८९"))
    for typed in (number, spaced, f" {number[:6]}-{number[6:]} ", devanagari):
        assert found(world.nodal, typed) == [number]


def test_a_mistyped_digit_or_two_swapped_neighbours_lead_to_the_number(world):
    number = world.register().number
    wrong = [number[:n] + str((int(number[n]) + 1) % 10) + number[n + 1 :] for n in range(11)]
    swapped = [number[:n] + number[n + 1] + number[n] + number[n + 2 :] for n in range(10)]
    for typed in {*wrong, *swapped} - {number}:
        answer = search.find(world.nodal.officer, typed)
        assert answer.page.items == []
        assert [row.number for row in answer.near] == [number]
        assert search.find(world.roads_l1.officer, typed).near == []


def test_a_phone_is_found_whole_by_staff_alone(world):
    complaint = world.register(CitizenFactory(phone="+919816055555"))
    for typed in ("9816055555", "+91 98160 55555", "098160-55555", "९८१६०५५५५५"):
        assert found(world.nodal, typed) == found(world.agent, typed) == [complaint.number]
    assert found(world.nodal, "981605555") == found(world.roads_l1, "9816055555") == []
    assert found(world.citizen, "9816055555") == found(world.client, "9816055555") == []


def test_an_agent_finds_any_by_number_or_phone_and_by_words_their_own(world, read):
    theirs = world.register(text="पानी नहीं")
    mine, _new = workflow.register(
        citizen=world.stranger, actor=workflow.access.Actor(world.agent.officer, "agent", world.agent, "phone"),
        key="mine", category=world.no_water, area=world.panchayat, text="पानी नहीं",
    )  # fmt: skip
    read()
    assert found(world.agent, "pani") == [mine.number]
    assert found(world.agent, theirs.number) == found(world.agent, str(theirs.citizen.phone)) == [theirs.number]


def test_everyone_finds_by_words_just_what_they_see(world, read):
    water = world.register(text="khamba tuta")
    road = world.register(world.stranger, category=world.pothole, text="khamba tuta")
    read()
    both = [road.number, water.number]
    assert found(world.cm_office, "खंभा") == found(world.commissioner, "खंभा") == found(world.triage, "खंभा") == both
    assert found(world.nodal, "khamba") == found(world.l4, "khamba") == found(world.l1, "khamba") == [water.number]
    assert found(world.roads_l2, "khamba") == found(world.stranger, "khamba") == [road.number]
    assert found(world.citizen, "khamba") == [water.number]
    assert found(world.client, "khamba") == []


def test_a_confidential_complaint_is_found_by_its_line_alone_and_counted_nowhere(world, read):
    category = CategoryFactory(department=world.water, confidential=True, line="181")
    counsellor = world.desk(Role.NODAL, department=world.water)
    counsellor.post.line = "181"
    counsellor.post.save()
    complaint = world.register(category=category, text="secretword at home")
    read()
    others = (world.l1, world.l4, world.nodal, world.cm_office, world.triage, world.commissioner, world.agent)
    for typed in ("secretword", "secret", complaint.number, str(complaint.citizen.phone), "Theog"):
        for posting in others:
            answer = search.find(posting.officer, typed)
            assert (answer.page.items, answer.page.next, answer.near) == ([], "", [])
    assert found(counsellor, "secretword") == found(counsellor, complaint.number) == [complaint.number]


def test_what_moved_to_another_department_is_found_there(world):
    complaint = world.register(text="khamba tuta")
    workflow.route_registered()
    take_all()
    workflow.change(complaint, "transfer", user=world.l1.officer, department="pwd", category="pothole",
                    reason="wrong_department", text="A road matter")  # fmt: skip
    take_all()
    assert found(world.roads_l2, "khamba") == [complaint.number]
    assert found(world.nodal, "khamba") == []


def test_pages_follow_each_other_without_gap_or_double(world, monkeypatch):
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    numbers = [world.register(text=f"khamba {n}").number for n in range(5)]
    take_all()
    numbers += [world.register(text=f"khamba {n}").number for n in range(2)]
    seen, cursor = [], ""
    while True:
        page = search.find(world.nodal.officer, "khamba", cursor).page
        seen += [row.number for row in page.items]
        if not page.next:
            break
        cursor = page.next
    assert seen == numbers[::-1]
    for bad in ("x", "9" * 500):
        with pytest.raises(search.BadCursor):
            search.find(world.nodal.officer, "khamba", bad)


def test_the_index_built_anew_says_the_same(world):
    complaint = world.register(text="khamba tuta")
    assert list(search_index.rebuild(batch=1)) == [1]
    before = SearchEntry.objects.get().words
    take_all()
    assert SearchEntry.objects.get().words == before
    assert found(world.nodal, "khamba") == [complaint.number]


def test_what_moves_while_the_index_is_built_anew_is_found_where_it_went(world, monkeypatch):
    complaint = world.register(text="khamba tuta")
    workflow.route_registered()
    take_all()
    described = search_index._described

    def moves_meanwhile(rows):
        monkeypatch.setattr(search_index, "_described", described)
        workflow.change(complaint, "transfer", user=world.l1.officer, department="pwd", category="pothole",
                        reason="wrong_department", text="A road matter")  # fmt: skip
        take_all()
        return described(rows)

    monkeypatch.setattr(search_index, "_described", moves_meanwhile)
    assert list(search_index.rebuild()) == [1]
    assert found(world.roads_l2, "khamba") == [complaint.number]
    assert found(world.nodal, "khamba") == []


def test_one_not_read_yet_stands_where_its_number_puts_it_among_those_that_are(world, monkeypatch):
    """Who registers first is not always read first."""
    monkeypatch.setattr(search, "PAGE_SIZE", 2)
    numbers = [world.register(text=f"khamba {n}").number for n in range(5)]
    search_index.take([event for event in Event.objects.all() if event.complaint.number != numbers[2]])
    first = search.find(world.nodal.officer, "khamba").page
    second = search.find(world.nodal.officer, "khamba", first.next).page
    assert [row.number for row in (*first.items, *second.items)] == numbers[:0:-1]
