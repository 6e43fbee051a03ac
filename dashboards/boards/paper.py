"""A board on paper: the same parts as on the page, as plain words and numbers for `dashboards.documents`."""

import json

from django.conf import settings
from django.utils.translation import gettext as _

from dashboards.as_of import said
from dashboards.documents.typesetting import typeset

from .asking import BoardForm
from .parts import NOTHING, Board, Card, Number, Row, Section

LANGUAGES = ("hi", "en")


def pdf(board: Board, form: BoardForm, as_of, language: str) -> bytes:
    """The board as a PDF in a language, which is also the active one. `form` holds its filters, `as_of` is the time
    of its figures. Raises `typesetting.NotTypeset`."""
    words = content(board, form, as_of, language)
    return typeset("board.typ", {"board": json.dumps(words, ensure_ascii=False, default=str)})


def content(board: Board, form: BoardForm, as_of, language: str) -> dict:
    """What stands on the paper: words and numbers as they are read, and nothing that leads anywhere."""
    period = form.period
    sentences = [_("Period: %(period)s.") % {"period": period}]
    if before := period.before():
        sentences.append(_("Days before: %(before)s.") % {"before": before})
    return {
        "language": language,
        "state": settings.STATE_NAME[language],
        "title": board.title,
        "about": board.about,
        "as_of": said(as_of),
        "period": " ".join(sentences),
        "filters": form.chosen,
        "notes": board.notes,
        "cards": [_card(card) for card in board.cards],
        "sections": [_section(section) for section in board.in_order],
        "means_title": _("What these figures mean"),
        "means": _means(board),
    }


def _card(card: Card) -> dict:
    now = ""
    if card.now and card.now.text != NOTHING:
        now = _("%(count)s today") % {"count": card.now.text}
    share = _("%(share)s of registered") % {"share": card.share} if card.share else ""
    return {"text": card.number.text, "label": card.figure.label, "share": share, "now": now, "kind": card.kind}


def _section(section: Section) -> dict:
    return {
        "title": section.title,
        "first": section.first,
        "columns": [{"label": column.label, "words": column.words} for column in section.columns],
        "rows": [_row(row) for row in section.rows],
        "note": " ".join(section.notes),
        "empty": section.empty,
        "chart": _chart(section),
    }


def _row(row: Row) -> dict:
    return {"label": row.label, "mark": row.mark, "bar": row.bar, "numbers": [_number(each) for each in row.numbers]}


def _number(number: Number) -> dict:
    return {"text": number.text, "note": number.note, "good": number.good}


def _chart(section: Section) -> dict | None:
    # One bar alone says nothing that its number does not.
    if not section.chart or len(section.rows) < 2:
        return None
    drawn = section.chart_data
    return {
        "labels": drawn["labels"],
        "names": [series["label"] for series in drawn["series"]],
        "series": [series["values"] for series in drawn["series"]],
    }


def _means(board: Board) -> list[dict]:
    """Each figure of the board once, with its definition."""
    shown = [card.figure for card in board.cards]
    shown += [figure for section in board.sections if section.rows for figure in section.figures]
    return [
        {"label": figure.label, "definition": figure.definition, "formula": figure.formula}
        for figure in dict.fromkeys(shown)
    ]
