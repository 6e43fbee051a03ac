"""A portal and a browser for the end-to-end tests."""

import shutil

import pytest
from playwright.sync_api import sync_playwright

from tests.portal import RunningPortal

BROWSERS = ("chromium", "chromium-browser", "google-chrome")
QUIET = ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking",
         "--disable-component-update", "--disable-sync"]  # fmt: skip


# For these files and no longer: it would do its rounds beside all tests that follow.
@pytest.fixture(scope="package")
def portal():
    running = RunningPortal()
    try:
        yield running.wait_until_ready()
    finally:
        running.stop()


# Not for the whole session: while Playwright runs, Django takes the thread for an asynchronous one.
@pytest.fixture(scope="module")
def chromium():
    path = next(filter(None, map(shutil.which, BROWSERS)), None)
    assert path, "Chromium is not installed: run .ci/run, or install it"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(executable_path=path, args=QUIET)
        yield browser
        browser.close()


@pytest.fixture
def new_page(chromium, portal):
    """Opens a page in a fresh browser profile: `new_page(width, javascript, locale)`."""
    contexts = []

    def open_page(width=360, *, javascript=True, locale="hi-IN"):
        context = chromium.new_context(
            viewport={"width": width, "height": 740}, java_script_enabled=javascript, locale=locale, base_url=portal.url
        )
        context.set_default_timeout(15_000)
        contexts.append(context)
        return context.new_page()

    yield open_page
    for context in contexts:
        context.close()
