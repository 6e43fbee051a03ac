"""What the supervisor makes of `/readyz` while it waits for the portal."""

import json

import pytest

from config.supervisor import _what_is_wrong

ALL_THERE = dict.fromkeys(("database", "broker", "worker", "messenger", "beat", "sweeps", "readers"), "ok")


@pytest.mark.parametrize(
    ("checks", "said"),
    [
        ({**ALL_THERE, "readers": "messages fails on event 7"}, "readers: messages fails on event 7"),
        ({**ALL_THERE, "worker": "no sign of life", "readers": "messages fails on event 7"}, ""),
        ({**ALL_THERE, "broker": "does not answer"}, ""),
        ({}, ""),
    ],
)
def test_a_reader_that_fails_does_not_keep_the_portal_from_starting(checks, said):
    assert _what_is_wrong(json.dumps({"status": "not ready", "checks": checks})) == said


@pytest.mark.parametrize("answer", ["", "Bad gateway", "[]", '{"checks": 3}', "null"])
def test_an_answer_of_someone_else_is_no_reason_to_begin(answer):
    assert _what_is_wrong(answer) == ""
