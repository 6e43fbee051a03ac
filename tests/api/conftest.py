"""The API as a program sees it."""

import itertools

import pytest
from rest_framework.test import APIClient

from citizens.models import ApiToken

_keys = itertools.count()


class Program:
    """A client program with somebody's token; `user` None: without one."""

    def __init__(self, user=None, language="en"):
        self.user = getattr(user, "officer", user)
        self.client = APIClient(headers={"accept-language": language})
        if self.user:
            token = ApiToken.objects.issue(self.user)
            self.client.credentials(HTTP_AUTHORIZATION=f"Token {token}")

    def get(self, path, **query):
        return self.client.get(f"/api/v1/{path}", query)

    def post(self, path, data=None, *, key=None, **more):
        headers = {"Idempotency-Key": key} if key else {}
        return self.client.post(f"/api/v1/{path}", data or {}, format=more.pop("format", "json"), headers=headers)

    def register(self, key=None, **data):
        return self.post("complaints/", data, key=key or f"program-{next(_keys)}")

    def act(self, number, action, **data):
        return self.post(f"complaints/{number}/actions/", {"action": action, **data})


@pytest.fixture
def program(db):
    """Makes a client program of a posting's officer, a citizen, an API client, or nobody."""
    return Program


@pytest.fixture
def new_complaint(world):
    """What registers a complaint for a citizen."""
    return {
        "category": "no-water", "area": world.panchayat.code, "text": "पाँच दिन से पानी नहीं",
        "citizen": {"phone": str(world.citizen.phone), "name": "Sunita", "language": "hi"},
    }  # fmt: skip
