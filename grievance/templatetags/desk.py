"""What only the officers' pages show: people's names, phone numbers masked or grouped, the language of a text."""

import re

from django import template
from django.utils.html import format_html

from departments.bilingual import in_language

register = template.Library()

CLOCK = '<span class="seva-clock seva-clock--{}"{}>{}<span class="seva-clock__words">{}</span></span>'
BAR = (
    '<svg class="seva-clock__bar" viewBox="0 0 100 8" preserveAspectRatio="none" aria-hidden="true" focusable="false">'
    '<rect class="seva-clock__track" width="100" height="8"></rect>'
    '<rect class="seva-clock__used" width="{}" height="8"></rect></svg>'
)
DEVANAGARI = re.compile("[\u0900-\u097f]")


@register.filter
def language_of(text: str) -> str:
    """The language a text is written in, so that it is read out and set rightly."""
    return "hi" if DEVANAGARI.search(text or "") else "en"


@register.filter
def clock(face) -> str:
    """A complaint's clock: a bar and words. A list has one in every row, so it is no template of its own."""
    bar = "" if face.tone == "off" else format_html(BAR, face.used)
    exact = format_html(' title="{}"', face.exact) if face.exact else ""
    return format_html(CLOCK, face.tone, exact, bar, face.words)


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
