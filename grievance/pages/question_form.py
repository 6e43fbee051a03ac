"""A form made from a category's extra questions; `departments.fields` alone says what is right."""

from django import forms
from django.utils.translation import gettext_lazy as _

from departments import fields
from departments.bilingual import in_language

PREFIX = "field-"


def _form_field(definition: dict) -> forms.Field:
    kind = definition["kind"]
    options = {
        "label": fields.label(definition),
        "help_text": in_language(definition.get("help_en") or "", definition.get("help_hi") or ""),
        "required": bool(definition.get("required")),
    }
    attributes = {"maxlength": definition.get("max_length") or fields.LONGEST_ANSWER, "autocomplete": "off"}
    if kind == "choice":
        choices = [(c["value"], in_language(c["label_en"], c.get("label_hi", ""))) for c in definition["choices"]]
        return forms.CharField(widget=forms.Select(choices=[("", _("Choose")), *choices]), **options)
    if kind in ("date", "time"):
        return forms.CharField(widget=forms.TextInput(attrs={"type": kind}), **options)
    if kind in ("digits", "number"):
        attributes["inputmode"] = "numeric" if kind == "digits" else "decimal"
    return forms.CharField(widget=forms.TextInput(attrs=attributes), **options)


def add_questions(form: forms.Form, category, answers: dict) -> None:
    """Adds the category's questions to a form, with what was answered before."""
    for definition in category.fields:
        field = _form_field(definition)
        field.required = False  # checked with the words of `departments.fields`
        form.fields[PREFIX + definition["key"]] = field
        form.initial.setdefault(PREFIX + definition["key"], answers.get(definition["key"], ""))


def clean_questions(form: forms.Form, category) -> dict:
    """The answers given, with every mistake put beside its question."""
    given = {d["key"]: form.cleaned_data.get(PREFIX + d["key"], "") for d in category.fields}
    answers, errors = fields.check_answers(category.fields, given)
    for key, message in errors.items():
        form.add_error(PREFIX + key, message)
    return answers
