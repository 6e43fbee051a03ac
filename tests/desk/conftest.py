"""The desk as somebody signed in sees it."""

import pytest
from django.test import Client
from django.urls import reverse

BACKEND = "citizens.backends.StaffBackend"


class Desk:
    """A browser of one officer, in English."""

    def __init__(self, posting_or_user):
        self.user = getattr(posting_or_user, "officer", posting_or_user)
        self.client = Client(headers={"accept-language": "en"})
        self.client.force_login(self.user, backend=BACKEND)

    def inbox(self, **query):
        return self.client.get(reverse("desk_inbox"), query)

    def rows(self, **query) -> list[str]:
        """The numbers of the rows shown."""
        return [row["complaint"].number for row in self.inbox(**query).context["rows"]]

    def open(self, complaint):
        return self.client.get(reverse("desk_complaint", args=[complaint.number]))

    def form(self, complaint, action, **query):
        return self.client.get(reverse("desk_act", args=[complaint.number, action]), query)

    def act(self, complaint, action, *, version=None, **data):
        version = complaint.event_count if version is None else version
        return self.client.post(reverse("desk_act", args=[complaint.number, action]), {"version": version, **data})


@pytest.fixture
def desk_of(db):
    """Makes the browser of a posting's officer (or of a user)."""
    return Desk
