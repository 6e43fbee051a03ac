"""What synthetic complaints are about and whose they are: the real departments, places, posts and deadlines, read
once, and citizens that are nobody."""

import datetime
import random
from collections import defaultdict
from dataclasses import dataclass
from itertools import accumulate
from zoneinfo import ZoneInfo

from django.conf import settings

from citizens.models import User
from citizens.phones import synthetic_phone
from departments import calendars, reference_data
from departments.models import Area, Category, Posting, Reason, Role
from grievance import clock, routing
from simulation import people, words

from .hours import Hours
from .plan import Plan

# The furthest a deadline reaches beyond now.
AHEAD = datetime.timedelta(days=800)
# Neighbours in the number of a citizen live far apart.
STRIDE = 7919


@dataclass(frozen=True)
class Desk:
    """A posting and who holds it."""

    posting: int
    officer: int


@dataclass(frozen=True)
class Citizen:
    """Somebody who does not exist."""

    pk: int
    language: str
    area: Area


@dataclass(frozen=True, slots=True)
class Where:
    """What routing asks about a complaint: place, department, the line whose officers alone may have it, and the
    lowest level that may."""

    area_id: int
    department_id: int
    line: str
    min_level: int


class Nobody(Exception):
    """There are no officers or no matters: no history can be made here."""


class State:
    """Everything a history needs, as it is on the day of the load."""

    def __init__(self, plan: Plan):
        self.let_live(0, 1)
        self.areas = {area.pk: area for area in Area.objects.all()}
        # From the place itself up to the state: routing looks for the deepest.
        self.path = {pk: tuple(reversed(area.path_ids())) for pk, area in self.areas.items()}
        self.district = {pk: self._district_of(path) for pk, path in self.path.items()}
        self.places = [a for a in self.areas.values() if a.is_active and a.kind in people.PLACES]
        self.places.sort(key=lambda area: area.pk)
        self.offices = self._offices()
        self.categories = [found for found in people.categories() if self._somebody_can_take(found)]
        if not self.places or not self.categories:
            raise Nobody
        self.answers = {found.pk: people.answers_to(found) for found in self.categories}
        self.by_department = defaultdict(list)
        for found in self.categories:
            self.by_department[found.department_id].append(found)
        self._weights = [self._weights_of(month) for month in range(1, 13)]
        self.desks = {role: self._desk(role) for role in (Role.TRIAGE, Role.CM_OFFICE, Role.AGENT)}
        self.client = User.objects.filter(kind=User.Kind.CLIENT).order_by("pk").values_list("pk", flat=True).first()
        reasons = Reason.objects.filter(is_active=True).order_by("pk").values_list("kind", "code")
        self.reject_reasons = [code for kind, code in reasons if kind == Reason.Kind.REJECT]
        self.transfer_reasons = [code for kind, code in reasons if kind == Reason.Kind.TRANSFER]
        self.calendar = calendars.in_force().pk
        self._span = plan.begins.date(), (plan.moment + AHEAD).date()
        self._hours: dict[tuple, Hours] = {}
        self._minutes: dict[tuple, int] = {}

    def let_live(self, first_citizen: int, citizens: int) -> None:
        """So many people live here, with ids from the first on."""
        self.first_citizen, self.citizens = first_citizen, citizens

    def _district_of(self, path: tuple) -> int | None:
        return next((pk for pk in path if self.areas[pk].kind == Area.Kind.DISTRICT), None)

    def _offices(self) -> dict[tuple, dict[int, list[Desk]]]:
        """(department, line, level) → area → who sits there today."""
        offices = defaultdict(lambda: defaultdict(list))
        postings = Posting.objects.staffed().filter(post__role=Role.OFFICER).order_by("pk").values_list(
            "pk", "officer_id", "post__department_id", "post__line", "post__level", "post__area_id"
        )  # fmt: skip
        for pk, officer, department, line, level, area in postings:
            offices[department, line, level][area].append(Desk(pk, officer))
        return {key: dict(areas) for key, areas in offices.items()}

    def _somebody_can_take(self, category: Category) -> bool:
        """Whether, wherever it is, an officer is found for it: nothing of this is to lie with triage."""
        line = category.line if category.confidential else ""
        tops = self.offices.get((category.department_id, line, routing.TOP_LEVEL), {})
        everywhere = any(self.areas[pk].parent_id is None for pk in tops)
        return everywhere and people.answers_to(category) is not None

    def _weights_of(self, month: int) -> list[float]:
        return list(accumulate(words.weight(c.department.code, month) / c.siblings for c in self.categories))

    def _desk(self, role: Role) -> list[Desk]:
        found = Posting.objects.staffed().filter(post__role=role, post__line="").order_by("pk")
        return [Desk(*row) for row in found.values_list("pk", "officer_id")]

    def category(self, dice: random.Random, month: int) -> Category:
        """What a complaint of this month is about."""
        return dice.choices(self.categories, cum_weights=self._weights[month - 1])[0]

    def citizen(self, dice: random.Random) -> Citizen:
        """Who files: most people once or twice, some often."""
        number = int(self.citizens * dice.random() ** 1.3)
        return self.citizen_number(number)

    def citizen_number(self, number: int) -> Citizen:
        return Citizen(self.first_citizen + number, "en" if number % 7 == 0 else "hi",
                       self.places[number * STRIDE % len(self.places)])  # fmt: skip

    def hours(self, district: int | None, *, round_the_clock: bool) -> Hours:
        """Working time of a district."""
        key = (None, True) if round_the_clock else (district, False)
        if key not in self._hours:
            calendar = calendars.of(self.calendar, *key)
            self._hours[key] = Hours(calendar, *self._span, ZoneInfo(settings.TIME_ZONE))
        return self._hours[key]

    def minutes(self, category: Category, department: int, level: int) -> int:
        """Working minutes granted at a level."""
        key = (category.pk, department, level)
        if key not in self._minutes:
            self._minutes[key] = clock.minutes_for(category, department, level)
        return self._minutes[key]

    def desk_for(self, where: Where, level: int, dice: random.Random) -> tuple[Desk, int, dict]:
        """As `routing.choose`: whose it is at `level` or above, at which level they sit, and why."""
        asked = max(level, where.min_level)
        for rung in range(asked, routing.TOP_LEVEL + 1):
            areas = self.offices.get((where.department_id, where.line, rung), {})
            for area in self.path[where.area_id]:
                if found := areas.get(area):
                    return dice.choice(found), rung, routing.reason(where, asked, rung, area, len(found), [])
        raise Nobody


def make_citizens(numbers: range, state: State, first_phone: int, seed: int, since) -> list[User]:
    """The people behind these numbers, not saved: with names, and phones that nobody can have."""
    dice = random.Random(f"{seed}/citizens/{numbers.start}")  # noqa: S311 - the same dice must fall the same again
    firsts, lasts = (reference_data.rows(f"{part}_names.csv") for part in ("first", "last"))
    found = []
    for number in numbers:
        citizen = state.citizen_number(number)
        name = f"name_{citizen.language}"
        found.append(
            User(
                pk=citizen.pk, kind=User.Kind.CITIZEN, username=f"synthetic-{first_phone + number}", password="!",  # noqa: S106 - no password
                name=f"{dice.choice(firsts)[name]} {dice.choice(lasts)[name]}", language=citizen.language,
                phone=synthetic_phone(first_phone + number), date_joined=since,
            )
        )  # fmt: skip
    return found
