"""The lists that can be had as files: who has which, its rows as its page has them, and what of its address is kept."""

from collections.abc import Callable
from dataclasses import dataclass
from types import SimpleNamespace

from django.db.models import QuerySet
from django.http import QueryDict
from django.urls import reverse

from citizens.models import User
from departments.models import Role
from grievance import access, call_backs, search
from grievance.filters import DeskFilter
from grievance.models import Complaint, Export

from . import inbox, sheets
from .entrance import only_agent, roles_of

# Where in an address stands what somebody searched for.
WORDS = ("text", "q")
SEARCHED = "search"


@dataclass(frozen=True)
class Listed:
    """One list. `kept` is what of its page's address tells which rows it has: what narrows nothing is not kept."""

    sheet: sheets.Sheet
    is_of: Callable[[User], bool]
    rows: Callable[[User, QueryDict], QuerySet]
    kept: Callable[[User, QueryDict], QueryDict]
    page: str
    file_name: str = "complaints"


def narrowed(user: User, query: QueryDict) -> DeskFilter:
    """The inbox's list as its address narrows it, for its page and for its file."""
    scope = inbox.search_scope(user, inbox.view_of(user, query.get("view")), query.get("text", ""))
    return DeskFilter(query, scope, request=SimpleNamespace(user=user))


def _filters_that_hold(user: User, query: QueryDict) -> QueryDict:
    found, kept = narrowed(user, query), QueryDict(mutable=True)
    for name in ("view", *found.filters):
        values = [value for value in query.getlist(name) if value]
        if values and name not in found.form.errors and (name != "view" or values[-1] in inbox.VIEWS):
            kept.setlist(name, values)
    return kept


def _found(user: User, query: QueryDict) -> QuerySet:
    if not (text := query.get("q", "").strip()):
        return Complaint.objects.none()
    return search.narrow(access.reachable_by(user), user, text)


def _only(*names: str) -> Callable[[User, QueryDict], QueryDict]:
    def kept(_user: User, query: QueryDict) -> QueryDict:
        chosen = QueryDict(mutable=True)
        for name in names:
            chosen[name] = query.get(name, "").strip()[: search.LONGEST]
        return chosen

    return kept


EVERY = {
    Export.List.INBOX: Listed(
        sheets.COMPLAINTS, lambda user: not only_agent(user), lambda user, query: narrowed(user, query).qs,
        _filters_that_hold, "desk_inbox",
    ),
    # An agent looks up what the caller on the line asks about; they take no complaints along.
    Export.List.SEARCH: Listed(
        sheets.COMPLAINTS, lambda user: not only_agent(user), _found, _only("q"), "desk_search",
    ),
    Export.List.CALL_BACKS: Listed(
        sheets.CALL_BACKS, lambda user: Role.AGENT in roles_of(user),
        lambda user, _query: call_backs.waiting(user), _only(), "desk_call_backs", "call-backs",
    ),
}  # fmt: skip


def of(export: Export) -> Listed:
    """The list an export is of."""
    return EVERY[export.of]


def without_words(query: str) -> str:
    """An address without what was searched for, which may be a phone number or a name; that something was, stays."""
    chosen = QueryDict(query, mutable=True)
    searched = [value for name in WORDS for value in chosen.pop(name, [])]
    if any(searched):
        chosen[SEARCHED] = "…"
    return chosen.urlencode()


def address(export: Export) -> str:
    """Where the list itself stands, as narrowed as is still known."""
    chosen = QueryDict(without_words(export.query), mutable=True)
    chosen.pop(SEARCHED, None)
    page = reverse(of(export).page)
    return f"{page}?{chosen.urlencode()}" if chosen else page
