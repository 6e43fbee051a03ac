"""How exact the figures of a page are, in words: read from a replica, they may lack the last seconds."""

import datetime

from django.utils.translation import gettext as _

from grievance import replica
from grievance.words import ist_clock


def said(moment: datetime.datetime) -> str:
    """The sentence that stands beside figures read at this moment, in the active language."""
    if not replica.is_set():
        return _("Figures as of %(time)s, exact.") % {"time": ist_clock(moment)}
    words = {"time": ist_clock(moment), "seconds": replica.MOST_SECONDS}
    return _("Figures as of %(time)s, exact but for the last %(seconds)s seconds.") % words
