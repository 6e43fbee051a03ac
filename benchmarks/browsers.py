"""Citizens and officers at the real forms: sessions, hidden guards, redirects followed, as a browser without JavaScript.

Signing in is not what is measured, so the sessions are made beforehand: `python -m benchmarks.browsers` does that in
the portal's environment and prints them.
"""

import http.client
import itertools
import json
import os
import re
import subprocess
import sys
import threading
from urllib.parse import urlencode, urlsplit

from .lifecycle import AREA, BLOCK, CATEGORY, DEPARTMENT
from .portal import Portal

CITIZENS = 400
# The loads leave thousands on their own officer's desk, more with every run. Pages are opened by one with forty cases.
FORTY, FORTY_AREA, FORTY_BLOCK = 40, "p-2674", "b-194"
STAFF = {
    "officer": f"{DEPARTMENT}-l1-{BLOCK}", "officer_with_forty": f"{DEPARTMENT}-l1-{FORTY_BLOCK}",
    "nodal": f"{DEPARTMENT}-nodal", "cm_office": "cm-office-1",
}  # fmt: skip


class Browser:
    """One person's browser. Raises RuntimeError for an answer that is no page."""

    def __init__(self, base: str, session: str):
        self.address, self.cookies = urlsplit(base).netloc, {"session": session, "django_language": "en"}

    def get(self, path: str) -> str:
        return self._ask("GET", path)

    def send(self, path: str, **fields) -> str:
        """Sends a form; the guard is the cookie's own value, as every form of the page has it masked."""
        return self._ask("POST", path, urlencode({"csrfmiddlewaretoken": self.cookies["csrf"], **fields}))

    def _ask(self, method: str, path: str, body: str | None = None) -> str:
        for _redirect in range(4):
            status, headers, page = self._once(method, path, body)
            if status in (301, 302, 303):
                method, path, body = "GET", headers["Location"], None
                self.at = path
                continue
            if status >= 300 or "/sign-in/" in path:
                raise RuntimeError(f"{method} {path}: {status}")
            return page
        raise RuntimeError(f"{path}: led nowhere")

    def _once(self, method, path, body):
        connection = http.client.HTTPConnection(self.address, timeout=60)
        headers = {"Cookie": "; ".join(f"{name}={value}" for name, value in self.cookies.items())}
        if body is not None:
            headers["Content-Type"] = "application/x-www-form-urlencoded"
        connection.request(method, path, body, headers)
        answer = connection.getresponse()
        page = answer.read().decode()
        for cookie in answer.headers.get_all("Set-Cookie") or ():
            name, _sign, value = cookie.partition(";")[0].partition("=")
            self.cookies[name] = value
        connection.close()
        return answer.status, answer.headers, page


class People:
    """The sessions, handed out in turn: each thread of a measurement is another person each time."""

    def __init__(self, portal: Portal):
        made = subprocess.run(
            [sys.executable, "-m", "benchmarks.browsers"], capture_output=True, text=True, check=True,
            env={**os.environ, **portal.environment},
        )  # fmt: skip
        kept = json.loads(made.stdout.splitlines()[-1])
        self.base, self.staff, self._lock = portal.base, kept["staff"], threading.Lock()
        self._citizens = itertools.cycle(kept["citizens"])

    def citizen(self) -> Browser:
        with self._lock:
            return Browser(self.base, next(self._citizens))

    def of_staff(self, role: str) -> Browser:
        return Browser(self.base, self.staff[role])


def file_a_complaint(people: People):
    """One complaint by the citizen's forms: what, where, how, check. Seven pages."""

    def one(number: int) -> None:
        browser = people.citizen()
        browser.get("/file/")
        browser.get("/file/what/?q=bill")
        browser.send("/file/what/", category=CATEGORY, q="bill")
        browser.send("/file/where/", area=AREA, place_note="Ward 4")
        browser.send("/file/details/", text=f"Bill too high {number}", kind="complaint")
        browser.send("/file/check/")
        if "/file/done/" not in browser.at:
            raise RuntimeError(f"filing ended at {browser.at}")

    return one


def work_at_the_desk(people: People):
    """One turn of an officer: the inbox, the complaint on top that is not begun yet, its acceptance. Four pages."""
    waiting, lock = [], threading.Lock()

    def one(_number: int) -> None:
        browser = people.of_staff("officer")
        page = browser.get("/desk/?state=assigned")
        with lock:
            if not waiting:
                waiting.extend(dict.fromkeys(re.findall(r"/desk/(\d{11})/", page)))
            number = waiting.pop() if waiting else None
        if number is None:
            raise RuntimeError("nothing new lies on the desk: a turn without work is none")
        browser.get(f"/desk/{number}/")
        try:
            browser.send(f"/desk/{number}/accept/")
        except RuntimeError as error:
            # Another one of the crowd accepted it a moment before.
            if ": 409" not in str(error) and ": 404" not in str(error):
                raise

    return one


def make_sessions() -> dict:
    """In the portal: citizens and staff signed in, as their browsers' cookies."""
    import django

    django.setup()
    from django.conf import settings
    from django.test import Client

    from citizens.models import User

    def signed_in(user, backend) -> str:
        client = Client()
        client.force_login(user, backend=backend)
        return client.cookies[settings.SESSION_COOKIE_NAME].value

    staff_backend = "citizens.backends.StaffBackend"
    citizens = [User.objects.citizen(f"+9195{number:08d}", name="Bench") for number in range(CITIZENS)]
    staff = {role: User.objects.get(username=username) for role, username in STAFF.items()}
    return {
        "citizens": [signed_in(user, settings.CITIZEN_BACKEND) for user in citizens],
        "staff": {role: signed_in(user, staff_backend) for role, user in staff.items()},
    }


if __name__ == "__main__":
    sys.stdout.write(json.dumps(make_sessions()) + "\n")
