"""The pages of the call-back queue: for call agents alone."""

from functools import wraps

from django.contrib import messages
from django.http import Http404
from django.shortcuts import redirect, render
from django.utils.translation import gettext as _
from django.views.decorators.http import require_GET, require_POST

from departments.models import Role
from grievance import access, call_backs
from grievance.errors import ChangeRefused
from grievance.models import CallBack

from .entrance import roles_of, staff_only

MOST_SHOWN = 30
# Beyond this the page says "more than".
MOST_COUNTED = 1000
SHOWN = (
    "complaint__category",
    "complaint__area",
    "complaint__district",
    "complaint__citizen",
    "complaint__assignee__post__area",
)


def agents_only(view):
    """For everybody else there is nothing here."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if Role.AGENT not in roles_of(request.user):
            raise Http404
        return view(request, *args, **kwargs)

    return guarded


@staff_only
@require_GET
@agents_only
def queue_page(request):
    """Whom the agent is calling, and who waits to be called."""
    waiting = call_backs.unclaimed(request.user)
    mine = call_backs.claimed(request.user).select_related(*SHOWN).first()
    context = {
        "mine": mine,
        "verdicts": [name for name in ("satisfied", "not_satisfied") if mine and _may(request.user, name, mine)],
        "outcomes": CallBack.Outcome.choices,
        "rows": waiting.select_related(*SHOWN)[:MOST_SHOWN],
        "unreached": call_backs.unreached(request.user).select_related(*SHOWN)[:MOST_SHOWN],
        "count": waiting.order_by()[: MOST_COUNTED + 1].count(),
        "most_counted": MOST_COUNTED,
    }
    return render(request, "desk/call_backs.html", context)


def _may(user, action: str, task: CallBack) -> bool:
    return access.may(user, action, task.complaint)


@staff_only
@require_POST
@agents_only
def claim(request, pk: int):
    """The agent takes a call."""
    try:
        call_backs.claim(request.user, pk)
    except CallBack.DoesNotExist:
        raise Http404 from None
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    return redirect("desk_call_backs")


@staff_only
@require_POST
@agents_only
def attempt(request, pk: int):
    """What the call came to."""
    try:
        call_backs.record(request.user, pk, request.POST.get("outcome", "")[:20])
    except ChangeRefused as refusal:
        messages.error(request, str(refusal))
    else:
        messages.success(request, _("Written down. Take the next one."))
    return redirect("desk_call_backs")
