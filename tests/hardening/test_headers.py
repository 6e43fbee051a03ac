"""What every page tells the browser to forbid, and production settings without a warning."""

import os
import re
import subprocess
import sys

import pytest
from django.urls import reverse

from config.settings import BASE_DIR
from tests.access.addresses import every_address, filled

PRODUCTION = {
    "SEVA_DEMO": "0",
    "BASE_URL": "https://helpline.example.org",
    "ALLOWED_HOSTS": "helpline.example.org",
    "PROXY_COUNT": "1",
    "SECRET_KEY": "a-secret-of-more-than-fifty-characters-that-nobody-knows-0123456789",
    "LOG_KEY": "another",
    "SMS_GATEWAY_URL": "https://sms.example.org/send",
    "SMS_GATEWAY_KEY": "key",
}


def django(*arguments, **environment) -> subprocess.CompletedProcess:
    """A command with the settings as a server reads them, without what manage.py says before."""
    return subprocess.run(
        [sys.executable, "-m", "django", *arguments], cwd=BASE_DIR, capture_output=True, text=True, timeout=60,
        env={**os.environ, "DJANGO_SETTINGS_MODULE": "config.settings", **PRODUCTION, **environment},
    )  # fmt: skip


def test_djangos_own_deployment_check_finds_nothing():
    done = django("check", "--deploy", "--fail-level", "WARNING")
    assert done.returncode == 0, done.stdout + done.stderr


@pytest.mark.parametrize("name", ["SECRET_KEY", "LOG_KEY"])
def test_it_does_not_start_without_its_secrets(name):
    done = django("check", **{name: ""})
    assert done.returncode
    assert f"{name} is not set" in done.stderr


def test_every_page_forbids_what_it_does_not_need(client, db):
    for name, route in every_address().items():
        answer = client.get(filled(route, number="26000000002", key="0" * 8 + "-0000-0000-0000-" + "0" * 12))
        policy = answer.headers["Content-Security-Policy"]
        assert "unsafe" not in policy, name
        assert "default-src 'self'" in policy, name
        assert "frame-ancestors 'none'" in policy, name
        assert "object-src 'none'" in policy, name
        assert not re.search(r"https?:", policy), name
        assert answer.headers["X-Content-Type-Options"] == "nosniff", name
        assert answer.headers["X-Frame-Options"] == "DENY", name
        assert answer.headers["Referrer-Policy"] == "same-origin", name
        assert "payment=()" in answer.headers["Permissions-Policy"], name
        assert answer.headers["Cross-Origin-Opener-Policy"] == "same-origin", name


def test_no_page_has_inline_scripts_styles_or_outside_assets(client, db):
    for name in ("home", "file_what", "sign_in", "figures", "track", "privacy", "accessibility", "account_login"):
        page = client.get(reverse(name), follow=True).content.decode()
        assert not re.search(r"<style|\sstyle=|\son[a-z]+=|javascript:", page), name
        assert not re.search(r"""<(script|link|img)[^>]*(src|href)=["'](https?:)?//""", page), name
        assert not re.findall(r"<script(?![^>]*\ssrc=)", page), name


def test_personal_pages_are_not_kept_by_caches(client, world, settings):
    complaint = world.assigned()
    client.force_login(world.citizen, backend=settings.CITIZEN_BACKEND)
    for address in (reverse("my_complaints"), reverse("complaint", args=[complaint.number])):
        assert "no-store" in client.get(address).headers["Cache-Control"]


def test_cookies_are_closed_to_scripts_and_other_sites(client, db):
    client.get(reverse("sign_in"))
    client.post(reverse("sign_in"), {"phone": "9816012345"})
    for cookie in client.cookies.values():
        assert cookie["httponly"], cookie.key
        assert cookie["samesite"] in ("Lax", "Strict"), cookie.key
