"""Citizens' sign-in: what a one-time password may and may not do."""

import datetime
import re

import pytest
import time_machine
from django.utils import timezone

from channels.models import KeptMessage
from citizens import one_time_password
from citizens.models import OneTimePassword, User
from tests.crowd import all_at_once

PHONE = "+919816011111"
pytestmark = pytest.mark.django_db


def send(browser="b", phone=PHONE, address="10.0.0.1") -> str:
    """Asks for a code and reads it from the demo's outbox."""
    one_time_password.send(phone, browser, address, "en")
    return re.search(r"\d{6}", KeptMessage.objects.latest("id").body).group()


def wrong(code: str) -> str:
    return f"{(int(code) + 1) % 1_000_000:06d}"


def test_the_right_code_works_once():
    code = send()

    one_time_password.check(PHONE, code, "b")
    with pytest.raises(one_time_password.WrongCode):
        one_time_password.check(PHONE, code, "b")


def test_the_code_is_not_stored():
    code = send()

    stored = OneTimePassword.objects.get()
    assert code not in (stored.code_hash + stored.browser)


def test_another_browser_cannot_use_it():
    code = send()

    with pytest.raises(one_time_password.WrongCode):
        one_time_password.check(PHONE, code, "another")


def test_it_is_good_for_five_minutes():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        code = send()
        clock.shift(datetime.timedelta(minutes=5, seconds=1))
        with pytest.raises(one_time_password.WrongCode):
            one_time_password.check(PHONE, code, "b")


def test_the_sixth_try_fails_even_when_right():
    code = send()
    for _try in range(5):
        with pytest.raises(one_time_password.WrongCode):
            one_time_password.check(PHONE, wrong(code), "b")

    with pytest.raises(one_time_password.WrongCode):
        one_time_password.check(PHONE, code, "b")


def test_three_codes_in_ten_minutes_are_enough():
    with time_machine.travel(timezone.now(), tick=False) as clock:
        for _time in range(3):
            send()
        with pytest.raises(one_time_password.TooMany):
            send()
        clock.shift(datetime.timedelta(minutes=10, seconds=1))
        send()


def test_one_address_is_limited_across_numbers():
    for number in range(one_time_password.MOST_SENDS_FROM_AN_ADDRESS):
        send(phone=f"+9198160{number:05d}")

    with pytest.raises(one_time_password.TooMany):
        send(phone="+919816099999")
    send(phone="+919816099999", address="10.0.0.2")


@pytest.mark.django_db(transaction=True)
def test_parallel_guesses_are_counted():
    code = send()

    outcomes = all_at_once(*[lambda: one_time_password.check(PHONE, wrong(code), "b")] * 8)

    assert [type(outcome) for outcome in outcomes] == [one_time_password.WrongCode] * 8
    assert OneTimePassword.objects.get().tries == 5


def test_known_and_unknown_numbers_get_the_same_answer(client):
    User.objects.citizen("+919816022222")
    answers = [client.post("/sign-in/", {"phone": phone}) for phone in ("9816022222", "9816033333")]

    assert {answer.status_code for answer in answers} == {302}
    assert len({answer["Location"] for answer in answers}) == 1


def test_signing_in_by_the_pages(client):
    client.post("/sign-in/", {"phone": "98160 44444", "next": "/file/check/"})
    page = client.get("/sign-in/code/")
    assert 'autocomplete="one-time-code"' in page.content.decode()
    before = client.session.session_key
    code = re.search(r"\d{6}", KeptMessage.objects.latest("id").body).group()

    answer = client.post("/sign-in/code/", {"code": code, "name": "Kamla", "next": "https://evil.example/"})

    assert answer["Location"] == "/complaints/"
    assert client.session.session_key != before
    assert User.objects.get(phone="+919816044444").name == "Kamla"


def test_an_idle_session_ends_and_says_why(client, world, settings):
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)
    with time_machine.travel(timezone.now(), tick=False) as clock:
        assert client.get("/complaints/").status_code == 200
        clock.shift(datetime.timedelta(seconds=settings.CITIZEN_IDLE_SECONDS + 1))
        assert client.get("/complaints/").status_code == 302


@pytest.mark.parametrize("phone", ["", "12", "abc", "9" * 300, "०९८१६"])
def test_bad_numbers_are_a_clear_error(client, phone):
    answer = client.post("/sign-in/", {"phone": phone})

    assert answer.status_code == 200
    assert "govuk-error-message" in answer.content.decode()


def ask(client, following="") -> str:
    """Asks for a code on the page and reads it from the demo's outbox."""
    client.post("/sign-in/", {"phone": "98160 44444", "next": following})
    return re.search(r"\d{6}", KeptMessage.objects.latest("id").body).group()


def test_a_code_that_is_used_up_says_so(client):
    code = ask(client)
    said = [client.post("/sign-in/code/", {"code": wrong(code)}).content.decode() for _try in range(5)]

    assert "मिला कर देखें" in said[3]
    assert "अब नहीं चलेगा" in said[4]


def test_a_code_written_in_devanagari_digits_is_the_code(client):
    code = ask(client).translate(str.maketrans("0123456789", "०१२३४५६७८९"))

    assert client.post("/sign-in/code/", {"code": code})["Location"] == "/complaints/"


def test_the_way_back_from_the_code_keeps_where_one_was_going(client):
    ask(client, "/file/check/")
    page = client.get("/sign-in/code/", {"next": "/file/check/"}).content.decode()

    assert page.count('href="/sign-in/?next=%2Ffile%2Fcheck%2F"') == 2
    assert "98160 44444" in page
    assert 'href="/file/details/"' in client.get("/sign-in/", {"next": "/file/check/"}).content.decode()


def test_citizens_see_where_they_are_signed_in(client):
    phone = "Mozilla/5.0 (Linux; Android 13; Pixel) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/120.0 Mobile Safari/537.36"
    client.post("/sign-in/code/", {"code": ask(client)}, headers={"user-agent": phone})

    assert "Chrome, Android" in client.get("/sessions/").content.decode()


def test_no_code_is_sent_abroad(client):
    page = client.post("/sign-in/", {"phone": "+1 212 555 0123"}, headers={"accept-language": "en"})
    answer = client.post("/api/v1/otp/", {"phone": "+12125550123"}, content_type="application/json")

    assert "Indian mobile number" in page.content.decode()
    assert answer.status_code == 400
    assert not OneTimePassword.objects.exists()
