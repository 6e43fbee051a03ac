"""The pages that officers and the Chief Minister's office wait for, each opened by one person alone."""

import re
import time

from . import browsers

REPEATS = 30
PAGES = {
    "inbox": ("officer", "/desk/"),
    "department_list": ("nodal", "/desk/?view=all"),
    "search": ("cm_office", "/desk/search/?q=bill"),
    "board": ("cm_office", "/boards/"),
    "department_board": ("nodal", "/boards/departments/pwd/"),
    "figures": ("officer", "/figures/"),
}


def wanted(people: browsers.People) -> dict[str, tuple[browsers.Browser, str]]:
    """Each page with who opens it; the complaint is the first of the officer's inbox."""
    numbers = re.findall(r"/desk/(\d{11})/", people.of_staff("officer").get("/desk/"))
    complaint = {"complaint": ("officer", f"/desk/{numbers[0]}/")} if numbers else {}
    return {name: (people.of_staff(role), path) for name, (role, path) in (PAGES | complaint).items()}


def seconds(page: tuple[browsers.Browser, str]) -> float:
    """How long it takes to open a page."""
    browser, path = page
    began = time.monotonic()
    browser.get(path)
    return time.monotonic() - began


def percentile_95(times: list[float]) -> float:
    """What all but a twentieth stay within."""
    return sorted(times)[int(0.95 * len(times))]
