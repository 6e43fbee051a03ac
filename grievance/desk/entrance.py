"""Who gets to the desk at all: staff with a posting. Whose is which complaint, `access` decides."""

from functools import wraps

from django.http import Http404
from django.shortcuts import redirect
from django.urls import reverse
from django.utils.cache import add_never_cache_headers
from django.utils.http import urlencode

from departments.models import Role
from grievance import access, numbers
from grievance.models import Complaint

INBOX = "inbox"
# The filters of a list as an address. What is longer is given up whole: cut, it would lose its last filters and be that
# of a wider list. A search of 200 letters in Devanagari takes 1,800.
LONGEST_QUERY = 8000


def staff_only(view):
    """Strangers are sent to the staff's sign-in; who has no posting finds nothing here."""

    @wraps(view)
    def guarded(request, *args, **kwargs):
        if not request.user.is_authenticated:
            return redirect(f"{reverse('account_login')}?{urlencode({'next': request.get_full_path()})}")
        if not access.postings_of(request.user):
            raise Http404
        response = view(request, *args, **kwargs)
        add_never_cache_headers(response)
        return response

    return guarded


def found_or_404(user, number: str) -> Complaint:
    """The complaint with this number; 404 where it is mistyped, does not exist or is not for this user."""
    try:
        return access.find(user, numbers.clean(number))
    except (numbers.Mistyped, Complaint.DoesNotExist):
        raise Http404 from None


def remember_inbox(request) -> None:
    """Keeps where in the inbox one is: view, filters, order and page."""
    query = request.GET.urlencode()
    query = query if len(query) <= LONGEST_QUERY else ""
    if request.session.get(INBOX, "") != query:
        request.session[INBOX] = query


def inbox_address(request) -> str:
    """The inbox as one left it, so that the way back from a complaint leads to the same place in the list."""
    query = request.session.get(INBOX, "")
    return f"{reverse('desk_inbox')}?{query}" if query else reverse("desk_inbox")


def roles_of(user) -> set[str]:
    """The roles of the user's postings."""
    return {posting.post.role for posting in access.postings_of(user)}


def only_agent(user) -> bool:
    """A call agent looks complaints up by their number and has no inbox."""
    return roles_of(user) == {Role.AGENT}


def has_own_work(user) -> bool:
    """Whether complaints are assigned to this user; the others watch over those of other people."""
    return Role.OFFICER in roles_of(user)
