"""What happens in the life of a synthetic complaint: it is filed, routed, worked on, climbs where nobody hurries, is
resolved and judged; or it is still open.

Each turn leaves the complaint as the workflow's effects would (`grievance.effects`), with believable times.
"""

import random
from dataclasses import dataclass

from grievance import effects, log, routing
from grievance.clock import WARNINGS
from grievance.models import Kind
from grievance.table import CITIZEN_ANSWER_DAYS, NO_REPLY_DAYS, OBJECTION_DAYS, REMINDER_DAYS
from simulation import words

from .life import SYSTEM, Actor, Life, moment
from .state import State, Where

DAY = 86_400
MOST_LATE_SECONDS = 30
KINDS = (Kind.COMPLAINT, Kind.DEMAND, Kind.SUGGESTION, Kind.ENQUIRY)
UP_TO_KIND = (88, 95, 98, 100)
CHANNELS = ("web", "call", "whatsapp", "api")
UP_TO_CHANNEL = (40, 82, 94, 100)
# How what is disposed of without a satisfied citizen ends, in what share of the cases.
OTHER_ENDS = {"no_reply": 62, "rejected": 24, "withdrawn": 10, "by_order": 4}
# What these ends need at least, in days since it was filed.
NEED_DAYS = {"no_reply": NO_REPLY_DAYS + 3, "by_order": OBJECTION_DAYS + 3, "rejected": 2, "withdrawn": 1}
# On which days after the resolution a citizen who says nothing was asked, and by what.
ATTEMPTS = (*((day, "sms") for day in REMINDER_DAYS), (REMINDER_DAYS[-1] + 1, "call"))
# In how many lives it happens.
ACCEPTED, ASKED, TOLD, MOVED, REOPENED = 0.85, 0.05, 0.12, 0.03, 0.05
# Of what is open and old so much came back in the last days, and of that so much from another department.
CAME_BACK, MOVED_OF_THESE, LATELY_DAYS = 0.75, 0.6, 9


@dataclass(frozen=True)
class Ids:
    """What the database gave to one complaint."""

    complaint: int
    number: str
    key: str


class Story:
    """Tells one life after the other."""

    def __init__(self, state: State, now: float):
        self.state, self.now, self.until = state, int(now), int(now)
        self.dice: random.Random = random.Random()  # noqa: S311 - only for stories
        self.ends = self._possible_ends()

    def _possible_ends(self) -> dict[str, int]:
        """Without two people at the triage desk nothing is rejected, without the CM's office nothing closed by
        order."""
        missing = set()
        if len(self.state.desks["triage"]) < 2 or not self.state.reject_reasons:
            missing.add("rejected")
        if not self.state.desks["cm_office"]:
            missing.add("by_order")
        return {end: share for end, share in OTHER_ENDS.items() if end not in missing}

    def tell(self, ids: Ids, fate: str, filed: int, dice: random.Random) -> Life:
        """The whole life of a complaint that was filed then and ends so."""
        self.dice, self.until, days = dice, self.now, (self.now - filed) / DAY
        life = self._file(ids, filed)
        routed = self._by(filed, dice.expovariate(1 / 2))
        self._give(life, "route", routed, SYSTEM, life.level)
        if fate == "open":
            self._stay_open(life, routed)
        elif fate == "satisfied":
            self._be_judged(life, self._be_done(life, routed))
        else:
            ends = {end: share for end, share in self.ends.items() if NEED_DAYS[end] < days}
            end = dice.choices(list(ends), list(ends.values()))[0] if ends else "unjudged"
            getattr(self, f"_end_{end}")(life, routed)
        life.end()
        return life

    def _by(self, start: float, after: float, share: float = 0.5) -> int:
        """So long after `start`; where that lies ahead of now, a part of the time there still is."""
        left = max(self.until - start, 0)
        return int(start + (after if after < left * share else left * share * self.dice.random()))

    # Filing and giving --------------------------------------------------------------------------------

    def _file(self, ids: Ids, filed: int) -> Life:
        dice, state = self.dice, self.state
        citizen = state.citizen(dice)
        category = state.category(dice, moment(filed).month)
        script = words.script_of(dice, citizen.language)
        channel, actor = self._way_in(citizen.pk)
        level = min(effects.lowest_level(category), routing.TOP_LEVEL)
        life = Life(
            id=ids.complaint, number=ids.number, idempotency_key=ids.key,
            kind=str(dice.choices(KINDS, cum_weights=UP_TO_KIND)[0]),
            category_id=category.pk, department_id=category.department_id, area_id=citizen.area.pk,
            district_id=state.district[citizen.area.pk], text=words.complaint(dice, category, citizen.area, script),
            place_note="" if dice.random() < 0.7 else f"वार्ड {dice.randrange(1, 12)}",
            fields=state.answers[category.pk], citizen_id=citizen.pk, language=citizen.language, channel=channel,
            registered_by_id=actor.user, confidential=category.confidential, line=category.line,
            min_level=effects.lowest_level(category), level=level, state="registered", registered_at=moment(filed),
        )  # fmt: skip
        life.category, life.script, life.due, life.climbed = category, script, 0, 0
        facts = {"category": category.pk, "department": life.department_id, "area": life.area_id,
                 "content": log.content_hash(life), "files": [], "synthetic": True}  # fmt: skip
        life.step("register", filed, actor, data=facts)
        return life

    def _way_in(self, citizen: int) -> tuple[str, Actor]:
        channel = self.dice.choices(CHANNELS, cum_weights=UP_TO_CHANNEL)[0]
        agents = self.state.desks["agent"]
        if channel == "call" and agents:
            desk = self.dice.choice(agents)
            return channel, Actor(desk.officer, "agent", desk.posting, channel)
        if channel == "api" and self.state.client:
            return channel, Actor(self.state.client, "client", None, channel)
        if channel == "whatsapp":
            return channel, Actor(citizen, "citizen", None, channel)
        return "web", Actor(citizen, "citizen", None, "web")

    def _hours(self, life: Life):
        return self.state.hours(life.district_id, round_the_clock=life.category.emergency)

    def _give(self, life: Life, action: str, at: float, actor: Actor, level: int, *, since=None, text="", facts=None,
              category=None, **changes) -> None:  # fmt: skip
        """Puts it on a desk with a fresh clock that runs from `since`, as `effects.give`."""
        category = category or life.category
        where = Where(life.area_id, category.department_id, category.line if life.confidential else "",
                      max(life.min_level, effects.lowest_level(category)))  # fmt: skip
        desk, level, why = self.state.desk_for(where, level, self.dice)
        minutes = self.state.minutes(category, where.department_id, level)
        start, before = since or at, life.assignee_id
        life.category, life.desk = category, desk
        life.due = int(self._hours(life).add(start, minutes * 60))
        facts = (facts or {}) | {"from": before, "to": desk.posting, "level": level,
                                 "due_at": moment(life.due).isoformat(), "why": why}  # fmt: skip
        life.step(
            action, at, actor, text=text, data=facts, state="assigned", level=level, assignee_id=desk.posting, why=why,
            assigned_at=moment(at), level_since=moment(start), clock_minutes=minutes, min_level=where.min_level,
            calendar_version_id=self.state.calendar, due_at=moment(life.due), **changes,
        )  # fmt: skip

    def _assignee(self, life: Life) -> Actor:
        return Actor(life.desk.officer, "assignee", life.desk.posting, "web")

    def _citizen(self, life: Life) -> Actor:
        return Actor(life.citizen_id, "citizen", None, "web")

    def _staff_text(self, kind: str) -> str:
        return words.say(self.dice, kind, "hi" if self.dice.random() < 0.8 else "en")

    # Work ---------------------------------------------------------------------------------------------

    def _be_done(self, life: Life, since: int) -> int:
        """It is worked on until it is resolved; returns when that was."""
        dice = self.dice
        if dice.random() < MOVED and self.state.transfer_reasons and not life.confidential:
            since = self._move(life, since)
        done = self._done_at(life, since)
        # Nobody takes up work and does it in the same breath.
        accepted = self._between(since, min(done, life.due)) if dice.random() < ACCEPTED else None
        if accepted:
            life.step("accept", accepted, self._assignee(life), state="in_progress")
            if dice.random() < ASKED:
                self._ask_and_answer(life, accepted, done)
            elif dice.random() < TOLD:
                life.step("update", self._between(accepted, min(done, life.due)), self._assignee(life),
                          text=self._staff_text("news"))  # fmt: skip
        self._climb_until(life, done)
        late = life.due < done or (life.level > life.min_level and life.climbed == life.round)
        life.step("resolve", done, self._assignee(life), text=self._staff_text("report"), data={"late": late},
                  state="resolved", due_at=None, resolved_at=moment(done))  # fmt: skip
        return done

    def _between(self, start: float, end: float) -> int:
        return int(start + (end - start) * (0.1 + 0.5 * self.dice.random()))

    def _done_at(self, life: Life, since: int) -> int:
        """Most work is done well within the time, some takes long; and it lies in the past."""
        share = self.dice.lognormvariate(-0.95, 0.9)
        return self._by(since, self._hours(life).add(since, share * life.clock_minutes * 60) - since)

    def _climb_until(self, life: Life, until: float) -> None:
        """Every level whose time runs out before then is passed, as the sweep would have done."""
        while life.due < until and life.breached_at is None:
            at = min(life.due + self.dice.randrange(MOST_LATE_SECONDS), int(until))
            life.climbs.append({"complaint_id": life.id, "round": life.round, "level": life.level,
                                "due_at": moment(life.due), "at": moment(at)})  # fmt: skip
            life.climbed = life.round
            if life.level == routing.TOP_LEVEL:
                life.step("breach", at, SYSTEM, data={"to": life.assignee_id}, breached_at=moment(at))
            else:
                self._give(life, "escalate", at, SYSTEM, life.level + 1, since=life.due,
                           facts={"from_level": life.level})  # fmt: skip

    def _ask_and_answer(self, life: Life, since: int, done: int) -> None:
        """The clock stands still while the citizen is asked, and runs on with what was left."""
        asked = self._between(since, min(done, life.due))
        answered = self._between(asked, min(done, asked + CITIZEN_ANSWER_DAYS * DAY))
        left = self._ask(life, asked)
        life.due = int(self._hours(life).add(answered, left))
        life.step("answer", answered, self._citizen(life), text=words.say(self.dice, "answer", life.script),
                  data={"due_at": moment(life.due).isoformat()}, state="in_progress", due_at=moment(life.due),
                  left_seconds=None, paused_at=None)  # fmt: skip

    def _ask(self, life: Life, at: int) -> int:
        left = int(self._hours(life).between(at, life.due))
        life.step("ask", at, self._assignee(life), text=self._staff_text("question"), data={"left_seconds": left},
                  state="awaiting_citizen", due_at=None, left_seconds=left, paused_at=moment(at))  # fmt: skip
        return left

    def _move(self, life: Life, since: int, at: int | None = None) -> int:
        """It came to the wrong department: it begins again in another one (soon, where no moment is given)."""
        to = self.dice.choice(self.state.categories)
        if to.confidential or to.department_id == life.department_id:
            return since
        at = at or self._by(since, self._hours(life).add(since, 0.2 * life.clock_minutes * 60) - since, 0.2)
        facts = {"from_department": life.department_id, "to_department": to.department_id,
                 "reason": self.dice.choice(self.state.transfer_reasons)}  # fmt: skip
        self._give(
            life, "transfer", at, self._assignee(life), 1, text=self._staff_text("moved"), facts=facts, category=to,
            category_id=to.pk, department_id=to.department_id, line=to.line, round=life.round + 1, transfer_count=1,
            breached_at=None,
        )  # fmt: skip
        return at

    # Ends ---------------------------------------------------------------------------------------------

    def _be_judged(self, life: Life, done: int) -> None:
        """The citizen is satisfied, some only the second time."""
        if self.dice.random() < REOPENED and self.now - done > 3 * DAY:
            judged = self._by(done, self.dice.expovariate(1 / (2 * DAY)), 0.3)
            done = self._be_done(life, self._be_reopened(life, judged))
        at, rating = self._by(done, self.dice.expovariate(1 / (3 * DAY))), self.dice.choices((3, 4, 5), (1, 3, 5))[0]
        text = words.say(self.dice, "happy", life.script) if self.dice.random() < 0.4 else ""
        self._close(life, "satisfied", at, self._citizen(life), "satisfied", text=text, data={"rating": rating},
                    verdict="satisfied", rating=rating)  # fmt: skip

    def _be_reopened(self, life: Life, at: int) -> int:
        rating = self.dice.choice((1, 2))
        self._give(
            life, "not_satisfied", at, self._citizen(life), min(life.level + 1, routing.TOP_LEVEL),
            text=words.say(self.dice, "unhappy", life.script), facts={"rating": rating, "from_level": life.level},
            verdict="not_satisfied", rating=rating, round=life.round + 1, reopen_count=life.reopen_count + 1,
            resolved_at=None, breached_at=None,
        )  # fmt: skip
        return at

    def _close(self, life: Life, action: str, at: float, actor: Actor, outcome: str, *, text="", data=None,
               **changes) -> None:  # fmt: skip
        life.step(action, at, actor, text=text, data={"outcome": outcome} | (data or {}), state="closed",
                  outcome=outcome, closed_at=moment(at), due_at=None, left_seconds=None, paused_at=None,
                  **changes)  # fmt: skip

    def _end_unjudged(self, life: Life, routed: int) -> None:
        """Resolved a few days ago. It has no `remind_at`: nobody is there to be reminded."""
        self._be_done(life, routed)

    def _end_no_reply(self, life: Life, routed: int) -> None:
        self.until = self.now - (NO_REPLY_DAYS + 1) * DAY
        done = self._be_done(life, routed)
        attempts = [[moment(done + day * DAY).date().isoformat(), by] for day, by in ATTEMPTS]
        for day, _by in ATTEMPTS[: len(REMINDER_DAYS)]:
            life.step("remind", done + day * DAY, SYSTEM, data={"day": day})
        self._close(life, "no_reply", done + NO_REPLY_DAYS * DAY + self.dice.randrange(DAY), SYSTEM, "no_reply",
                    data={"attempts": attempts})  # fmt: skip

    def _end_withdrawn(self, life: Life, routed: int) -> None:
        at = self._by(routed, min(self.dice.expovariate(1 / (2 * DAY)), life.due - routed))
        self._close(life, "withdraw", at, self._citizen(life), "withdrawn",
                    text=words.say(self.dice, "withdrawn", life.script))  # fmt: skip

    def _end_rejected(self, life: Life, routed: int) -> None:
        """One person at the triage desk proposes it, another approves."""
        one, other = self.dice.sample(self.state.desks["triage"], 2)
        reason, text = self.dice.choice(self.state.reject_reasons), self._staff_text("rejected")
        proposed = self._by(routed, min(self.dice.expovariate(1 / DAY), (life.due - routed) / 2))
        approved = self._by(proposed, min(self.dice.expovariate(1 / DAY), life.due - proposed))
        life.step("propose_reject", proposed, Actor(one.officer, "triage", one.posting), text=text, internal=True,
                  data={"reason": reason})  # fmt: skip
        self._close(life, "approve_reject", approved, Actor(other.officer, "triage", other.posting), "rejected",
                    data={"reason": reason, "order": text})  # fmt: skip
        self._keep_proposal(life, "reject", reason, text, (one, proposed), (other, approved))

    def _end_by_order(self, life: Life, routed: int) -> None:
        """The head of the department proposes to close it, the Chief Minister's office approves."""
        self.until = self.now - (OBJECTION_DAYS + 1) * DAY
        head, _level, _why = self.state.desk_for(
            Where(life.area_id, life.department_id, life.line if life.confidential else "", 1), routing.TOP_LEVEL,
            self.dice,
        )  # fmt: skip
        office, text = self.dice.choice(self.state.desks["cm_office"]), self._staff_text("order")
        proposed = self._by(routed, self.dice.uniform(1, 30) * DAY)
        approved = self._by(proposed, self.dice.uniform(0.1, 3) * DAY)
        self._climb_until(life, proposed)
        life.step("propose_special_close", proposed, Actor(head.officer, "l4", head.posting), text=text, internal=True)
        self._climb_until(life, approved)
        after = approved + OBJECTION_DAYS * DAY
        life.step("approve_special_close", approved, Actor(office.officer, "cm_office", office.posting),
                  data={"close_after": moment(after).isoformat(), "order": text},
                  close_after=moment(after))  # fmt: skip
        self._climb_until(life, after)
        self._close(life, "special_close", after, SYSTEM, "unsatisfied", close_after=None)
        self._keep_proposal(life, "special_close", "", text, (head, proposed), (office, approved))

    def _keep_proposal(self, life: Life, kind: str, reason: str, text: str, by: tuple, decided: tuple) -> None:
        life.proposals.append({
            "complaint_id": life.id, "kind": kind, "reason": reason, "text": text, "proposed_by_id": by[0].officer,
            "proposed_at": moment(by[1]), "decision": "approved", "decided_by_id": decided[0].officer,
            "decided_at": moment(decided[1]),
        })  # fmt: skip

    def _stay_open(self, life: Life, routed: int) -> None:
        """It lies where its age has brought it: the clock of that level runs, or all of them ran out. Of the old ones
        most came back lately, because a citizen was not satisfied or it belonged elsewhere."""
        if self.now - routed > LATELY_DAYS * DAY and self.dice.random() < CAME_BACK:
            routed = self._come_back(life, routed, self._lately())
        hours = self._hours(life)
        half = hours.add(routed, life.clock_minutes * 60 * WARNINGS[0] / 100)
        if self.dice.random() < 0.5:
            life.step("accept", self._between(routed, min(half, self.now)), self._assignee(life), state="in_progress")
            if self.dice.random() < 2 * ASKED and self.now < half:
                self._ask(life, self._between(life.events[-1].at.timestamp(), self.now))
                return
        self._climb_until(life, self.now)
        if life.breached_at is None:
            self._warn(life)

    def _lately(self) -> int:
        return int(self.now - self.dice.uniform(0.1, LATELY_DAYS) * DAY)

    def _come_back(self, life: Life, routed: int, lately: int) -> int:
        if self.dice.random() < MOVED_OF_THESE and self.state.transfer_reasons and not life.confidential:
            self._climb_until(life, lately)
            return self._move(life, routed, lately)
        self.until = lately - DAY
        self._be_done(life, routed)
        self.until = self.now
        return self._be_reopened(life, lately)

    def _warn(self, life: Life) -> None:
        """The warnings of this level that are due were given; the next one has its moment."""
        hours, start = self._hours(life), life.level_since.timestamp()
        for share in WARNINGS:
            at = hours.add(start, life.clock_minutes * 60 * share / 100)
            if at > self.now:
                life.warn_at = moment(at)
                return
            life.step("warn", max(at, life.events[-1].at.timestamp()), SYSTEM, data={
                "used": share, "due_at": life.due_at.isoformat(), "to": life.assignee_id
            }, warned=share)  # fmt: skip
