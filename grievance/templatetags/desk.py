"""What only the officers' pages show: people's names, phone numbers masked or grouped, the language of a text."""

import re

from django import template

from departments.bilingual import in_language

register = template.Library()

DEVANAGARI = re.compile("[\u0900-\u097f]")


@register.filter
def language_of(text: str) -> str:
    """The language a text is written in, so that it is read out and set rightly."""
    return "hi" if DEVANAGARI.search(text or "") else "en"


@register.filter
def person(user) -> str:
    """An officer's name in the reader's language."""
    return in_language(user.name, user.name_hi) or user.username


@register.filter
def masked(phone) -> str:
    """A phone number of which only the last three digits can be read: +91 ••••• ••210."""
    return f"+91 ••••• ••{str(phone)[-3:]}" if phone else "–"


@register.filter
def grouped_phone(phone) -> str:
    """+91 98000 00210."""
    digits = str(phone).removeprefix("+91")
    return f"+91 {digits[:5]} {digits[5:]}" if len(digits) == 10 else str(phone)
