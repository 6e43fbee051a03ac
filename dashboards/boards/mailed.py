"""Where the link of a report sent by e-mail leads: to the board's PDF of those days, for its reader alone."""

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect
from django.utils.http import urlencode
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from grievance import report_link
from grievance.desk.entrance import staff_only


@staff_only
@require_safe
def report(request, token: str):
    """Leads to the PDF, or to the board as it is now where the link is too old; the board decides who sees it."""
    try:
        board, first, last, language = report_link.read(token, request.user)
    except report_link.NotYours:
        raise Http404 from None
    except report_link.TooOld as old:
        messages.info(request, _("The link of this report is too old. This is the board as it is now."))
        return redirect(old.board)
    return redirect(f"{board}?{urlencode({'from': first, 'to': last, 'pdf': language})}")
