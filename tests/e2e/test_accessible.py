"""Every page in the browser: no serious finding of axe, no overflow at 320 px, light, and under its own policy."""

import pytest
from axe_playwright_python.sync_playwright import Axe

from .people import sign_in_citizen, sign_in_officer
from .test_story import BLOCK, file_complaint

pytestmark = pytest.mark.browser
PUBLIC = ["/", "/track/", "/figures/", "/open-data/", "/sign-in/", "/staff/sign-in/", "/privacy/", "/accessibility/", "/nothing-here/"]
FILING = ["/file/what/", "/file/what/?q=pani", "/file/browse/", "/file/browse/?department=jal-shakti", "/file/where/",
          "/file/where/?q=Theog", "/file/where/?in=d-23", "/file/details/"]  # fmt: skip
SERIOUS = {"serious", "critical"}


def check(page, path: str) -> None:
    """One page at its present width."""
    faults = []
    page.on(
        "console", lambda message: faults.append(message.text) if "Content Security Policy" in message.text else None
    )
    page.goto(path)
    found = [
        f"{violation['id']}: {violation['nodes'][0]['html'][:150]}"
        for violation in Axe().run(page).response["violations"]
        if violation["impact"] in SERIOUS
    ]
    width = page.evaluate("document.documentElement.scrollWidth - document.documentElement.clientWidth")
    assert found == [], path
    assert width <= 0, f"{path} is {width} px too wide"
    assert faults == [], path


@pytest.mark.parametrize(("width", "locale"), [(320, "hi-IN"), (1280, "hi-IN"), (360, "en-IN")])
def test_public_pages_and_filing(new_page, width, locale):
    page = new_page(width, locale=locale)
    for path in PUBLIC:
        check(page, path)
    page.goto("/file/")
    page.fill("input[name=q]", "pani nahi aa raha")
    page.click("form[role=search] button[type=submit]")
    page.click("form:has(input[name=category]) button[type=submit]")
    page.fill("input[name=q]", "Theog")
    page.click("form[role=search] button[type=submit]")
    page.click("form:has(input[name=area]) button[type=submit]")
    for path in FILING:
        check(page, path)


@pytest.fixture(scope="module")
def filed(chromium, portal):
    """A complaint and the citizen's browser."""
    context = chromium.new_context(base_url=portal.url, locale="hi-IN")
    page = context.new_page()
    number = file_complaint(page, portal, "9816000077")
    yield page, number
    context.close()


@pytest.mark.parametrize("width", [320, 1280])
def test_the_citizens_own_pages(filed, width):
    page, number = filed
    page.set_viewport_size({"width": width, "height": 800})
    for path in ("/complaints/", f"/complaints/{number}/", f"/complaints/{number}/?print=1", f"/complaints/{number}/add/",
                 f"/complaints/{number}/withdraw/", f"/file/done/{number}/", "/sessions/"):  # fmt: skip
        check(page, path)


@pytest.mark.parametrize("width", [320, 1280])
def test_the_officers_desk(new_page, portal, filed, width):
    _page, number = filed
    page = new_page(width)
    sign_in_officer(page, portal.account(department="jal-shakti", level=1, area=BLOCK))
    page.wait_for_timeout(2000)
    for path in ("/desk/", "/desk/?view=mine", f"/desk/{number}/", f"/desk/{number}/note/", f"/desk/{number}/transfer/",
                 f"/desk/{number}/resolve/", "/desk/?text=nothing+like+this"):  # fmt: skip
        check(page, path)


@pytest.mark.parametrize("width", [320, 1280])
def test_the_desk_that_calls_back(new_page, portal, width):
    page = new_page(width)
    sign_in_officer(page, portal.account(role="agent"))
    for path in ("/desk/", "/desk/call-backs/"):
        check(page, path)


def test_the_chief_ministers_board_is_a_page_for_everybody(new_page, portal):
    page = new_page(320)
    sign_in_officer(page, portal.account(role="cm_office"))
    for width in (320, 1280):
        page.set_viewport_size({"width": width, "height": 800})
        check(page, "/boards/")
    page.locator("[data-behind-chart] summary").first.click()
    check(page, "/boards/?from=2020-02-02&to=2020-01-01")


def test_on_paper_no_address_stands_behind_a_number_and_no_table_is_cut(new_page, portal):
    page = new_page(1280)
    sign_in_officer(page, portal.account(role="cm_office"))
    page.set_viewport_size({"width": 718, "height": 1000})
    page.emulate_media(media="print")
    for path in ("/boards/?period=year", "/boards/departments/", "/figures/"):
        page.goto(path)
        page.wait_for_load_state("networkidle")
        behind = page.locator("main a").evaluate_all(
            "links => links.map(link => getComputedStyle(link, '::after').content).filter(words => words.includes('/'))"
        )
        assert behind == [], path
        assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth"), path
        assert not page.locator("nav.board-menu").is_visible(), path


def test_the_public_figures_are_short_on_a_phone_and_whole_where_there_is_room(new_page):
    page = new_page(360)
    page.goto("/figures/")
    meaning = page.locator(".seva-fold").first
    inside = meaning.locator(".seva-card__hint")
    assert not inside.is_visible()
    meaning.locator("summary").click()
    assert inside.is_visible()
    meaning.locator("summary").click()
    page.set_viewport_size({"width": 1280, "height": 800})
    assert inside.is_visible()


def test_the_first_page_weighs_at_most_60_kb_over_the_wire(new_page):
    page = new_page(360)
    requests = []
    page.on("requestfinished", lambda request: requests.append(request))  # noqa: PLW0108 - Playwright wants a function
    page.goto("/")
    page.wait_for_load_state("networkidle")
    # Asked for afterwards: to ask from within the event has been found to leave none.
    sizes = [sum(request.sizes()[k] for k in ("responseBodySize", "responseHeadersSize")) for request in requests]

    assert len(sizes) >= 4
    assert sum(sizes) <= 60 * 1024


def test_pages_travel_by_brotli(new_page):
    answer = new_page(360).goto("/file/what/")

    assert answer.headers["content-encoding"] == "br"


def test_the_inbox_works_by_keyboard_alone(new_page, portal, filed):
    _page, _number = filed
    page = new_page(1280)
    account = portal.account(department="jal-shakti", level=1, area=BLOCK)
    page.goto("/staff/sign-in/")
    page.focus("input[name=login]")
    page.keyboard.type(account["username"])
    page.keyboard.press("Tab")
    page.keyboard.type(account["password"])
    page.keyboard.press("Enter")
    page.wait_for_url("**/desk/**")
    page.goto("/desk/?view=mine")
    page.locator("[data-row]").first.wait_for()
    page.keyboard.press("j")
    page.keyboard.press("o")
    page.wait_for_url("**/desk/2*/**")
    assert page.locator("h1").count() >= 1


def test_focus_is_visible_on_every_stop(new_page):
    page = new_page(360)
    page.goto("/")
    for _stop in range(8):
        page.keyboard.press("Tab")
        shown = page.evaluate(
            """() => { const s = getComputedStyle(document.activeElement);
                       return s.backgroundColor === 'rgb(255, 194, 26)' || s.outlineStyle !== 'none' || s.boxShadow !== 'none' }"""
        )
        assert shown, page.evaluate("document.activeElement.outerHTML.slice(0, 120)")


def test_a_citizen_signs_in_by_keyboard_and_sees_their_list(new_page, portal):
    page = new_page(360)
    page.goto("/sign-in/")
    sign_in_citizen(page, portal, "9816000078")
    page.wait_for_url("**/complaints/")
