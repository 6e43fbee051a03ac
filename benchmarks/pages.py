"""The pages that officers and the Chief Minister's office wait for, each opened by one person alone."""

import re
import time

from . import browsers, lifecycle
from .portal import Portal, psql, settle

REPEATS = 30
PAGES = {
    "inbox": ("officer_with_forty", "/desk/"),
    "department_list": ("nodal", "/desk/?view=all"),
    "search": ("cm_office", "/desk/search/?q=bill"),
    "board": ("cm_office", "/boards/"),
    "department_board": ("nodal", "/boards/departments/pwd/"),
    "figures": ("officer", "/figures/"),
}


def wanted(portal: Portal, people: browsers.People) -> dict[str, tuple[browsers.Browser, str]]:
    """Each page with who opens it; the complaint is the first of the officer's inbox."""
    _give_forty(portal)
    numbers = re.findall(r"/desk/(\d{11})/", people.of_staff("officer_with_forty").get("/desk/"))
    pages = PAGES | {"complaint": ("officer_with_forty", f"/desk/{numbers[0]}/")}
    return {name: (people.of_staff(role), path) for name, (role, path) in pages.items()}


def _give_forty(portal: Portal) -> None:
    """Forty open cases at every size: what is missing is registered."""
    on_desk = psql(portal.environment, f"""
        SELECT count(*) FROM grievance_complaint complaint JOIN departments_posting posting ON posting.id = assignee_id
        JOIN citizens_user officer ON officer.id = posting.officer_id
        WHERE officer.username = '{browsers.STAFF["officer_with_forty"]}' AND complaint.state <> 'closed'
    """)  # fmt: skip
    one = lifecycle.Lifecycle(portal.base, lifecycle.people(portal.var))
    for number in range(browsers.FORTY - int(on_desk)):
        one.create(number, browsers.FORTY_AREA)
    settle(portal)


def seconds(page: tuple[browsers.Browser, str]) -> float:
    """How long it takes to open a page."""
    browser, path = page
    began = time.monotonic()
    browser.get(path)
    return time.monotonic() - began


def percentile_95(times: list[float]) -> float:
    """What all but a twentieth stay within."""
    return sorted(times)[int(0.95 * len(times))]
