"""While the database is away for a moment, people and programs are told to come again, not that we made a mistake."""

import time

import pytest
from django.db import connection
from django.test import Client


@pytest.mark.parametrize(("language", "words"), [("en", "away for a moment"), ("hi", "थोड़ी देर")])
def test_a_page_says_that_it_is_for_a_moment(cut, language, words):
    client = Client(raise_request_exception=False, headers={"accept-language": language})
    cut()

    answer = client.get("/figures/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert words in answer.content.decode()


def test_a_program_is_told_when_to_come_again(cut):
    client = Client(raise_request_exception=False, headers={"accept-language": "en"})
    cut()

    answer = client.get("/api/v1/departments/")

    assert (answer.status_code, answer["Retry-After"]) == (503, "5")
    assert "again in a few seconds" in answer.json()["detail"]


def test_a_connection_that_ended_between_two_requests_is_found_out_before_the_next(cut):
    assert connection.is_usable()
    cut()
    soon = time.monotonic() + 5
    while connection.is_usable() and time.monotonic() < soon:
        time.sleep(0.01)

    assert not connection.is_usable()
