"""Citizens, a partner and officers who use the portal over HTTP and remember what it acknowledged.

A request whose answer was lost is repeated: a registration with the same key, until it is answered.
"""

import http.client
import json
import random
import string
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

TIMEOUT_SECONDS = 12
# A village whose officers at all four levels are known, and matters that can be filed and done without a form.
PLACE = "p-2501"
AREAS = {1: "b-193", 2: "d-23", 3: "shimla-division", 4: "hp"}
MATTERS = {"revenue": ("revenue-copy-of-record", "revenue-relief-death"), "pwd": ("pwd-rest-house",)}


class NoAnswer(Exception):
    """Nobody knows whether it was done."""


@dataclass
class Memory:
    """What was asked for and what was acknowledged."""

    filed: dict[str, dict] = field(default_factory=dict)
    acts: list[tuple[str, str, bool]] = field(default_factory=list)
    answers: dict[int, int] = field(default_factory=dict)
    lost: int = 0
    lock: threading.Lock = field(default_factory=threading.Lock)

    def count(self, status: int) -> None:
        with self.lock:
            self.answers[status] = self.answers.get(status, 0) + 1


class Api:
    def __init__(self, base: str, memory: Memory):
        self.address, self.memory = urlsplit(base).netloc, memory

    def call(self, method: str, path: str, token: str = "", body=None, key: str = "") -> tuple[int, dict]:
        """Status and answer. Raises NoAnswer when none came, or one that says only that something broke."""
        headers = {"Content-Type": "application/json", "Accept-Language": "en"}
        headers |= {"Authorization": f"Token {token}"} if token else {}
        headers |= {"Idempotency-Key": key} if key else {}
        connection = http.client.HTTPConnection(self.address, timeout=TIMEOUT_SECONDS)
        try:
            connection.request(method, f"/api/v1/{path}", json.dumps(body) if body is not None else None, headers)
            answer = connection.getresponse()
            content = answer.read()
            self.memory.count(answer.status)
            if answer.status >= 500:
                raise NoAnswer
            return answer.status, json.loads(content)
        except (OSError, http.client.HTTPException, ValueError):
            with self.memory.lock:
                self.memory.lost += 1
            raise NoAnswer from None
        finally:
            connection.close()


class Person(threading.Thread):
    """Does one thing after another until told to stop."""

    def __init__(self, api: Api, dice: random.Random, stop: threading.Event):
        super().__init__(daemon=True)
        self.api, self.dice, self.stop, self.memory = api, dice, stop, api.memory
        self.failure = None

    def run(self) -> None:
        while not self.stop.is_set():
            try:
                self.do_something()
            except NoAnswer:
                self.stop.wait(0.5)
            except Exception as error:
                # A mistake of the test itself must not look like a portal that nobody used.
                self.failure = error
                return
            self.stop.wait(self.dice.uniform(0.05, 0.4))

    def do_something(self) -> None:
        raise NotImplementedError

    def file(self, token: str, more: dict) -> None:
        """Files a complaint; what was not answered is filed again with its key, now or at the end."""
        department = self.dice.choice(list(MATTERS))
        # Letters alone: among enough digits some would pass for an Aadhaar number, and be masked.
        key = "".join(self.dice.choices(string.ascii_lowercase, k=24))
        body = {"category": self.dice.choice(MATTERS[department]), "area": PLACE, "text": f"Chaos {key}", **more}
        with self.memory.lock:
            self.memory.filed[key] = {"token": token, "body": body, "numbers": [], "refused": None}
        for _try in range(3):
            if file_again(self.api, key):
                return
            if self.stop.wait(0.5):
                return

    def act(self, token: str, number: str, action: str, **data) -> None:
        """Acts once: whether an unanswered act was done, the audit finds in the log."""
        try:
            status, _answer = self.api.call("POST", f"complaints/{number}/actions/", token, {"action": action, **data})
        except NoAnswer:
            with self.memory.lock:
                self.memory.acts.append((number, action, False))
            raise
        if status == 200:
            with self.memory.lock:
                self.memory.acts.append((number, action, True))

    def some(self, token: str, state: str, narrower: str = "") -> str | None:
        """The number of a complaint in this state that the holder of the token sees."""
        path = f"complaints/?state={state}&order={self.dice.choice(ORDERS)}{narrower}"
        status, answer = self.api.call("GET", path, token)
        found = answer["results"] if status == 200 else []
        return self.dice.choice(found)["number"] if found else None


ORDERS = ("newest", "oldest")


def file_again(api: Api, key: str) -> bool:
    """Files under this key and remembers the answer; whether there was one."""
    wanted = api.memory.filed[key]
    try:
        status, answer = api.call("POST", "complaints/", wanted["token"], wanted["body"], key)
    except NoAnswer:
        return False
    with api.memory.lock:
        if status == 201:
            wanted["numbers"].append(answer["number"])
        else:
            wanted["refused"] = [status, answer]
    return True


def finish(api: Api, seconds: float) -> int:
    """Repeats every registration that was never answered; returns how many stay without an answer."""
    deadline = time.monotonic() + seconds
    while left := [key for key, wanted in api.memory.filed.items() if not (wanted["numbers"] or wanted["refused"])]:
        if time.monotonic() > deadline:
            return len(left)
        if not file_again(api, left[0]):
            time.sleep(0.5)
    return 0


class Citizen(Person):
    """Files, answers what is asked, judges what is done."""

    def __init__(self, *args, token: str):
        super().__init__(*args)
        self.token = token

    def do_something(self) -> None:
        what = self.dice.random()
        if what < 0.4:
            self.file(self.token, {})
        elif what < 0.6:
            if number := self.some(self.token, "awaiting_citizen"):
                self.act(self.token, number, "answer", text="Ward 4")
        elif number := self.some(self.token, "resolved"):
            if self.dice.random() < 0.8:
                self.act(self.token, number, "satisfied", rating=self.dice.randint(1, 5))
            else:
                self.act(self.token, number, "not_satisfied", text="Nothing was done")


class Partner(Person):
    """Another line that hands complaints over, each of another citizen; some of them twice at once."""

    def __init__(self, *args, token: str):
        super().__init__(*args)
        self.token = token

    def do_something(self) -> None:
        phone = f"+9196{self.dice.randrange(10**8):08d}"
        self.file(
            self.token, {"citizen": {"phone": phone, "name": "Chaos", "language": self.dice.choice(("hi", "en"))}}
        )
        if self.dice.random() < 0.3:
            file_again(self.api, self.dice.choice(list(self.memory.filed)))


class Officer(Person):
    """Sits at all four levels of one department by turns."""

    def __init__(self, *args, tokens: dict[int, str]):
        super().__init__(*args)
        self.tokens = tokens

    def do_something(self) -> None:
        level = self.dice.choice((1, 1, 1, 2, 3, 4))
        token = self.tokens[level]
        state = self.dice.choice(("assigned", "in_progress", "in_progress"))
        number = self.some(token, state, f"&level={level}")
        if number is None:
            return
        if state == "assigned":
            self.act(token, number, "accept")
            return
        action = self.dice.choice(("resolve", "resolve", "resolve", "ask", "update"))
        self.act(token, number, action, text=f"Chaos: {action}")


def sign_in(api: Api, gateway, phone: str) -> str:
    """A citizen's token, by one-time password."""
    status, answer = api.call("POST", "otp/", body={"phone": phone})
    assert status == 202, answer
    status, answer = api.call("POST", "otp/verify/", body={"phone": phone, "code": gateway.code_for(phone)})
    assert status == 200, answer
    return answer["token"]


def crowd(api: Api, gateway, demo: dict, dice: random.Random, stop: threading.Event) -> list[Person]:
    """Two citizens, a partner and two departments' officers, not yet started."""
    tokens = {account["username"]: account["token"] for account in demo["accounts"]}
    people: list[Person] = []
    for number in range(2):
        token = sign_in(api, gateway, f"+9197000000{number:02d}")
        people.append(Citizen(api, random.Random(dice.random()), stop, token=token))
    people.append(Partner(api, random.Random(dice.random()), stop, token=demo["keys"]["partner_demo"]))
    for department in MATTERS:
        ladder = {level: tokens[f"{department}-l{level}-{area}"] for level, area in AREAS.items()}
        people.append(Officer(api, random.Random(dice.random()), stop, tokens=ladder))
    return people
