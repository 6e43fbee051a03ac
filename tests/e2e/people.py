"""What people do in the browser."""

import io
import re
import time

from PIL import Image
from playwright.sync_api import Error


def go(page, address: str) -> None:
    """Opens an address; a page that refreshes itself may cut in once."""
    try:
        page.goto(address)
    except Error as error:
        if "ERR_ABORTED" not in error.message:
            raise
        page.goto(address)


def photo() -> dict:
    """A photo as a phone would send it."""
    out = io.BytesIO()
    Image.new("RGB", (640, 480), "#557799").save(out, "JPEG")
    return {"name": "nal.jpg", "mimeType": "image/jpeg", "buffer": out.getvalue()}


def latest_message(portal, phone: str, containing: str, *, seconds: float = 20) -> str:
    """The newest message to a phone that contains a text, once it was sent."""
    deadline = time.monotonic() + seconds
    while time.monotonic() < deadline:
        found = [body for body in portal.outbox(phone) if containing in body]
        if found:
            return found[-1]
        time.sleep(0.5)
    raise AssertionError(f"no message to {phone} with “{containing}”")


def sign_in_citizen(page, portal, phone: str) -> None:
    """Fills in the number and the code on the pages of signing in."""
    before = len(portal.outbox(f"+91{phone}"))
    page.fill("input[name=phone]", phone)
    page.click("main button[type=submit]")
    page.wait_for_selector("input[name=code]")
    messages = portal.outbox(f"+91{phone}")
    assert len(messages) > before
    # What was done a moment before may be told in a message after the code.
    [code] = re.findall(r"\b\d{6}\b", " ".join(messages[before:]))
    page.fill("input[name=code]", code)
    page.click("main button[type=submit]")


def sign_in_officer(page, account: dict) -> None:
    page.goto("/staff/sign-in/")
    page.fill("input[name=login]", account["username"])
    page.fill("input[name=password]", account["password"])
    page.click("main button[type=submit]")
    page.wait_for_url("**/desk/**")
