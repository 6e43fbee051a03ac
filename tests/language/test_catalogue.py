"""Both languages everywhere: nothing a reader sees lacks its Hindi."""

import re

import pytest

from config import messages

PLACEHOLDER = re.compile(r"%\(\w+\)s|%s|%d")


@pytest.fixture(scope="module")
def catalogue():
    return messages.existing()


def test_every_string_of_code_and_templates_is_in_the_catalogue(catalogue):
    known = {(message.id, message.context) for message in catalogue}

    missing = [m.id for m in messages.extracted() if m.id and (m.id, m.context) not in known]

    assert missing == [], "run python -m config.messages and write the Hindi"


def test_no_string_is_untranslated_or_doubtful(catalogue):
    assert messages.untranslated(catalogue) == []


def test_placeholders_are_kept(catalogue):
    wrong = []
    for message in catalogue:
        ids = [message.id] if isinstance(message.id, str) else list(message.id)
        strings = [message.string] if isinstance(message.string, str) else list(message.string or [])
        if message.id and set(PLACEHOLDER.findall(ids[-1])) != set(PLACEHOLDER.findall(strings[-1] if strings else "")):
            wrong.append(message.id)

    assert wrong == []


def test_hindi_strings_are_hindi(catalogue):
    """A string left in English by copying it over."""
    copied = [
        m.id for m in catalogue if isinstance(m.id, str) and m.id and m.string == m.id and re.search(r"[a-z]{4}", m.id)
    ]

    assert copied == []


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("accept", "language", "words"), [("hi-IN,hi", "hi", "शिकायत दर्ज करें"), ("en-GB,en", "en", "File a complaint")]
)
def test_the_first_page_speaks_the_readers_language(client, accept, language, words):
    page = client.get("/", headers={"accept-language": accept}).content.decode()

    assert f'<html lang="{language}"' in page
    assert words in page


@pytest.mark.django_db
def test_the_chosen_language_stays(client):
    client.post("/language/", {"language": "en", "next": "/"}, headers={"accept-language": "hi"})

    assert "File a complaint" in client.get("/", headers={"accept-language": "hi"}).content.decode()


@pytest.mark.django_db
def test_the_forms_of_signing_in_are_in_hindi(world, client):
    officer = world.l1.officer
    officer.set_password("a-long-password-9")
    officer.save()
    client.force_login(officer, backend="citizens.backends.StaffBackend")
    client.cookies["django_language"] = "hi"
    client.post("/staff/reauthenticate/", {"password": "a-long-password-9"})
    for address in ("/staff/password/", "/staff/second-factor/totp/activate/", "/staff/reauthenticate/"):
        labels = [str(field.label) for field in client.get(address).context["form"] if not field.is_hidden]
        assert labels, address
        assert all(re.search("[\u0900-\u097f]", label) for label in labels), (address, labels)
