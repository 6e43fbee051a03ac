"""In the browser: what is typed into the details survives what happens on the way."""

import pytest

from .people import sign_in_citizen
from .test_story import file_complaint

pytestmark = pytest.mark.browser
WORDS = "पाँच दिन से पानी नहीं, बच्चे और बूढ़े दूर से ला रहे हैं"


@pytest.fixture
def details(new_page):
    page = new_page(360)
    page.goto("/file/")
    page.goto("/file/what/?q=pani+nahi")
    page.click("form:has(input[name=category]) button[type=submit]")
    page.wait_for_url("**/file/where/**")
    page.goto("/file/where/?q=Balag")
    page.click("form:has(input[name=area]) button[type=submit]")
    page.wait_for_url("**/file/details/**")
    return page


def test_typed_words_survive_a_reload_and_a_lost_connection(details):
    details.fill("textarea[name=text]", WORDS)
    details.reload()
    assert details.input_value("textarea[name=text]") == WORDS

    details.context.set_offline(True)
    details.click("main form button[type=submit]:not([name=remove])", no_wait_after=True)
    details.wait_for_timeout(500)
    details.context.set_offline(False)
    details.goto("/file/details/")
    assert details.input_value("textarea[name=text]") == WORDS


def test_what_the_server_has_is_newer_than_what_the_tab_kept(details):
    details.fill("textarea[name=text]", "मेरा आधार 2345 6789 0124 है")
    details.click("main form button[type=submit]:not([name=remove])")
    details.wait_for_url("**/sign-in/**")
    details.goto("/file/details/")

    assert "XXXX XXXX" in details.input_value("textarea[name=text]")


def test_an_error_takes_the_keyboard_to_the_summary_and_its_link_to_the_field(details):
    details.fill("textarea[name=text]", "")
    details.click("main form button[type=submit]:not([name=remove])")
    details.wait_for_selector(".govuk-error-summary")
    assert "govuk-error-summary" in details.evaluate("document.activeElement.className")

    details.keyboard.press("Tab")
    details.keyboard.press("Enter")
    assert details.evaluate("document.activeElement.name") == "text"


def test_an_answer_survives_being_signed_out_while_writing(new_page, portal):
    page = new_page(360)
    number = file_complaint(page, portal, "9816000088")
    page.goto(f"/complaints/{number}/add/")
    page.fill("textarea[name=text]", WORDS)
    page.context.clear_cookies(name="session")
    page.click("main form button.govuk-button")
    page.wait_for_url("**/sign-in/**")
    sign_in_citizen(page, portal, "9816000088")
    page.wait_for_url(f"**/complaints/{number}/add/")
    assert page.input_value("textarea[name=text]") == WORDS

    page.click("main form button.govuk-button")
    page.wait_for_url(f"**/complaints/{number}/")
    page.goto(f"/complaints/{number}/add/")
    assert page.input_value("textarea[name=text]") == ""
