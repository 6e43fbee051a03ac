"""What goes wrong: one fault at a time, at a random moment, in a running portal."""

import os
import random
import signal
import subprocess
import sys
import time
from contextlib import suppress
from pathlib import Path

import redis

from config import clock_ahead, embedded
from tests.portal import ROOT, RunningPortal

from . import gateway as gateways

WEEK = 7 * 24 * 3600


class Faults:
    """Injects faults and remembers when each was injected."""

    def __init__(self, portal: RunningPortal, gateway: gateways.RoughGateway, dice: random.Random):
        self.portal, self.gateway, self.dice = portal, gateway, dice
        self.injected: list[tuple[float, str]] = []
        # What was killed and when, by a fault or for the clock: what it was about to write down may be lost.
        self.kills: list[tuple[float, str]] = []
        self.second_beat: subprocess.Popen | None = None
        self.ahead = 0.0
        self.kinds = {
            "kill -9 a web worker": lambda: self._kill_child_of("gunicorn"),
            "kill -9 the web server": lambda: self._kill("gunicorn"),
            "kill -9 the worker": lambda: self._kill("celery worker@"),
            "kill -9 the messenger": lambda: self._kill("celery messenger@"),
            "kill -9 a worker's process": lambda: self._kill_child_of("celery worker@"),
            "kill -9 beat": lambda: self._kill("celery beat"),
            "kill -9 PostgreSQL": lambda: self._kill("bin/postgres"),
            "kill -9 a PostgreSQL session": lambda: self._kill_child_of("bin/postgres"),
            "kill -9 Valkey": lambda: self._kill("valkey-server"),
            "FLUSHALL": self._flush,
            "a second beat": self._start_second_beat,
            "the clock jumps a week": lambda: self.jump_to(self.ahead + WEEK),
        }

    def inject(self, name: str) -> None:
        """Does it, now; a fault whose victim is just not there counts all the same, for it is down already."""
        self.injected.append((time.time(), name))
        if name.startswith("gateway: "):
            self.gateway.mode = name.removeprefix("gateway: ")
            return
        with suppress(ProcessLookupError, redis.RedisError, OSError):
            self.kinds[name]()

    def names(self) -> list[str]:
        """All kinds of faults, the gateway's included."""
        return [*self.kinds, *(f"gateway: {mode}" for mode in gateways.MODES)]

    def heal(self) -> None:
        """Ends what lasts. What was killed comes back by itself."""
        self.gateway.mode = gateways.GOOD
        if self.second_beat:
            self.second_beat.kill()
            self.second_beat.wait()
            self.second_beat = None

    def set_clock(self, ahead: float) -> None:
        """Seconds by which processes that start from now on live ahead."""
        self.ahead = ahead
        (self.portal.var / clock_ahead.NAME).write_text(str(ahead))

    def jump_to(self, ahead: float) -> None:
        """Puts the clock so much ahead and lets every process begin anew with it, as after a machine's restart."""
        self.set_clock(ahead)
        for words in ("gunicorn", "celery worker@", "celery messenger@", "celery beat"):
            with suppress(ProcessLookupError):
                self._kill(words)

    def _kill(self, words: str) -> None:
        self._kill_one(self._process(words), words)

    def _kill_child_of(self, words: str) -> None:
        found = children(self._process(words))
        self._kill_one(self.dice.choice(found) if found else None, f"a child of {words}")

    def _kill_one(self, pid: int | None, name: str) -> None:
        if pid:
            self.kills.append((time.time(), name))
            os.kill(pid, signal.SIGKILL)

    def _process(self, words: str) -> int | None:
        """The child of the supervisor whose command holds these words."""
        return next((pid for pid in children(self.portal.process.pid) if runs(pid, words)), None)

    def _environment(self) -> dict:
        return embedded.running_environment(self.portal.var)

    def _flush(self) -> None:
        redis.Redis.from_url(self._environment()["REDIS_URL"], socket_timeout=2).flushall()

    def _start_second_beat(self) -> None:
        if self.second_beat is None:
            schedule = str(self.portal.var / "second-beat")
            self.second_beat = subprocess.Popen(
                [sys.executable, "-m", "celery", "-A", "config", "beat", "--loglevel", "ERROR", "--schedule", schedule,
                 "--pidfile", ""],
                cwd=ROOT, env={**os.environ, **self._environment()}, stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
            )  # fmt: skip


def children(pid: int | None) -> list[int]:
    try:
        return [int(child) for child in Path(f"/proc/{pid}/task/{pid}/children").read_text().split()]
    except OSError:
        return []


def runs(pid: int, words: str) -> bool:
    """Whether the process's command holds all these words."""
    try:
        command = Path(f"/proc/{pid}/cmdline").read_bytes().decode(errors="replace")
    except OSError:
        return False
    return all(word in command for word in words.split())
