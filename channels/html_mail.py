"""The HTML beside a scheduled e-mail's plain text: the same words, what is counted as a table, the address as a link.

Made of the text when it is sent, so that an administrator writes one template and no two can disagree. Nothing in it is
loaded from elsewhere.
"""

import re
from collections.abc import Iterator
from itertools import groupby

from django.template.loader import render_to_string

from .models import Audience, Delivery, Medium

# "Overdue: 1,204", as the digests write it.
COUNT = re.compile(r"(?P<label>.+): (?P<count>-?\d[\d,]*)")
ADDRESS = re.compile(r"https?://\S+")


def of(delivery: Delivery) -> str:
    """The HTML of a delivery; empty for all but the scheduled e-mails to staff, which are about no single complaint."""
    scheduled = delivery.audience == Audience.OFFICER and delivery.complaint_id is None
    return html_of(delivery.body, delivery.language) if scheduled and delivery.channel == Medium.EMAIL else ""


def html_of(text: str, language: str) -> str:
    """Every word of a plain text, as HTML."""
    return render_to_string("mail/message.html", {"language": language, "blocks": list(_blocks(text))})


def _blocks(text: str) -> Iterator[dict]:
    for paragraph in re.split(r"\n\s*\n", text.strip()):
        for counted, lines in groupby(paragraph.splitlines(), key=lambda line: bool(COUNT.fullmatch(line))):
            if counted:
                yield {"counts": [COUNT.fullmatch(line).groupdict() for line in lines]}
            else:
                yield {"lines": [{"text": line, "leads": bool(ADDRESS.fullmatch(line))} for line in lines]}
