"""Logs help whoever runs the portal, and say nothing of what people are or wrote."""

import io
import logging

import pytest

from config.logs import LOGGING
from tests.api.conftest import Program

PHONE, TEXT, WORD = "9816077777", "My neighbour Ram Lal hits his wife", "Ram Lal"


@pytest.fixture
def log():
    """Everything that any logger says, down to the smallest level, as the portal's own handler writes it."""
    stream = io.StringIO()
    handler = logging.StreamHandler(stream)
    handler.setFormatter(LOGGING["formatters"]["json"]["()"]())
    root = logging.getLogger()
    root.addHandler(handler)
    yield stream
    root.removeHandler(handler)


def test_a_whole_filing_leaves_neither_number_nor_code_nor_text_in_the_log(client, world, log, settings):
    from channels.models import KeptMessage

    client.get("/file/")
    client.post("/file/what/", {"category": "no-water"})
    client.post("/file/where/", {"area": world.panchayat.code})
    client.post("/file/details/", {"text": TEXT, "kind": "complaint"})
    client.post("/sign-in/", {"phone": PHONE})
    sent = KeptMessage.objects.get(address=f"+91{PHONE}").body
    code = next(word.strip(".,।:") for word in sent.split() if word.strip(".,।:").isdigit())
    client.post("/sign-in/code/", {"code": "111111"})
    client.post("/sign-in/code/", {"code": code})
    client.post("/file/check/")
    client.post("/track/", {"number": "26000000000"})
    client.get("/track/", {"phone": PHONE})
    said = log.getvalue()
    for secret in (PHONE, code, WORD):
        assert secret not in said


def test_neither_does_the_api_nor_an_error_of_ours(world, log, monkeypatch):
    from grievance import workflow

    client = Program(world.client)
    new = {"category": "no-water", "area": world.panchayat.code, "text": TEXT, "citizen": {"phone": PHONE}}
    client.register(**new)

    def fail(*arguments, **values):
        raise RuntimeError("a failure of ours")

    monkeypatch.setattr(workflow, "register", fail)
    client.client.raise_request_exception = False
    assert client.register(**new).status_code == 500
    said = log.getvalue()
    assert "a failure of ours" in said
    for secret in (PHONE, WORD):
        assert secret not in said


def test_an_errors_own_text_and_the_addresss_query_carry_no_number(client, world, log, monkeypatch):
    from grievance.pages import complaints

    def fail(*arguments, **values):
        raise RuntimeError(f"Key (phone)=(+91{PHONE}) already exists, also as {PHONE[:5]} {PHONE[5:]}")

    monkeypatch.setattr(complaints.access, "visible_to", fail)
    client.raise_request_exception = False
    client.force_login(world.citizen, backend="citizens.backends.CitizenBackend")
    assert client.get("/complaints/", {"q": PHONE}).status_code == 500
    said = log.getvalue()
    assert "already exists" in said
    assert PHONE not in said
    assert f"{PHONE[:5]} {PHONE[5:]}" not in said
