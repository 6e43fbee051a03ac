"""Staff's sign-in: password, lock-out, second factor, own sessions."""

import pytest
from allauth.mfa.models import Authenticator
from allauth.mfa.totp.internal import auth as totp
from django.core.cache import cache
from django.urls import reverse
from django.utils.translation import override

import config.settings
from citizens.browsers import name_of
from tests.factories import OfficerFactory

PASSWORD = "a-long-password-9"
pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def _nobody_was_too_quick_before():
    """Counts of attempts from an address are kept in Valkey from test to test."""
    cache.clear()


@pytest.fixture
def officer(world):
    user = world.l1.officer
    user.set_password(PASSWORD)
    user.save()
    return user


def sign_in(client, user, password=PASSWORD):
    return client.post("/staff/sign-in/", {"login": user.username, "password": password})


def test_passwords_are_kept_by_argon2(officer, settings):
    settings.PASSWORD_HASHERS = config.settings.PASSWORD_HASHERS
    officer.set_password(PASSWORD)

    assert officer.password.startswith("argon2$argon2id")


def test_the_right_password_leads_to_the_desk(client, officer):
    assert sign_in(client, officer)["Location"] == reverse("desk_inbox")


def test_signing_in_greets_with_nothing_in_another_language(client, officer):
    sign_in(client, officer)

    assert not list(client.get(reverse("desk_inbox")).context["messages"])


def test_a_wrong_password_is_a_clear_error_in_hindi(client, officer):
    page = sign_in(client, officer, "wrong").content.decode()

    assert "यूज़रनेम या पासवर्ड ग़लत है" in page


def test_many_wrong_passwords_lock_the_name_out(client, officer, settings):
    for _time in range(settings.AXES_FAILURE_LIMIT):
        sign_in(client, officer, "wrong")

    assert sign_in(client, officer).status_code in (200, 403, 429)
    assert "_auth_user_id" not in client.session


def test_citizens_and_clients_have_no_password_to_sign_in_with(client, world):
    for user in (world.citizen, world.client):
        sign_in(client, user, "!")
        assert "_auth_user_id" not in client.session


def test_nobody_signs_up(client):
    client.post("/staff/sign-up/", {"username": "x", "password1": PASSWORD})

    from citizens.models import User

    assert not User.objects.filter(username="x").exists()


def test_where_it_is_required_nothing_opens_without_a_second_factor(client, officer, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    sign_in(client, officer)

    for path in ("/desk/", "/complaints/", "/admin/"):
        assert client.get(path)["Location"] == reverse("mfa_activate_totp")
    assert client.get(reverse("mfa_activate_totp")).status_code in (200, 302)


def test_with_a_second_factor_the_password_alone_does_not_do(client, officer, settings):
    settings.SECOND_FACTOR_REQUIRED = True
    secret = totp.generate_totp_secret()
    totp.TOTP.activate(officer, secret)

    answer = sign_in(client, officer)
    assert answer["Location"].startswith(reverse("mfa_authenticate"))
    assert "_auth_user_id" not in client.session
    code = totp.format_hotp_value(totp.hotp_value(secret, next(iter(totp.yield_hotp_counters_from_time()))))
    client.post(reverse("mfa_authenticate"), {"code": code})
    assert client.get("/desk/").status_code == 200
    assert Authenticator.objects.filter(user=officer).exists()


def test_own_sessions_are_listed_and_can_be_ended(client, officer, settings):
    from django.test import Client

    other = Client(headers={"user-agent": "Another browser"})
    sign_in(other, officer)
    sign_in(client, officer)
    page = client.get("/sessions/").content.decode()
    assert "Another browser" in page

    from allauth.usersessions.models import UserSession

    session = UserSession.objects.get(user_agent="Another browser")
    client.post(f"/sessions/{session.pk}/end/")
    assert other.get("/desk/").status_code == 302
    assert client.get("/desk/").status_code == 200


@pytest.mark.parametrize(
    ("agent", "name"),
    [
        ("Mozilla/5.0 (Linux; Android 14; K) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126.0.0.0 Mobile Safari/537.36",
         "Chrome, Android"),
        ("Mozilla/5.0 (Windows NT 10.0; Win64; x64) AppleWebKit/537.36 (KHTML, like Gecko) Chrome/126 Safari/537.36 Edg/126",
         "Edge, Windows"),
        ("Mozilla/5.0 (iPhone; CPU iPhone OS 17_5 like Mac OS X) AppleWebKit/605.1.15 Version/17.5 Safari/604.1",
         "Safari, iPhone"),
        ("curl/8.5.0", "curl/8.5.0"), ("", "Unknown browser"),
    ],
)  # fmt: skip
def test_a_browser_is_listed_by_a_name_that_people_know(agent, name):
    with override("en"):
        assert name_of(agent) == name


def test_others_sessions_cannot_be_ended(client, officer):
    from django.test import Client

    stranger = OfficerFactory()
    stranger.set_password(PASSWORD)
    stranger.save()
    other = Client()
    sign_in(other, stranger)
    sign_in(client, officer)
    from allauth.usersessions.models import UserSession

    session = UserSession.objects.get(user=stranger)
    assert client.post(f"/sessions/{session.pk}/end/").status_code == 404


def test_signing_out_is_a_post(client, officer):
    sign_in(client, officer)

    assert client.get("/sign-out/").status_code == 405
    client.post("/sign-out/")
    assert "_auth_user_id" not in client.session
