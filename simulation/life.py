"""One complaint's life, step by step, through the workflow: what its people do next depends on where it stands.

Each life has a dice of its own, so that what happens to one changes nothing in another.
"""

import datetime
import io
import random
from dataclasses import dataclass

from django.core.files.uploadedfile import SimpleUploadedFile
from django.db.models import Q
from PIL import Image

from citizens.models import User
from departments.models import Role
from grievance import clock, files, workflow
from grievance.access import TRANSFERS_BEFORE_TRIAGE, Actor
from grievance.errors import ChangeRefused
from grievance.models import OPEN_STATES, Complaint, Kind, State
from grievance.routing import TOP_LEVEL

from . import words
from .people import People, answers_to
from .plan import Fate

HOUR = 3600
# What officers and citizens are like, as shares of all complaints.
ASKED, TOLD, MISROUTED, PHOTOGRAPHED = 0.18, 0.25, 0.05, 0.1
NOT_SATISFIED, NOT_SATISFIED_AGAIN, NEVER_ANSWERS = 0.13, 0.25, 0.15
# Of the time of their level officers use this much: half of them more than 40%, some more than they have.
MEDIAN_USED, SPREAD = 0.4, 0.6
# What would not end in time is hurried: the next step comes within this part of what is left.
HURRY = (0.1, 0.4)
KINDS = ((Kind.COMPLAINT, 88), (Kind.DEMAND, 7), (Kind.SUGGESTION, 3), (Kind.ENQUIRY, 2))


@dataclass
class Stage:
    """What all lives share: the people, the end of the play, the name under which complaints are filed."""

    people: People
    end: datetime.datetime
    name: str
    refused: int = 0


class Life:
    """`step(now)` does what happens now and returns when it goes on, or None when it is over."""

    def __init__(self, stage: Stage, number: int, fate: Fate, dice: random.Random):
        self.stage, self.number, self.fate, self.dice = stage, number, fate, dice
        self.people, self.complaint = stage.people, None
        self.questions = int(dice.random() < ASKED)
        self.news = int(dice.random() < TOLD)
        self.misrouted = dice.random() < MISROUTED
        self.complaints_of_the_result = 0
        if fate in (Fate.SATISFIED, Fate.SILENT, Fate.BY_ORDER) and dice.random() < NOT_SATISFIED:
            self.complaints_of_the_result = 1 + (dice.random() < NOT_SATISFIED_AGAIN)
        self.looked_at: set[str] = set()

    def step(self, now: datetime.datetime) -> datetime.datetime | None:
        if self.complaint is None:
            self._file(now)
            return now + datetime.timedelta(seconds=2)
        if self.complaint.state == State.REGISTERED and not self.complaint.in_triage:
            workflow.route_registered()
        self.complaint = Complaint.objects.select_related("category", "area").get(pk=self.complaint.pk)
        try:
            return getattr(self, f"_{self.complaint.state}")(now)
        except ChangeRefused:
            # Believable too: somebody else was first, or it is not theirs to do. They look again tomorrow.
            self.stage.refused += 1
            return now + datetime.timedelta(days=1)

    # Filing

    def _file(self, now) -> None:
        citizen = self.dice.choice(self.people.citizens)
        user = User.objects.citizen(citizen.phone, name=citizen.name, language=citizen.language)
        category = self.people.category(self.dice, now.month)
        photo = [self._photo(user)] if self.dice.random() < PHOTOGRAPHED else []
        self.script = citizen.script
        self.complaint, _is_new = workflow.register(
            citizen=user, actor=Actor(user, "citizen", None, "web"), key=f"{self.stage.name}-{self.number}",
            category=category, area=citizen.area, language=citizen.language, fields=answers_to(category),
            text=words.complaint(self.dice, category, citizen.area, citizen.script), files=photo,
            kind=self.dice.choices(*zip(*KINDS, strict=True))[0],
        )  # fmt: skip

    def _photo(self, user):
        """A small picture of one colour, through the same checks as any upload."""
        out = io.BytesIO()
        Image.new("RGB", (64, 48), tuple(self.dice.randrange(256) for _part in "rgb")).save(out, "PNG")
        return files.store(SimpleUploadedFile("photo.png", out.getvalue()), uploaded_by=user)

    # What happens in each state

    def _registered(self, now):
        """The triage desk has it: rejects it, or gives it to an officer who can act."""
        if self._first_time("triage"):
            return self._desk_time(now, self.dice.uniform(0.5, 6) * HOUR)
        if self.fate == Fate.REJECTED:
            return self._reject(now)
        officers = self.people.officers(self.complaint, max(1, self.complaint.min_level))
        if not officers:
            return None
        triage = self.people.desk(Role.TRIAGE, self.number)
        self._change("reassign", triage, assignee=self.dice.choice(officers))
        return self._desk_time(now, self._patience())

    def _assigned(self, now):
        if self.fate == Fate.WITHDRAWN:
            return self._withdraw(now)
        if self.fate == Fate.REJECTED:
            return self._reject(now)
        return self._taken_up(now)

    def _taken_up(self, now):
        """By the officer: it is done already, not theirs, or theirs to do."""
        if self._first_time(f"accept {self.complaint.round} {self.complaint.level}"):
            return self._desk_time(now, self.dice.expovariate(1 / (3 * HOUR)) + 120)
        if self.fate == Fate.DUPLICATE and (other := self._another()):
            self._change("merge", self._officer(), into=other)
            return None
        if self.misrouted and self.complaint.transfer_count < TRANSFERS_BEFORE_TRIAGE:
            self.misrouted = False
            elsewhere = self.people.category(self.dice, now.month).department
            if elsewhere.pk != self.complaint.department_id:
                reason = self.dice.choice(self.people.transfer_reasons).code
                self._change("transfer", self._officer(), department=elsewhere.code, reason=reason,
                             text=self._writes("moved"))  # fmt: skip
                return self._desk_time(now, HOUR)
        self._change("accept", self._officer())
        return self._desk_time(now, self._patience())

    def _in_progress(self, now):
        if self.fate == Fate.OPEN:
            return None
        officer = self._officer()
        if self.questions:
            self.questions -= 1
            self._change("ask", officer, text=self._writes("question"))
            return self._any_time(now, self.dice.expovariate(1 / (20 * HOUR)) + 600)
        if self.news:
            self.news -= 1
            self._change("update", officer, text=self._writes("news"))
            return self._desk_time(now, self._patience() / 2)
        if self.fate == Fate.BY_ORDER and not self.complaints_of_the_result:
            return self._close_by_order(now)
        proof = [self._photo(officer)] if self.complaint.category.needs_proof else []
        self._change("resolve", officer, text=self._writes("report"), files=proof)
        return self._any_time(now, self.dice.expovariate(1 / (30 * HOUR)) + 900)

    def _awaiting_citizen(self, now):
        """Most answer; who does not is not waited for longer than seven days."""
        if self.dice.random() < NEVER_ANSWERS:
            return self._any_time(now, 8 * 24 * HOUR)
        self._change("answer", self.complaint.citizen, text=self._says("answer"))
        return self._desk_time(now, self._patience())

    def _resolved(self, now):
        if self.complaints_of_the_result:
            self.complaints_of_the_result -= 1
            self._change("not_satisfied", self.complaint.citizen, text=self._says("unhappy"),
                         rating=self.dice.choice((1, 1, 2)))  # fmt: skip
            return self._desk_time(now, HOUR)
        if self.fate == Fate.SATISFIED:
            self._change("satisfied", self.complaint.citizen, text=self._says("happy"),
                         rating=self.dice.choice((3, 4, 4, 5, 5, 5)))  # fmt: skip
        return None

    def _closed(self, now):
        return None

    # Rare ends

    def _withdraw(self, now):
        if self._first_time("withdraw"):
            return self._any_time(now, self.dice.expovariate(1 / (20 * HOUR)) + 600)
        self._change("withdraw", self.complaint.citizen, text=self._says("withdrawn"))
        return None

    def _reject(self, now):
        """One person of the triage desk proposes, another approves."""
        proposal = self.complaint.proposals.filter(decision="").first()
        if proposal is None and self.complaint.proposals.exists():
            return None
        if proposal is None:
            reason = self.dice.choice(self.people.reject_reasons).code
            self._change("propose_reject", self.people.desk(Role.TRIAGE, 0), reason=reason,
                         text=self._writes("rejected"))  # fmt: skip
            return self._desk_time(now, self.dice.uniform(1, 8) * HOUR)
        self._change("approve_reject", self.people.desk(Role.TRIAGE, 1))
        return None

    def _close_by_order(self, now):
        """The department's head proposes, the Chief Minister's office approves; three days later it is closed."""
        if self.complaint.close_after:
            return None
        if self.complaint.proposals.filter(decision="").exists():
            self._change("approve_special_close", self.people.desk(Role.CM_OFFICE))
            return None
        heads = [] if self.complaint.confidential else self.people.officers(self.complaint, TOP_LEVEL)
        if not heads:
            self.fate = Fate.SILENT
            return self._in_progress(now)
        self._change("propose_special_close", self.people.user(heads[0].officer_id), text=self._writes("order"))
        return self._desk_time(now, self.dice.uniform(2, 14) * HOUR)

    def _another(self) -> Complaint | None:
        """An open complaint that this one repeats: of the same department, of the same district if there is one."""
        same = Complaint.objects.filter(
            ~Q(pk=self.complaint.pk), state__in=OPEN_STATES, department=self.complaint.department_id,
            level__lte=self.complaint.level, confidential=False, merged_into=None, about_officer=None,
        )  # fmt: skip
        if self.complaint.confidential:
            return None
        officer = self._officer()
        area = next(p.post.area for p in officer.postings.current().select_related("post__area"))
        found = same.filter(area__path__startswith=area.path).order_by("-id").first()
        if found is None:
            self.fate = Fate.SILENT
        return found

    # Who, what and when

    def _change(self, action: str, user, **data) -> None:
        workflow.change(self.complaint, action, user=user, **{name: value for name, value in data.items() if value})

    def _officer(self):
        return self.people.assignee(self.complaint)

    def _says(self, kind: str) -> str:
        """In the citizen's own way of writing."""
        return words.say(self.dice, kind, self.script)

    def _writes(self, kind: str) -> str:
        """In the citizen's language, as officers answer."""
        return words.say(self.dice, kind, self.complaint.language)

    def _first_time(self, what: str) -> bool:
        """Whether this is looked at for the first time: nobody acts the moment something reaches them."""
        is_first = what not in self.looked_at
        self.looked_at.add(what)
        return is_first

    def _patience(self) -> float:
        """Working seconds until an officer has done it; more than they were given, and it climbs."""
        granted = (self.complaint.clock_minutes or clock.DEFAULT_MINUTES) * 60
        return granted * MEDIAN_USED * self.dice.lognormvariate(0, SPREAD)

    def _desk_time(self, now, seconds: float) -> datetime.datetime:
        """When so much working time has passed."""
        return self._in_time(now, clock.add(now, seconds, clock.calendar_for(self.complaint)))

    def _any_time(self, now, seconds: float) -> datetime.datetime:
        return self._in_time(now, now + datetime.timedelta(seconds=seconds))

    def _in_time(self, now, when) -> datetime.datetime:
        left = self.stage.end - now
        late = when - now > left * HURRY[1]
        hurried = late and self.fate != Fate.OPEN
        return now + left * self.dice.uniform(*HURRY) if hurried else when.astimezone(datetime.UTC)
