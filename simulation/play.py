"""Plays the plan in virtual time: between two hours what people do, at each hour what the portal does."""

import datetime
import hashlib
import heapq
import json
import random
from collections import Counter
from dataclasses import dataclass, field

import time_machine
from django.db.models import Count

from grievance.models import Complaint, Event

from . import desk, plan, portal
from .life import Life, Stage
from .people import People

HOUR = datetime.timedelta(hours=1)
# Every so many hours all of the portal's work is done: what fell due by itself is found then.
QUIET_HOURS = 6
# Noon in India: the 1100 desk calls those who have not judged.
CALLING_HOUR_UTC = 6


@dataclass(frozen=True)
class Wanted:
    """What is asked for. The play ends at `end`, and began `days` before."""

    days: int
    a_day: int
    seed: int
    end: datetime.datetime
    shares: plan.Shares = field(default_factory=plan.Shares)

    @property
    def start(self) -> datetime.datetime:
        return self.end - datetime.timedelta(days=self.days)

    @property
    def total(self) -> int:
        return self.days * self.a_day


@dataclass(frozen=True)
class Result:
    """What came of it."""

    complaints: int
    outcomes: Counter
    actions: Counter
    refused: int
    digest: str

    @property
    def disposed(self) -> float:
        """Share of the registered that is resolved or closed in any way."""
        return 1 - self.outcomes["open"] / self.complaints

    @property
    def satisfied(self) -> float:
        """Share of the registered that was closed on a satisfied verdict."""
        return self.outcomes["satisfied"] / self.complaints


def play(wanted: Wanted, progress=lambda _share: None) -> Result:
    """Plays it and says what came of it; `progress` hears how much of the time has passed."""
    before = Complaint.objects.order_by("-pk").values_list("pk", flat=True).first() or 0
    with time_machine.travel(wanted.start, tick=False) as traveller:
        refused = _Play(wanted, traveller, progress, f"simulated-{wanted.seed}-{before}").run()
        return _result(before, refused)


class _Play:
    def __init__(self, wanted: Wanted, traveller, progress, name: str):
        self.wanted, self.traveller, self.progress = wanted, traveller, progress
        dice = random.Random(wanted.seed)  # noqa: S311 - a play, not a secret
        self.stage = Stage(People(random.Random(f"people-{wanted.seed}"), wanted.total), wanted.end, name)  # noqa: S311
        moments = plan.moments(dice, wanted.start, wanted.end, wanted.total)
        self.fates = plan.fates(dice, wanted.total, wanted.shares)
        self.queue = [(moment, number) for number, moment in enumerate(moments)]
        self.lives: dict[int, Life] = {}
        self.hour = wanted.start
        self.acted = False

    def run(self) -> int:
        """How many steps the workflow refused."""
        while self.queue and self.queue[0][0] < self.wanted.end:
            when, number = heapq.heappop(self.queue)
            self._hours_until(when)
            self.traveller.move_to(when)
            self.acted = True
            if again := self._life(number).step(when):
                heapq.heappush(self.queue, (max(again, when + datetime.timedelta(seconds=1)), number))
            else:
                del self.lives[number]
        self._hours_until(self.wanted.end)
        portal.work()
        return self.stage.refused

    def _life(self, number: int) -> Life:
        if number not in self.lives:
            dice = random.Random(f"{self.wanted.seed}-{number}")  # noqa: S311
            self.lives[number] = Life(self.stage, number, self.fates[number], dice)
        return self.lives[number]

    def _hours_until(self, when: datetime.datetime) -> None:
        while self.hour <= when:
            self.traveller.move_to(self.hour)
            all_of_it = self.hour.hour % QUIET_HOURS == 0
            if portal.climb() or self.acted or all_of_it:
                portal.work(all_of_it=all_of_it)
                self.acted = False
            if self.hour.hour == CALLING_HOUR_UTC:
                desk.call_back(self.stage.people)
            self.progress((self.hour - self.wanted.start) / (self.wanted.end - self.wanted.start))
            self.hour += HOUR


def _result(after: int, refused: int) -> Result:
    complaints = Complaint.objects.filter(pk__gt=after)
    events = Event.objects.filter(complaint__in=complaints)
    outcomes = Counter()
    for complaint in complaints.only("state", "outcome"):
        outcomes[complaint.outcome or ("unjudged" if complaint.state == "resolved" else "open")] += 1
    actions = Counter(dict(events.order_by().values_list("action").annotate(n=Count("pk"))))
    return Result(complaints.count(), outcomes, actions, refused, digest(complaints))


def digest(complaints) -> str:
    """A hash over what happened to these complaints, in the order they were filed: who did what when, and the end."""
    found = hashlib.sha256()
    events = Event.objects.filter(complaint__in=complaints).order_by("complaint", "seq")
    for row in events.values_list("seq", "action", "actor_role", "level", "from_state", "to_state", "at", "text"):
        found.update(json.dumps(row, default=str, ensure_ascii=False).encode())
    for row in complaints.order_by("pk").values_list("text", "outcome", "rating", "level", "round"):
        found.update(json.dumps(row, ensure_ascii=False).encode())
    return found.hexdigest()
