"""One form for each action of the workflow's table, made of the fields that its row needs and takes.

A form parses and keeps what was typed. What is allowed and what must be filled in, the workflow decides.
"""

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from departments.models import Category, Department, Posting, Reason
from grievance import access, numbers
from grievance.filters import LONGEST_SEARCH, places_named
from grievance.models import Complaint
from grievance.table import TABLE
from grievance.workflow import LONGEST_TEXT, MOST_FILES

from . import choices

# The table's actions that staff have a page for; the rest are the citizen's, the system's or a button of their own.
ACTIONS = (
    "accept", "ask", "update", "resolve", "note", "reassign", "transfer", "merge", "propose_reject", "approve_reject",
    "propose_special_close", "approve_special_close", "decline", "satisfied", "not_satisfied",
)  # fmt: skip
# Buttons that fill in or look up and send nothing off.
REFILLS = ("find", "use_reply")
MOST_CHARACTERS = LONGEST_TEXT * 2

# What the text of an action is for: its label and its hint.
TEXTS = {
    "update": (gettext_lazy("What do you tell the citizen?"), gettext_lazy("The citizen gets this as a message.")),
    "note": (gettext_lazy("Internal note"), gettext_lazy("Only staff see this.")),
    "ask": (
        gettext_lazy("What do you ask?"),
        gettext_lazy("The clock stands still until the citizen answers, at most 7 days."),
    ),
    "resolve": (
        gettext_lazy("What was done?"),
        gettext_lazy("The action-taken report. The citizen reads it and judges whether the matter is settled."),
    ),
    "propose_reject": (
        gettext_lazy("Why should it be rejected?"),
        gettext_lazy("Another person decides. If they approve, the citizen reads this."),
    ),
    "propose_special_close": (
        gettext_lazy("The reasoned order"),
        gettext_lazy("The Chief Minister's office decides. If it approves, the citizen reads this and may object."),
    ),
    "not_satisfied": (gettext_lazy("What is not settled?"), gettext_lazy("In the citizen's words.")),
}
REMARK = (gettext_lazy("Remark"), "")


class FilesInput(forms.FileInput):
    allow_multiple_selected = True


class FilesField(forms.FileField):
    """Any number of files; what they are is checked where they are stored."""

    widget = FilesInput

    def clean(self, data, initial=None):
        uploads = data if isinstance(data, (list, tuple)) else [data] if data else []
        if len(uploads) > MOST_FILES:
            raise ValidationError(_("Add at most %(count)s files.") % {"count": MOST_FILES})
        return [super(FilesField, self).clean(upload) for upload in uploads]


class ActionForm(forms.Form):
    """What is filled in for one action on one complaint. `version` is the event count of the page seen."""

    version = forms.IntegerField(widget=forms.HiddenInput, min_value=0, max_value=2**31 - 1)

    def __init__(self, action: str, complaint: Complaint, user, data=None, files=None, initial=None):
        self.action, self.complaint, self.user = action, complaint, user
        initial = {"version": complaint.event_count} | (initial or {})
        super().__init__(data, files, initial=initial)
        rule = TABLE[action]
        typed = data if data is not None else initial
        for name in (*rule.needs, *rule.takes):
            if name == "files" or name in MAKERS:
                self.fields[name] = MAKERS[name](self, typed)
                self.fields[name].required = name in rule.needs or (name == "files" and self.needs_proof())

    @property
    def rule(self):
        return TABLE[self.action]

    def needs_proof(self) -> bool:
        """Whether the report is refused without a file (which may have come with an earlier try)."""
        return self.action == "resolve" and self.complaint.category.needs_proof

    def clean_into(self):
        """The surviving complaint, if the user may see it."""
        try:
            return access.find(self.user, numbers.clean(self.cleaned_data["into"]))
        except numbers.Mistyped:
            raise ValidationError(_("This number is mistyped. Please check its digits.")) from None
        except Complaint.DoesNotExist:
            raise ValidationError(_("There is no complaint with this number.")) from None

    def clean_area(self):
        """The one place meant, if any."""
        typed = self.cleaned_data["area"]
        if not typed:
            return None
        places = places_named(typed)
        if not places:
            raise ValidationError(_("There is no place with this name."))
        if len(places) > 1:
            listed = ", ".join(f"{place.name}: {place.code}" for place in places[:6])
            raise ValidationError(_("Several places have this name. Write the code of the one you mean: %(places)s") % {
                "places": listed
            })  # fmt: skip
        return places[0]

    def clean_rating(self):
        return int(self.cleaned_data["rating"] or 0) or None

    def action_data(self) -> dict:
        """What the workflow takes, without the files, which are stored first."""
        names = (*self.rule.needs, *self.rule.takes)
        return {name: self.cleaned_data.get(name) for name in names if name in self.fields and name != "files"}


def _text(form: ActionForm, typed) -> forms.Field:
    label, hint = TEXTS.get(form.action, REMARK)
    # Longer texts are refused by the workflow, with a message; this bound only keeps out what nobody types.
    return forms.CharField(
        label=label, help_text=hint, max_length=MOST_CHARACTERS, widget=forms.Textarea(attrs={"rows": 8}),
        error_messages={"required": _("Fill this in.")},
    )  # fmt: skip


def _files(form: ActionForm, typed) -> forms.Field:
    if form.needs_proof():
        hint = _("A photo or document is needed here: up to 5 photos, PDF or audio files, 10 MB each.")
        return FilesField(label=_("Proof"), help_text=hint)
    return FilesField(label=_("Files"), help_text=_("Up to 5 photos, PDF or audio files, 10 MB each."))


def _assignee(form: ActionForm, typed) -> forms.Field:
    query = str(typed.get("colleague") or "")[:100]
    form.colleagues = choices.colleagues(form.complaint, query)
    form.fields["colleague"] = forms.CharField(
        label=_("Search by name, post or place"), max_length=100, required=False, initial=query
    )
    return forms.ModelChoiceField(
        Posting.objects.current(), label=_("Officer"), widget=forms.RadioSelect, empty_label=None,
        error_messages={"required": _("Choose an officer."), "invalid_choice": _("Choose an officer of the list.")},
    )  # fmt: skip


def _department(form: ActionForm, typed) -> forms.Field:
    query = str(typed.get("department_query") or "")[:100]
    form.departments = choices.departments_named(query)
    form.fields["department_query"] = forms.CharField(
        label=_("Search for the department"), max_length=100, required=False, initial=query,
        help_text=_("Part of its name in Hindi or English, for example Jal or बिजली"),
    )  # fmt: skip
    return forms.ModelChoiceField(
        Department.objects.filter(is_active=True), to_field_name="code", label=_("Department"),
        error_messages={"required": _("Choose a department."), "invalid_choice": _("Choose a department of the list.")},
    )  # fmt: skip


def _category(form: ActionForm, typed) -> forms.Field:
    chosen = str(typed.get("department") or "")[:80]
    department = Department.objects.filter(code=chosen, is_active=True).first() if chosen else None
    form.chosen_department = department
    offered = choices.categories_of(department, form.complaint) if department else Category.objects.none()
    return forms.ModelChoiceField(
        offered, to_field_name="code", label=_("What it is about there"), empty_label=_("As it is now"),
        help_text=_("You may leave this as it is."),
    )  # fmt: skip


def _reason(form: ActionForm, typed) -> forms.Field:
    kind = Reason.Kind.TRANSFER if form.action == "transfer" else Reason.Kind.REJECT
    return forms.ModelChoiceField(
        choices.reasons(kind), to_field_name="code", label=_("Reason"), widget=forms.RadioSelect, empty_label=None,
        error_messages={"required": _("Choose a reason.")},
    )  # fmt: skip


def _area(form: ActionForm, typed) -> forms.Field:
    return forms.CharField(
        label=_("Place, if it is wrong"), help_text=_("Name or code; leave it empty if the place is right."),
        max_length=LONGEST_SEARCH,
    )  # fmt: skip


def _into(form: ActionForm, typed) -> forms.Field:
    form.alike = choices.alike(form.user, form.complaint)
    return forms.CharField(
        label=_("Number of the complaint that goes on"), max_length=40,
        help_text=_("This one is closed; its citizen follows that one and gets its news."),
        error_messages={"required": _("Write a number or choose one of the list.")},
    )  # fmt: skip


def _rating(form: ActionForm, typed) -> forms.Field:
    marks = [(str(mark), str(mark)) for mark in (1, 2, 3, 4, 5)]
    return forms.ChoiceField(
        choices=marks, label=_("Rating, 5 is best"), widget=forms.RadioSelect,
        error_messages={"required": _("Choose 1 to 5.")},
    )  # fmt: skip


MAKERS = {
    "text": _text,
    "files": _files,
    "assignee": _assignee,
    "department": _department,
    "category": _category,
    "reason": _reason,
    "area": _area,
    "into": _into,
    "rating": _rating,
}
