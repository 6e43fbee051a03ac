"""The search's page: one field for a number, a phone, a name, a place or words, for everyone with a desk."""

from django.shortcuts import redirect, render
from django.views.decorators.http import require_GET

from grievance import replica, search
from grievance.excerpt import excerpt
from grievance.paging import BadCursor

from .entrance import only_agent, staff_only


@staff_only
@require_GET
def search_page(request):
    """What was found, the newest first; a whole number leads straight to its complaint."""
    typed, found, lost = request.GET.get("q", "").strip()[: search.LONGEST], None, False
    if typed:
        try:
            found = search.find(request.user, typed, request.GET.get("cursor", ""))
        except BadCursor:
            found, lost = search.find(request.user, typed), True
        if found.typed.number and found.page.items:
            return redirect("desk_complaint", found.page.items[0].number)
    context = {
        "typed": typed,
        "found": found,
        "lost": lost,
        "may_lack": replica.MOST_SECONDS if replica.is_set() else 0,
        "only_agent": only_agent(request.user),
        "most_in_a_file": search.MOST_FOUND,
        "rows": _rows(found) if found else [],
        "page": found.page if found else None,
    }
    return render(request, "desk/search.html", context)


def _rows(found: search.Found) -> list[dict]:
    words = found.typed.words
    return [
        {
            "complaint": row,
            "excerpt": excerpt(row.text, words),
            "name": excerpt(row.citizen.name, words) if row.citizen.name else [],
        }
        for row in (found.page.items or found.near)
    ]
