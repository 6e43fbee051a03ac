"""Bad, huge, hostile and wrongly encoded input at every address, by everybody: an answer, and never a 500."""

import pytest
from django.test import Client

from grievance import files
from tests.access.addresses import every_address, filled
from tests.access.test_every_address import browser_of, people  # noqa: F401 - a fixture
from tests.filing.conftest import jpeg, upload

pytestmark = pytest.mark.django_db

NASTY = {
    "long": "क" * 5_000, "markup": "<script>alert(1)</script>", "sql": "'; DROP TABLE x; --",
    "format": "%s %(a)s {0} {{ x }} \\", "number": "9" * 400, "minus": "-1", "float": "1e309", "odd": "\ufffd\uffff",
    "direction": "\u202e\u200d\ufeff", "digits": "१२३४५६", "path": "../../etc/passwd", "address": "//evil.example/",
    "line": "a\r\nSet-Cookie: b=c", "empty": "",
}  # fmt: skip
LONGEST_IN_AN_ADDRESS = 700
# Every name a form or a query of ours reads, and what browsers send beside.
NAMES = (
    "q", "category", "area", "area_q", "place", "place_note", "pincode", "text", "kind", "phone", "code", "next", "login",
    "password", "number", "rating", "satisfied", "version", "assignee", "department", "reason", "into", "files", "choice",
    "chosen", "action", "since", "until", "state", "age", "level", "order", "view", "cursor", "page", "latitude",
    "longitude", "language", "name", "district", "block", "session", "ids", "numbers", "remove", "decision", "field_bus",
    "period", "from", "to", "channel", "address", "group", "outcome", "breached", "posting", "did", "did_since", "did_until",
)  # fmt: skip


@pytest.fixture
def somewhere(world, settings, tmp_path):
    settings.MEDIA_ROOT = tmp_path
    complaint = world.in_progress(files=[files.store(upload(jpeg((8, 8))))])
    return {
        name: filled(route, number=complaint.number, key=str(complaint.attachments.get().key))
        for name, route in every_address().items()
        if name != "readyz"  # says how the machine is
    }


@pytest.mark.parametrize("turn", range(3))
@pytest.mark.parametrize("role", ["stranger", "citizen", "officer"])
def test_no_value_breaks_a_page(people, somewhere, settings, role, turn):  # noqa: F811
    """Every turn gives each name another of the nasty values."""
    browser = browser_of(people[role], settings)
    nasty = list(NASTY.values())
    values = {name: nasty[(3 * place + 3 * turn + place // 5) % len(nasty)] for place, name in enumerate(NAMES)}
    # Longer ones reach no page: gunicorn takes no such address.
    asked = {name: value[:LONGEST_IN_AN_ADDRESS] for name, value in values.items()}
    broken = [
        (name, answer.status_code)
        for name, address in somewhere.items()
        if name not in ("account_logout", "sign_out")
        for answer in (browser.get(address, asked), browser.post(address, values | {"again": ["a", "b"]}))
        if answer.status_code >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("name", ["file_what", "file_browse", "track", "desk_inbox", "desk_bulk", "complaint_act"])
def test_a_character_that_cannot_be_kept_is_refused(people, somewhere, settings, name):  # noqa: F811
    browser = browser_of(people["officer"], settings)
    assert browser.get(somewhere[name], {"q": "a\x00b"}).status_code == 400
    assert browser.post(somewhere[name], {"text": "a\x00b"}).status_code == 400


BODIES = {
    "not UTF-8": ("application/x-www-form-urlencoded", b"text=\xff\xfe&phone=%ff%fe&q=%e0%a4"),
    "half a part": ("multipart/form-data; boundary=x", b'--x\r\nContent-Disposition: form-data; name="text"\r\n\r\nabc'),
    "no boundary": ("multipart/form-data", b"abc"),
    "odd charset": ("application/x-www-form-urlencoded; charset=utf-99", b"text=a"),
    "many fields": ("application/x-www-form-urlencoded", b"&".join(b"f%d=1" % n for n in range(3000))),
    "large": ("application/x-www-form-urlencoded", b"text=" + b"a" * 3_000_000),
    "JSON": ("application/json", b'{"text": '),
    "deep JSON": ("application/json", b"[" * 100_000),
    "large number": ("application/json", b'{"version": ' + b"9" * 5000 + b"}"),
    "nothing": ("", b""),
}  # fmt: skip


@pytest.mark.parametrize(("kind", "body"), BODIES.values(), ids=BODIES)
@pytest.mark.parametrize("role", ["stranger", "officer"])
def test_no_body_breaks_a_page(people, somewhere, settings, role, kind, body):  # noqa: F811
    browser = browser_of(people[role], settings)
    broken = [
        (name, answer.status_code)
        for name, address in somewhere.items()
        if (answer := browser.generic("POST", address, body, content_type=kind)).status_code >= 500
    ]
    assert broken == []


@pytest.mark.parametrize("method", ["HEAD", "PUT", "DELETE", "OPTIONS", "TRACE", "PROPFIND"])
def test_odd_methods_are_answered(people, somewhere, settings, method):  # noqa: F811
    for role in ("stranger", "officer"):
        browser = browser_of(people[role], settings)
        assert [n for n, a in somewhere.items() if browser.generic(method, a).status_code >= 500] == []


@pytest.mark.parametrize(
    "headers",
    [{"accept-language": "x" * 5000}, {"accept-language": "hi;q=abc,,;;"}, {"cookie": "session=%00; csrf=\"; language=.."},
     {"cookie": "django_language=../../etc"}, {"accept": "image/png"}, {"referer": "::::"}, {"hx-request": "true"},
     {"x-forwarded-for": "a, b, <c>"}, {"range": "bytes=9-1"}, {"if-modified-since": "never"}],
)  # fmt: skip
def test_odd_headers_are_answered(somewhere, headers):
    browser = Client(raise_request_exception=False, headers=headers)
    assert [name for name, address in somewhere.items() if browser.get(address).status_code >= 500] == []


@pytest.mark.parametrize("host", ["evil.example", "a b", "[::1"])
def test_a_host_that_is_not_ours_is_refused(client, host):
    client.raise_request_exception = False
    assert client.get("/", headers={"host": host}).status_code == 400
