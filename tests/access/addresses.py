"""Every address of the portal, with what a request needs filled in."""

from django.urls import get_resolver
from django.urls.resolvers import URLPattern, URLResolver
from django.utils import timezone

from grievance.models import Complaint

ROLES = ("stranger", "citizen", "other citizen", "officer", "other officer", "nodal", "agent", "cm office", "admin")
# The administration is Django's: its own rule (staff flag and permissions) is tested in tests/administration.
LEFT_OUT = ("admin/",)


def every_address() -> dict[str, str]:
    """Name → route of every address that is ours."""
    found = {}

    def walk(patterns, prefix):
        for pattern in patterns:
            route = prefix + str(pattern.pattern)
            if route.startswith(LEFT_OUT):
                continue
            if isinstance(pattern, URLResolver):
                walk(pattern.url_patterns, route)
            elif isinstance(pattern, URLPattern):
                found[pattern.name] = "/" + route

    walk(get_resolver().url_patterns, "")
    return found


def filled(route: str, *, number: str, key: str) -> str:
    """The route with a real complaint's number, a real file's key, and plain words for the rest."""
    values = {
        "<str:number>": number, "<number>": number, "<uuid:key>": key, "<str:action>": "note", "<action>": "note",
        "<str:token>": "nothing", "<int:pk>": "1", "<slug:department>": "jal-shakti", "<slug:category>": "no-water",
        "<str:district>": "d-23", "<str:area>": "d-23", "<str:grain>": "monthly", "<str:dimension>": "district", "<str:ending>": "csv",
        "<str:period>": f"{timezone.localdate().year}", "<str:day>": "2001-01-01",
    }  # fmt: skip
    if "<int:posting>" in route:
        found = Complaint.objects.filter(number=number).first()
        values["<int:posting>"] = str(found.assignee_id if found else 1)
    for name, value in values.items():
        route = route.replace(name, value)
    return route
