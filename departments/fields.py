"""A category's extra questions: their definition, and checking of the answers. The only such mechanism.

A question is a dict: `key`, `label_en`, `label_hi`, `kind` (text, digits, number, date, time, choice),
`required`, `help_en`, `help_hi`, `max_length`, `pattern` (a regular expression the whole answer must
match) and `choices` (`value`, `label_en`, `label_hi`). Answers are a dict of key to string.
"""

import datetime
import json
import re

from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from .bilingual import in_language

KINDS = ("text", "digits", "number", "date", "time", "choice")
LONGEST_ANSWER = 200


def validate_definitions(definitions) -> None:
    """Raises ValidationError where an administrator's questions could not be asked."""
    if not isinstance(definitions, list):
        raise ValidationError(gettext_lazy("The questions must be a list."))
    if "\\u0000" in json.dumps(definitions):
        raise ValidationError(gettext_lazy("The questions contain a character that cannot be saved."))
    keys = set()
    for definition in definitions:
        if not isinstance(definition, dict) or not re.fullmatch(
            r"[a-z][a-z0-9_]{0,39}", str(definition.get("key", ""))
        ):
            raise ValidationError(gettext_lazy("Each question needs a key of small letters, digits and underscores."))
        key = definition["key"]
        if key in keys:
            raise ValidationError(gettext_lazy("Two questions have the key “%(key)s”."), params={"key": key})
        keys.add(key)
        _validate_definition(key, definition)


def _validate_definition(key: str, definition: dict) -> None:
    if definition.get("kind") not in KINDS:
        raise ValidationError(
            gettext_lazy("Question “%(key)s”: the kind must be one of %(kinds)s."),
            params={"key": key, "kinds": ", ".join(KINDS)},
        )
    if not all(isinstance(definition.get(name), str) and definition[name] for name in ("label_en", "label_hi")):
        raise ValidationError(gettext_lazy("Question “%(key)s” needs a label in both languages."), params={"key": key})
    if definition["kind"] == "choice" and not _are_choices(definition.get("choices")):
        raise ValidationError(
            gettext_lazy("Question “%(key)s” needs its choices, each with a value and a label in both languages."),
            params={"key": key},
        )
    if not isinstance(definition.get("max_length") or 1, int) or (definition.get("max_length") or 1) < 1:
        raise ValidationError(gettext_lazy("Question “%(key)s”: the length must be a number."), params={"key": key})
    try:
        re.compile(definition.get("pattern") or "")
    except (re.error, TypeError, OverflowError, RecursionError) as error:
        raise ValidationError(
            gettext_lazy("Question “%(key)s”: the pattern is not a regular expression."), params={"key": key}
        ) from error


def _are_choices(choices) -> bool:
    parts = ("value", "label_en", "label_hi")
    return (
        bool(choices)
        and isinstance(choices, list)
        and all(
            isinstance(choice, dict) and all(isinstance(choice.get(part), str) and choice[part] for part in parts)
            for choice in choices
        )
    )


def label(definition: dict, language: str | None = None) -> str:
    """The question in the reader's language."""
    return in_language(definition["label_en"], definition.get("label_hi", ""), language)


def check_answers(definitions: list[dict], answers) -> tuple[dict[str, str], dict[str, str]]:
    """The cleaned answers, and a message per question that was answered wrongly or not at all.

    Answers to questions that are not asked are an error too: silence would lose what was typed.
    """
    if answers is None:
        answers = {}
    if not isinstance(answers, dict):
        return {}, {"fields": _("Send the answers as an object of key and answer.")}
    known = {definition["key"] for definition in definitions}
    errors = {str(key)[:40]: _("There is no such question here.") for key in answers if key not in known}
    cleaned = {}
    for definition in definitions:
        value = answers.get(definition["key"])
        text = "" if value is None else str(value).replace("\x00", "").strip()
        is_plain = value is None or isinstance(value, str | int | float)
        problem = _problem(definition, text) if is_plain else _("This does not look right. Please check it.")
        if problem:
            errors[definition["key"]] = problem
        elif text:
            cleaned[definition["key"]] = text
    return cleaned, errors


def _problem(definition: dict, text: str) -> str:
    if not text:
        return _("Answer this question.") if definition.get("required") else ""
    if len(text) > (definition.get("max_length") or LONGEST_ANSWER):
        return _("Write a shorter answer.")
    check = {
        "digits": lambda: text.isascii() and text.isdigit(),
        "number": lambda: re.fullmatch(r"-?\d+([.]\d+)?", text) is not None,
        "date": lambda: _parses(datetime.date.fromisoformat, text),
        "time": lambda: _parses(datetime.time.fromisoformat, text),
        "choice": lambda: text in {choice["value"] for choice in definition["choices"]},
    }.get(definition["kind"], lambda: True)
    if not check():
        return {
            "digits": _("Write digits only."),
            "number": _("Write a number."),
            "date": _("Write a date as year-month-day, for example 2026-11-23."),
            "time": _("Write a time as hours:minutes, for example 14:30."),
            "choice": _("Choose one of the answers."),
        }[definition["kind"]]
    if definition.get("pattern") and not re.fullmatch(definition["pattern"], text, re.IGNORECASE):
        help_text = in_language(definition.get("help_en", ""), definition.get("help_hi", ""))
        return help_text or _("This does not look right. Please check it.")
    return ""


def _parses(parse, text: str) -> bool:
    try:
        parse(text)
    except ValueError:
        return False
    return True


def answered(
    definitions: list[dict], answers: dict, language: str | None = None, *, show_date=str
) -> list[tuple[str, str]]:
    """Question and answer in words, in the order asked, for pages and messages; `show_date` writes a date."""
    rows = []
    for definition in definitions:
        value = answers.get(definition["key"])
        if value:
            chosen = next((c for c in definition.get("choices") or [] if c["value"] == value), None)
            shown = in_language(chosen["label_en"], chosen.get("label_hi", ""), language) if chosen else value
            if definition["kind"] == "date" and _parses(datetime.date.fromisoformat, value):
                shown = show_date(datetime.date.fromisoformat(value))
            rows.append((label(definition, language), shown))
    return rows
