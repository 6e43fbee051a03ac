"""The SMS gateway of the test: it can be cut, refuse, be slow, or take a message and lose the answer."""

import re
import time
from dataclasses import dataclass

from tests.messages.gateway import Gateway

# Longer than the portal waits for an answer (`channels.gateways.http.TIMEOUT_SECONDS`).
TOO_LONG_SECONDS = 9
SLOW_SECONDS = 2
MODES = ("cut", "answers 500", "slow", "takes and answers 500", "takes and hangs up", "takes and answers too late")
GOOD = "good"


@dataclass(frozen=True)
class Taken:
    """One message that the gateway took: its key, when, and whether its answer could be read."""

    key: str
    at: float
    answered: bool


class RoughGateway(Gateway):
    def __init__(self):
        self.mode = GOOD
        self.kept: list[Taken] = []
        super().__init__()

    def take(self, message: dict) -> int | None:
        mode = self.mode
        if mode == "cut":
            return None
        if mode == "answers 500":
            return 500
        self.taken.append(message)
        lost = mode.startswith("takes")
        self.kept.append(Taken(message["key"] or "", time.time(), not lost))
        if mode == "slow":
            time.sleep(SLOW_SECONDS)
        if mode == "takes and answers too late":
            time.sleep(TOO_LONG_SECONDS)
        return {"takes and answers 500": 500, "takes and hangs up": None}.get(mode, 200)

    def code_for(self, phone: str, seconds: float = 20) -> str:
        """The one-time password that was sent to a phone."""
        deadline = time.monotonic() + seconds
        while time.monotonic() < deadline:
            for message in reversed(self.taken):
                if message["to"] == phone and (found := re.search(r"\b\d{6}\b", message["text"])):
                    return found.group()
            time.sleep(0.1)
        raise AssertionError("no one-time password came")
