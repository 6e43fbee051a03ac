"""What citizens type."""

from django import forms
from django.utils.translation import gettext_lazy as _

from grievance import files, numbers
from grievance.models import Kind
from grievance.workflow import LONGEST_TEXT, MOST_FILES

from .own_words import AGAINST_ORDER, TEXT_LABELS
from .question_form import add_questions, clean_questions

RATINGS = [
    ("5", _("5 – very good")),
    ("4", _("4 – good")),
    ("3", _("3 – fair")),
    ("2", _("2 – poor")),
    ("1", _("1 – bad")),
]


class ManyFilesInput(forms.FileInput):
    allow_multiple_selected = True


class ManyFilesField(forms.FileField):
    """Several files at once; each is checked when it is stored."""

    def __init__(self, **options):
        widget = ManyFilesInput(attrs={"accept": files.ACCEPT, "multiple": True})
        super().__init__(
            label=_("Photos, PDF or voice note"),
            help_text=_("Up to 5 files of 10 MB each. The place where a photo was taken is removed from it."),
            required=False,
            widget=widget,
            **options,
        )

    def clean(self, data, initial=None):
        return [super(ManyFilesField, self).clean(one, initial) for one in data or []]


class TextField(forms.CharField):
    """Words of a citizen or officer, without signs the database cannot hold."""

    def __init__(self, **options):
        options.setdefault("max_length", LONGEST_TEXT)
        rows = options.pop("rows", 6)
        super().__init__(widget=forms.Textarea(attrs={"rows": rows}), **options)

    def to_python(self, value):
        return super().to_python(value)


class DetailsForm(forms.Form):
    """What happened, with the category's own questions."""

    text = TextField(label=_("What happened?"),
                     help_text=_("Write as you speak. Since when, and how many are affected?"),
                     error_messages={"required": _("Write what happened.")})  # fmt: skip
    kind = forms.ChoiceField(
        label=_("What kind of message is it?"), choices=Kind.choices, widget=forms.RadioSelect, initial=Kind.COMPLAINT
    )
    about_post = forms.ChoiceField(label=_("Which officer is it about?"), required=False, widget=forms.RadioSelect)
    files = ManyFilesField()

    def __init__(self, *args, category, posts=(), answers=None, already=0, **kwargs):
        super().__init__(*args, **kwargs)
        self.category, self.already, self.answers = category, already, {}
        if category.about_officer:
            self.fields["about_post"].choices = [("", _("I do not know")), *((post.code, post.title) for post in posts)]
        else:
            del self.fields["about_post"]
        add_questions(self, category, answers or {})
        for name in ("kind", "files"):
            self.fields[name] = self.fields.pop(name)

    def clean(self):
        cleaned = super().clean()
        self.answers = clean_questions(self, self.category)
        if len(cleaned.get("files") or []) + self.already > MOST_FILES:
            self.add_error("files", _("Add at most %(count)s files.") % {"count": MOST_FILES})
        return cleaned


class ActionForm(forms.Form):
    """One action of the citizen on their complaint."""

    text = TextField(label=_("Your words"), rows=4, error_messages={"required": _("Write a few words.")})
    files = ManyFilesField()

    def __init__(self, *args, rule, order=None, **kwargs):
        super().__init__(*args, **kwargs)
        self.fields["text"].required = "text" in rule.needs
        label = AGAINST_ORDER if order and rule.name == "reopen" else TEXT_LABELS.get(rule.name)
        self.fields["text"].label = label or self.fields["text"].label
        if "files" not in rule.takes:
            del self.fields["files"]
        if "text" not in (*rule.needs, *rule.takes):
            del self.fields["text"]
        if "rating" in rule.needs:
            self.fields["rating"] = forms.TypedChoiceField(
                label=_("How good was the work?"), choices=RATINGS, coerce=int, widget=forms.RadioSelect,
                error_messages={"required": _("Choose 1 to 5.")},
            )  # fmt: skip
            self.order_fields(["rating", "text"])


class NumberForm(forms.Form):
    number = forms.CharField(
        label=_("Complaint number"),
        help_text=_("11 digits, for example 26 0000 0482 7"),
        max_length=30,
        widget=forms.TextInput(attrs={"inputmode": "numeric", "autocomplete": "off"}),
        error_messages={"required": _("Write the complaint number.")},
    )

    def clean_number(self):
        try:
            return numbers.clean(self.cleaned_data["number"])
        except numbers.Mistyped:
            raise forms.ValidationError(
                _("A digit is wrong or missing. Please compare it with your message.")
            ) from None
