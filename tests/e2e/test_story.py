"""The portal's story in the browser: from no water to a satisfied close, with and without JavaScript."""

import re

import pytest

from .people import go, latest_message, photo, sign_in_citizen, sign_in_officer

pytestmark = pytest.mark.browser
# The panchayat Balag lies in the block Theog of the district Shimla.
BLOCK, DISTRICT = "b-193", "d-23"


@pytest.mark.parametrize("javascript", [True, False], ids=["javascript", "without-javascript"])
def test_from_no_water_to_a_satisfied_close(portal, new_page, javascript):
    phone = "9816000001" if javascript else "9816000002"
    citizen = new_page(360, javascript=javascript)
    number = file_complaint(citizen, portal, phone)

    officer = new_page(1280, javascript=javascript)
    sign_in_officer(officer, portal.account(department="jal-shakti", level=1, area=BLOCK))
    open_first(officer, number)
    act(officer, number, "accept")
    act(officer, number, "ask", text="कौन सा वार्ड?")
    assert "वार्ड" in latest_message(portal, f"+91{phone}", "कौन सा वार्ड")

    go(citizen, f"/complaints/{number}/answer/")
    citizen.fill("textarea[name=text]", "वार्ड 4")
    citizen.click("main button[type=submit]")
    citizen.wait_for_url(f"**/complaints/{number}/")
    act(officer, number, "resolve", text="पाइप ठीक कर दी गई है", proof=photo())

    message = latest_message(portal, f"+91{phone}", "/v/")
    link = re.search(r"(/v/\S+/)", message).group(1)
    visitor = new_page(360, javascript=javascript)
    go(visitor, link)
    visitor.click("a[href='?verdict=not_satisfied']")
    visitor.fill("textarea[name=text]", "अब भी पानी नहीं है")
    visitor.click("main button[type=submit]")
    go(visitor, link)
    assert "?verdict=" not in visitor.content()

    higher = new_page(1280, javascript=javascript)
    district = portal.account(department="jal-shakti", level=2, area=DISTRICT)
    sign_in_officer(higher, district)
    open_first(higher, number)
    act(higher, number, "accept")
    act(higher, number, "resolve", text="नई पाइप लगा दी गई है", proof=photo())

    go(citizen, f"/complaints/{number}/satisfied/")
    citizen.check("input[name=rating][value='4']")
    citizen.click("main button[type=submit]")
    citizen.wait_for_url(f"**/complaints/{number}/")
    assert "संतुष्ट" in citizen.inner_text("main")
    assert "holds" in portal.manage("verify_log")
    assert "equal a recount" in portal.manage("check_figures")


def file_complaint(page, portal, phone: str) -> str:
    """Files in Hindi for Balag panchayat and returns the number."""
    page.goto("/")
    assert page.get_attribute("html", "lang") == "hi"
    page.click("a[href='/file/']")
    page.fill("input[name=q]", "हमारे गाँव में पाँच दिन से पानी नहीं आ रहा")
    page.click("form[role=search] button[type=submit]")
    page.check("input[name=category][value=jal-shakti-no-water]")
    page.click("form:has(input[name=category]) button[type=submit]")
    page.fill("input[name=q]", "Balag")
    page.click("form[role=search] button[type=submit]")
    page.click("form:has(input[name=area]) button[type=submit]")
    page.set_input_files("input[name=files]", photo())
    page.click("main form button[type=submit]:not([name=remove])")
    sign_in_citizen(page, portal, phone)
    page.wait_for_url("**/file/check/")
    page.click("main form button[type=submit]")
    page.wait_for_url("**/file/done/**")
    shown = page.inner_text(".seva-number")
    return re.sub(r"\D", "", shown)


def open_first(page, number: str) -> None:
    """The complaint stands in the inbox; opens it."""
    page.goto("/desk/?view=mine")
    for _try in range(10):
        if page.locator(f"a[href*='{number}']").count():
            break
        page.wait_for_timeout(500)
        page.reload()
    page.click(f"a[href*='{number}'] >> nth=0")
    page.wait_for_url(f"**/desk/{number}/**")


def act(page, number: str, action: str, *, text: str = "", proof: dict | None = None) -> None:
    """Does one action on the desk and comes back to the complaint."""
    page.goto(f"/desk/{number}/")
    if action == "accept":
        page.click("[data-accept]")
    else:
        page.goto(f"/desk/{number}/{action}/")
        page.fill("textarea[name=text]", text)
        if proof:
            page.set_input_files("input[type=file]", proof)
        page.click(".desk-form .govuk-button-group button.govuk-button >> nth=0")
    page.wait_for_url(re.compile(rf"/desk/({number}/)?(\?.*)?$"))
    assert not page.locator(".govuk-error-summary").count(), page.inner_text("main")
