"""A board as a PDF: the same figures and rights as the page, in the language asked for, and data that stays data."""

import re
import zlib

import pytest

from dashboards.boards import paper
from dashboards.documents import typesetting
from departments.models import CategoryGroup

pytestmark = pytest.mark.django_db

STATE = "/boards/"


def text_objects(pdf: bytes) -> bytes:
    """What a PDF holds, its packed streams unpacked."""
    found = [pdf]
    for stream in re.findall(rb"stream\r?\n(.*?)\r?\nendstream", pdf, re.DOTALL):
        try:
            found.append(zlib.decompress(stream))
        except zlib.error:
            continue
    return b"\n".join(found)


@pytest.mark.parametrize("language", ["hi", "en"])
def test_a_board_is_a_pdf_in_the_language_asked_for(month, boards_of, language):
    answer = boards_of(month.cm_office, "en" if language == "hi" else "hi").get(STATE, pdf=language)

    assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF-")
    held = text_objects(answer.content)
    assert b"/Lang(%s" % language.encode() in held
    assert b"NotoSans" in held
    assert (b"NotoSansDevanagari" in held) or language == "en"
    assert "no-store" in answer["Cache-Control"]


@pytest.fixture
def on_paper(monkeypatch):
    """What was given to the typesetter, instead of its PDF."""
    given = []
    monkeypatch.setattr(paper, "content", lambda *args, made=paper.content: given.append(made(*args)) or given[-1])
    return given


def test_the_paper_says_what_the_page_says(month, boards_of, on_paper):
    boards = boards_of(month.cm_office)
    board = boards.board(STATE, level="1", period="90d")
    assert boards.get(STATE, level="1", period="90d", pdf="en").status_code == 200
    words = on_paper[0]

    assert [card["text"] for card in words["cards"]] == [card.number.text for card in board.cards]
    assert [section["title"] for section in words["sections"]] == [section.title for section in board.in_order]
    for written, section in zip(words["sections"], board.in_order, strict=True):
        assert [[number["text"] for number in row["numbers"]] for row in written["rows"]] == [
            [number.text for number in row.numbers] for row in section.rows
        ]
    assert words["filters"] == ["Level: L1"]
    named = {figure["label"] for figure in words["means"]}
    assert {card.figure.label for card in board.cards} <= named
    assert all(figure["definition"] for figure in words["means"])


def test_the_chosen_filters_are_in_the_language_of_the_paper_too(month, boards_of, on_paper):
    boards = boards_of(month.cm_office, "en")
    taps = CategoryGroup.objects.create(code="taps", department=month.water, name_en="Taps", name_hi="नल")
    month.no_water.group = taps
    month.no_water.save()
    chosen = {"department": month.water.code, "district": month.district.code, "category": "group:taps"}

    assert boards.get(STATE, pdf="hi", **chosen).status_code == 200

    words = " ".join(on_paper[0]["filters"])
    assert [name for name in (month.water.name_en, month.district.name_en, "Taps") if name in words] == []
    assert month.water.name_hi in words
    assert "नल" in words


def test_who_may_not_see_the_board_gets_no_pdf(month, boards_of):
    for who in (None, month.citizen, month.l1, month.roads_nodal):
        assert boards_of(who).get(STATE, pdf="en").status_code == 404
    assert boards_of(month.roads_nodal).get(f"/boards/departments/{month.water.code}/", pdf="en").status_code == 404


def test_every_board_goes_onto_paper(month, boards_of, on_paper):
    boards = boards_of(month.cm_office)
    addresses = [STATE, "/boards/departments/", "/boards/districts/", "/boards/desk/",
                 f"/boards/departments/{month.water.code}/", f"/boards/categories/{month.pothole.code}/",
                 f"/boards/officers/{month.l1.pk}/"]  # fmt: skip
    for address in addresses:
        answer = boards.get(address, pdf="hi")
        assert (answer.status_code, answer["Content-Type"]) == (200, "application/pdf"), address


def test_what_people_named_is_never_markup(month, boards_of, on_paper):
    hostile = '#panic("x") *b* $1/0$ [#read("/etc/passwd")] \\ <a> `r` "'
    month.water.name_en = hostile
    month.water.save()

    answer = boards_of(month.cm_office).get(f"/boards/departments/{month.water.code}/", pdf="en")

    assert answer.content.startswith(b"%PDF-")
    assert on_paper[0]["title"] == hostile


def test_impossible_filters_give_the_page_that_says_so(month, boards_of):
    answer = boards_of(month.cm_office).get(STATE, **{"from": "2026-06-20", "to": "2026-06-01", "pdf": "en"})
    assert answer.status_code == 400
    assert boards_of(month.cm_office).get(STATE, pdf="xx").context["board"]


def test_a_document_that_cannot_be_made_in_time_leads_back_to_the_page(month, boards_of, monkeypatch):
    monkeypatch.setattr(typesetting, "LONGEST_SECONDS", 0.001)
    answer = boards_of(month.cm_office).get(STATE, pdf="en", period="7d")
    assert (answer.status_code, answer["Location"]) == (302, "/boards/?period=7d")


def test_the_page_offers_both_languages_and_keeps_the_filters(month, boards_of):
    page = boards_of(month.cm_office).get(STATE, period="7d").content.decode()
    for language in paper.LANGUAGES:
        assert f'href="?period=7d&amp;pdf={language}"' in page
