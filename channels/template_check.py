"""Checks an administrator's message template and shows it filled in with made-up values.

A template is plain text with `{{ name }}` for what is filled in. Nothing else of the template language is
allowed: what could fail when a message is made would stop the messages behind it.
"""

import re

from django.core.exceptions import ValidationError
from django.template import TemplateSyntaxError
from django.template.base import TextNode, VariableNode
from django.utils.translation import gettext as _

from . import digests, reports
from .message_events import event_name
from .message_templates import ENGINE, fill
from .models import Audience
from .notices import CALLS_FOR, WITH_VERDICT_LINK

# What can be filled in, with a value to show it by in English and Hindi.
SAMPLES = {
    "number": ("26 0000 0482 7", "26 0000 0482 7"),
    "category": ("No drinking water", "पीने का पानी नहीं"),
    "place": ("Matiana", "मतियाना"),
    "post": ("Junior Engineer, Theog", "कनिष्ठ अभियंता, ठियोग"),
    "due": ("4 December 2026", "4 दिसंबर 2026"),
    "link": ("https://example.org/complaints/26000004827/", "https://example.org/complaints/26000004827/"),
    "reason": ("Not a matter of this department", "यह इस विभाग का मामला नहीं है"),
    "question": ("Which ward is it?", "कौन सा वार्ड है?"),
    "name": ("Kamla Devi", "कमला देवी"),
    "outcome": ("Closed, citizen satisfied", "बंद, नागरिक संतुष्ट"),
    "state_name": ("Himachal Pradesh", "हिमाचल प्रदेश"),
    "used": ("80", "80"),
    "due_today": ("4", "4"),
    "overdue": ("2", "2"),
    "reopened": ("1", "1"),
    "waiting": ("3", "3"),
    "open": ("128", "128"),
    "breached": ("5", "5"),
    "numbers": ("26 0000 0482 7, 26 0000 0491 9", "26 0000 0482 7, 26 0000 0491 9"),
    "board": ("Jal Shakti Vibhag", "जल शक्ति विभाग"),
    "period": ("23 November 2026 to 29 November 2026", "23 नवंबर 2026 से 29 नवंबर 2026 तक"),
    "until": ("14 December 2026", "14 दिसंबर 2026"),
    "verdict_link": ("https://example.org/v/…/", "https://example.org/v/…/"),
}
# The signed link judges a complaint: it goes to its citizen alone, when it was resolved and while no verdict came.
VERDICT_LINK_OF = {(name, Audience.CITIZEN) for name in WITH_VERDICT_LINK}
EVENTS = {
    Audience.CITIZEN: sorted({citizen for citizen, _officer in CALLS_FOR.values() if citizen}),
    Audience.OFFICER: sorted(
        {officer for _citizen, officer in CALLS_FOR.values() if officer} | digests.NAMES | reports.NAMES
    ),
}
PLAIN_NAME = re.compile(r"[a-z_]+")


def check_text(text: str, event: str, audience: str) -> None:
    """Raises ValidationError, in the reader's language, where the text cannot be filled in."""
    for name in _names(text):
        if name not in SAMPLES:
            raise ValidationError(
                _("There is no “%(name)s” to fill in. You can use: %(known)s."),
                params={"name": name, "known": ", ".join(SAMPLES)},
            )
        if name == "verdict_link" and (event, audience) not in VERDICT_LINK_OF:
            raise ValidationError(_("The link to judge goes only to the citizen, in the messages: %(known)s."), params={
                "known": ", ".join(sorted(str(event_name(name)) for name in WITH_VERDICT_LINK))
            })  # fmt: skip


def check_event(event: str, audience: str) -> None:
    """Raises ValidationError where no such message is ever sent to that audience."""
    if event not in EVENTS.get(audience, ()):
        raise ValidationError(
            _("No such message is sent to them. There are: %(known)s."),
            params={"known": ", ".join(str(event_name(name)) for name in EVENTS.get(audience, ()))},
        )


def sample(text: str, language: str) -> str:
    """The text as someone would receive it."""
    return fill(text, {name: values[language == "hi"] for name, values in SAMPLES.items()})


def _names(text: str) -> list[str]:
    try:
        nodes = ENGINE.from_string(text).nodelist
    except TemplateSyntaxError as error:
        raise ValidationError(_("The braces do not match or hold something that cannot be filled in.")) from error
    names = []
    for node in nodes:
        if isinstance(node, TextNode):
            continue
        token = str(getattr(node, "filter_expression", ""))
        if not isinstance(node, VariableNode) or not PLAIN_NAME.fullmatch(token):
            raise ValidationError(_("Only names in double braces, such as {{ number }}, can be filled in."))
        names.append(token)
    return names
