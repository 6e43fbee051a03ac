"""Concurrent HTTP clients that count what they finish."""

import http.client
import itertools
import json
import threading
import time
from dataclasses import dataclass, field
from urllib.parse import urlsplit

from config.supervisor import say


@dataclass
class Result:
    """What the clients did in the time measured."""

    seconds: float
    done: int
    times: list[float] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def rate(self) -> float:
        """Finished in a second."""
        return self.done / self.seconds

    def percentile(self, share: float) -> float:
        """Milliseconds that this share of the runs stayed within."""
        ordered = sorted(self.times)
        return 1000 * ordered[min(len(ordered) - 1, int(share * len(ordered)))] if ordered else float("nan")


class Api:
    """One client's calls."""

    def __init__(self, base: str):
        self.address = urlsplit(base).netloc

    def call(
        self, method: str, path: str, token: str = "", body: dict | None = None, headers: dict | None = None
    ) -> dict:
        """One call; raises RuntimeError with the answer when it is not 2xx."""
        connection = http.client.HTTPConnection(self.address, timeout=30)
        sent = {"Content-Type": "application/json", "Accept-Language": "en", **(headers or {})}
        if token:
            sent["Authorization"] = f"Token {token}"
        connection.request(method, path, json.dumps(body) if body is not None else None, sent)
        answer = connection.getresponse()
        content = answer.read()
        connection.close()
        if answer.status >= 300:
            raise RuntimeError(f"{method} {path}: {answer.status} {content[:300].decode(errors='replace')}")
        return json.loads(content)


def failed(name: str, *results: Result) -> dict:
    """How many calls failed, as `{name}_errors`; nothing where none did. The first are said."""
    errors = [error for result in results for error in result.errors]
    for error in errors[:3]:
        say(f"   {name}: {error}")
    return {f"{name}_errors": len(errors)} if errors else {}


# The same for all that is compared: until then connections are made, questions put into SQL and rows remembered.
WARM_UP_SECONDS = 5
TURNS, WARM_UP_OF_A_TURN = 4, 2


def run(one_round, *, clients: int = 4, seconds: float = 20, warm_up: float = WARM_UP_SECONDS) -> Result:
    """Lets `clients` threads do `one_round(number)` again and again, and measures after the warm-up."""
    begin = time.monotonic() + warm_up
    end, numbers = begin + seconds, itertools.count()
    result, lock = Result(seconds, 0), threading.Lock()

    def work():
        while (started := time.monotonic()) < end:
            try:
                one_round(next(numbers))
            except Exception as error:  # noqa: BLE001 - whatever went wrong is counted and shown
                with lock:
                    result.errors.append(str(error))
                continue
            now = time.monotonic()
            if started >= begin and now <= end:
                with lock:
                    result.done += 1
                    result.times.append(now - started)

    threads = [threading.Thread(target=work) for _client in range(clients)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    return result


def in_turns(rounds: list, options, after_each=lambda: None) -> list[Result]:
    """What each of several loads comes to, one after the other and again. A machine that others share is faster in one
    minute than in the next: what is measured in turns has the same of each. `after_each` waits until what a load left
    to do is done."""
    found = [Result(0, 0) for _round in rounds]
    for _turn in range(TURNS):
        for one_round, together in zip(rounds, found, strict=True):
            result = run(one_round, clients=options.clients, seconds=options.seconds / 2, warm_up=WARM_UP_OF_A_TURN)
            together.seconds += result.seconds
            together.done += result.done
            together.times += result.times
            together.errors += result.errors
            after_each()
    return found
