"""The search's page: for officers and agents, in both languages, whatever is typed."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse

from grievance.excerpt import excerpt
from tests.desk.conftest import Desk

pytestmark = pytest.mark.django_db


def page(posting, **query):
    return Desk(posting).client.get(reverse("desk_search"), query)


def test_a_whole_number_leads_to_its_complaint_and_a_mistyped_one_offers_it(world):
    number = world.register().number
    swapped = next(
        other for n in range(10) if (other := number[:n] + number[n + 1] + number[n] + number[n + 2 :]) != number
    )
    assert page(world.nodal, q=number).url == reverse("desk_complaint", args=[number])
    offered = page(world.nodal, q=swapped).content.decode()
    assert "Did you mean" in offered
    assert reverse("desk_complaint", args=[number]) in offered
    assert "Did you mean" not in page(world.roads_l1, q=swapped).content.decode()
    assert "no complaint with this number" in page(world.roads_l1, q=number).content.decode()


def test_the_excerpt_marks_the_words_and_escapes_what_people_wrote(world):
    world.register(text="<script>alert(1)</script> पानी नहीं <b>आ रहा</b>")
    shown = page(world.nodal, q="pani").content.decode()
    assert "<mark>पानी</mark>" in shown
    assert "<script>alert" not in shown
    assert "&lt;b&gt;" in shown


def test_an_excerpt_is_cut_around_the_first_word_found():
    pieces = excerpt("long before " * 40 + "the handpump is dry " + "long after " * 40, ("handpump",))
    text = "".join(piece for piece, _meant in pieces)
    assert ("handpump", True) in pieces
    assert text.startswith("… ")
    assert text.endswith(" …")
    assert len(text) < 200
    assert excerpt("x" * 500, ("y",))[0][0].startswith("xxx")


def test_an_excerpt_marks_a_word_written_with_the_other_letter():
    for text, typed in (("सड़क टूटी है", "sarak"), ("sadak tooti hai", "sarak"), ("sarak tooti hai", "सडक")):
        assert excerpt(text, (typed,))[0][1], (text, typed)


def test_an_agent_searches_instead_of_an_inbox(world):
    complaint = world.register()
    assert Desk(world.agent).inbox().url == reverse("desk_search")
    assert "Look up a complaint" in page(world.agent).content.decode()
    assert complaint.number in page(world.agent, q=str(complaint.citizen.phone)).content.decode()
    assert "Nothing was found" in page(world.agent, q="water").content.decode()


HOSTILE = ["-1", "9" * 400, "x" * 5000, "'; --", "%", "[]", "\\", "🙂", "&|!<->:*", "@d1", "~pni", "ः", "the"]


@pytest.mark.parametrize("value", HOSTILE)
def test_whatever_is_typed_gets_a_page(world, value):
    world.register(text="पानी नहीं")
    for posting in (world.l1, world.cm_office, world.agent):
        assert page(posting, q=value, cursor=value).status_code == 200


def test_a_page_of_results_takes_as_many_queries_as_one_result(world):
    def queries():
        desk = Desk(world.nodal)
        with CaptureQueriesContext(connection) as captured:
            desk.client.get(reverse("desk_search"), {"q": "khamba"})
        return len(captured)

    world.register(text="khamba tuta")
    queries()
    one = queries()
    for _n in range(5):
        world.register(text="khamba tuta")
    # One of them keeps the form's guard against forgery in the new session: what was found can be had as a file.
    assert queries() == one <= 21
