"""What the workflow decided stands in the database letter by letter, whatever its words."""

import pytest

from grievance import log, workflow

WORDS = [
    "NULL",
    '"',
    "\\",
    'say "no\\"',
    "{a,b}",
    "a, b; c",
    "पानी\tनहीं\nआया",
    "it's 100% %s $1",
    "one\u2028two \U0001f6b0",
    "{}",
]


@pytest.mark.parametrize("words", WORDS)
def test_any_words_are_written_as_they_were_said(world, words):
    complaint = world.in_progress()

    workflow.change(complaint, "update", user=world.l1.officer, text=words)

    assert complaint.events.get(action="update").text == words
    assert list(log.verify()) == []


def test_many_rows_with_and_without_a_value_keep_each_its_own(world):
    first, second = world.in_progress(), world.in_progress()
    workflow.change(first, "ask", user=world.l1.officer, text=WORDS[3])
    workflow.change(second, "update", user=world.l1.officer, text="x")

    first.refresh_from_db()
    second.refresh_from_db()
    assert (first.due_at, second.paused_at) == (None, None)
    assert first.left_seconds is not None
    assert second.due_at is not None
