"""A list of a lakh of rows as a file: asked for at the desk's form, written by a worker, and taken."""

import time

from . import processors
from .browsers import People
from .portal import Portal, psql

FORMATS = ("csv", "xlsx")
LONGEST_SECONDS = 600


def measure(portal: Portal, people: People) -> dict:
    """Seconds from the form to the finished file of all that the Chief Minister's office sees, in each format, and the
    memory of the largest process of the workers meanwhile. Raises RuntimeError where one does not get ready."""
    browser = people.of_staff("cm_office")
    figures, largest = {}, 0
    for chosen in FORMATS:
        browser.get("/desk/?view=all")
        began = time.monotonic()
        browser.send("/desk/exports/ask/", of="inbox", list="view=all", format=chosen)
        while (state := _state(portal)) in ("waiting", "working"):
            if time.monotonic() - began > LONGEST_SECONDS:
                break
            largest = max(largest, processors.memory(portal)["celery_process_mb"])
            time.sleep(0.5)
        if state != "ready":
            raise RuntimeError(f"the {chosen} file is {state}")
        figures[f"export_{chosen}_seconds"] = round(time.monotonic() - began, 1)
        if f"{browser.at}file/" not in browser.get(browser.at):
            raise RuntimeError(f"the {chosen} file is not offered")
    rows = int(psql(portal.environment, f"SELECT rows FROM grievance_export {LAST}"))
    return {"export_rows": rows, **figures, "export_process_mb": largest}


LAST = "ORDER BY asked_at DESC LIMIT 1"


def _state(portal: Portal) -> str:
    return psql(portal.environment, f"SELECT state FROM grievance_export {LAST}")
