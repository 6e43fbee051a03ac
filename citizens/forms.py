"""What citizens type to sign in."""

from django import forms
from django.utils.translation import gettext_lazy as _
from phonenumber_field.formfields import PhoneNumberField

from .phones import check_of_this_country

DEVANAGARI = str.maketrans("०१२३४५६७८९", "0123456789")


class PhoneForm(forms.Form):
    phone = PhoneNumberField(
        label=_("Mobile number"),
        help_text=_("We send you a code of 6 digits. It costs nothing."),
        region="IN",
        validators=[check_of_this_country],
        widget=forms.TextInput(attrs={"type": "tel", "inputmode": "tel", "autocomplete": "tel", "maxlength": 20}),
        error_messages={
            "required": _("Write your mobile number."),
            "invalid": _("Write a mobile number of 10 digits, for example 98160 12345."),
        },
    )


class DigitsField(forms.RegexField):
    """Digits, also as a Hindi keyboard writes them."""

    def to_python(self, value):
        return super().to_python(value).translate(DEVANAGARI)


class CodeForm(forms.Form):
    code = DigitsField(
        r"^\s*[0-9]{3}\s?[0-9]{3}\s*$",
        label=_("Code"),
        help_text=_("The 6 digits from the SMS. They are good for 5 minutes."),
        widget=forms.TextInput(
            attrs={"inputmode": "numeric", "autocomplete": "one-time-code", "maxlength": 10, "autofocus": True}
        ),
        error_messages={"required": _("Write the code."), "invalid": _("The code has 6 digits.")},
    )
    name = forms.CharField(
        label=_("Your name"),
        required=False,
        max_length=120,
        widget=forms.TextInput(attrs={"autocomplete": "name"}),
        help_text=_("So that the officer knows whom to speak to."),
    )

    def clean_code(self) -> str:
        return self.cleaned_data["code"].replace(" ", "")

    def clean_name(self) -> str:
        return self.cleaned_data["name"]
