"""Starts a whole portal, lets people use it while faults come, lets it settle, and audits what is left."""

import datetime
import json
import os
import random
import subprocess
import sys
import threading
import time
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from zoneinfo import ZoneInfo

from config import embedded
from tests.portal import ROOT, RunningPortal

from .faults import Faults
from .gateway import GOOD, RoughGateway
from .people import Api, Memory, crowd, finish
from .quiet import Watch

# Generous, for machines that do other things too; each is an end, not a pause.
READY_SECONDS, DONE_SECONDS, START_SECONDS = 180, 180, 240
MOST_WEEKS = 3
OFFICE_HOUR = 11


@dataclass
class Outcome:
    """What was injected, what was found."""

    seed: int
    rounds: int
    faults: Counter
    findings: dict = field(default_factory=dict)
    notes: list[str] = field(default_factory=list)

    @property
    def breaks(self) -> list[str]:
        return [f"{name}: {found}" for name, finding in self.findings.items() for found in finding["breaks"]]

    @property
    def holds(self) -> bool:
        return not self.breaks

    def table(self) -> str:
        """Faults injected, invariants held; then every break with the seed."""
        lines = [f"{self.rounds} rounds, seed {self.seed}", "", "Faults injected"]
        lines += [f"  {count:>5}  {name}" for name, count in sorted(self.faults.items())]
        lines += ["", "Invariants"]
        for name, finding in self.findings.items():
            verdict = "holds" if not finding["breaks"] else f"BROKEN in {len(finding['breaks'])} places"
            lines.append(f"  {finding['count']:>5}  {name}: {verdict}")
        lines += ["", *self.notes]
        lines += [f"✗ {found} (seed {self.seed})" for found in self.breaks]
        return "\n".join(lines)


def chaos(rounds: int, seed: int, *, keep: bool = False, say: Callable[[str], None] = lambda _text: None) -> Outcome:
    """Runs it all and returns the outcome."""
    dice = random.Random(seed)
    gateway = RoughGateway()
    portal = _start(gateway)
    faults = Faults(portal, gateway, random.Random(dice.random()))
    try:
        portal.wait_until_ready(START_SECONDS)
        say(f"The portal runs at {portal.url}, its clock at {OFFICE_HOUR} o'clock of a working day.")
        faults.ahead = float((portal.var / "clock-ahead").read_text())
        memory, stop = Memory(), threading.Event()
        api = Api(portal.url, memory)
        people = crowd(api, gateway, portal.demo(), dice, stop)
        for person in people:
            person.start()
        _rounds(rounds, dice, faults, say)
        stop.set()
        for person in people:
            person.join(60)
        outcome = Outcome(seed, rounds, Counter(name for _at, name in faults.injected))
        stuck = _settle(portal, faults, api, say)
        outcome.findings = _audit(portal, memory, gateway, faults)
        outcome.findings["nothing stuck"] = {"count": len(memory.filed), "breaks": stuck + _failed(people)}
        outcome.notes = _notes(memory, gateway)
        return outcome
    finally:
        faults.heal()
        gateway.close()
        if keep:
            say(f"Everything lies in {portal.var}")
            portal.process.terminate()
            portal.process.wait(30)
        else:
            portal.stop()


def _start(gateway: RoughGateway) -> RunningPortal:
    """A portal whose SMS go to the gateway of the test."""
    portal = RunningPortal(SMS_GATEWAY="channels.gateways.http.HttpSmsGateway", SMS_GATEWAY_URL=gateway.url)
    # Read by each process when it starts; the supervisor first makes the database, so this comes in time.
    (portal.var / "clock-ahead").write_text(str(office_hours(0)))
    return portal


def office_hours(ahead: float) -> float:
    """By how much a clock that is so much ahead must be ahead to show eleven o'clock of its next Wednesday: then
    nobody's messages wait for the morning."""
    now = datetime.datetime.now(ZoneInfo("Asia/Kolkata")) + datetime.timedelta(seconds=ahead)
    day = now.date() + datetime.timedelta(days=(2 - now.weekday()) % 7 or 7)
    return ahead + (datetime.datetime.combine(day, datetime.time(OFFICE_HOUR), now.tzinfo) - now).total_seconds()


def _rounds(rounds: int, dice: random.Random, faults: Faults, say) -> None:
    names: list[str] = []
    for number in range(rounds):
        # Every kind comes before any comes again.
        if not names:
            names = faults.names()
            dice.shuffle(names)
        time.sleep(dice.uniform(0.2, 1.4))
        name = names.pop()
        say(f"round {number + 1}: {name}")
        faults.inject(name)
        time.sleep(dice.uniform(0.4, 1.6))
        if dice.random() < 0.6 or faults.gateway.mode != GOOD:
            faults.heal()


def _settle(portal: RunningPortal, faults: Faults, api: Api, say) -> list[str]:
    """Faults end, days pass so that leases, pauses and deadlines run out, and what is left is done. What is not is
    stuck."""
    faults.heal()
    watch = Watch(embedded.running_environment(portal.var)["DATABASE_URL"], portal.url)
    say("No more faults. Settling …")
    if not watch.until_ready(READY_SECONDS):
        return ["the portal did not become ready again"]
    if unanswered := finish(api, READY_SECONDS):
        return [f"{unanswered} registrations are never answered"]
    for _week in range(MOST_WEEKS):
        faults.jump_to(office_hours(faults.ahead))
        time.sleep(1)
        if not watch.until_ready(READY_SECONDS):
            return ["the portal did not become ready after its clock was put ahead"]
        if left := watch.until_nothing_is_left(faults.ahead, DONE_SECONDS):
            return [f"{count} {what}" for what, count in left.items()]
        if not watch.waiting(time.time() + faults.ahead):
            break
    return []


def _audit(portal: RunningPortal, memory: Memory, gateway: RoughGateway, faults: Faults) -> dict:
    remembered = portal.var / "remembered.json"
    # By the portal's clock: it goes on, and what it sends from now on is not among what the gateway took by now.
    until = time.time() + faults.ahead
    remembered.write_text(
        json.dumps({
            "until": until,
            "filed": memory.filed, "acts": memory.acts, "kills": faults.kills,
            "taken": [(taken.key, taken.at, taken.answered) for taken in gateway.kept],
        })
    )  # fmt: skip
    done = subprocess.run(
        [sys.executable, "-m", "tests.chaos.audit", str(remembered)], cwd=ROOT, text=True, capture_output=True,
        env={**os.environ, **embedded.running_environment(portal.var)}, timeout=600,
    )  # fmt: skip
    if done.returncode:
        return {"the audit": {"count": 0, "breaks": [done.stderr[-2000:]]}}
    return json.loads(done.stdout)


def _failed(people) -> list[str]:
    return [f"{type(person).__name__} of the test failed: {person.failure!r}" for person in people if person.failure]


def _notes(memory: Memory, gateway: RoughGateway) -> list[str]:
    statuses = ", ".join(f"{status}: {count}" for status, count in sorted(memory.answers.items()))
    return [f"Answers {statuses}; none came {memory.lost} times; the gateway took {len(gateway.kept)} messages."]
