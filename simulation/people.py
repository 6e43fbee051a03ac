"""Who acts: citizens, the officer who has a complaint, desks. Read from the database, chosen by the dice."""

import datetime
import random
from dataclasses import dataclass

from django.utils import timezone

from citizens.models import User
from departments import reference_data
from departments.fields import check_answers
from departments.models import Area, Category, Posting, Reason, Role

from . import words

PLACES = (Area.Kind.PANCHAYAT, Area.Kind.WARD, Area.Kind.VILLAGE, Area.Kind.URBAN_BODY)
# One citizen files about this many complaints.
COMPLAINTS_A_CITIZEN = 1.6


@dataclass(frozen=True)
class Citizen:
    """A person of the state: where they live, how they write."""

    phone: str
    name: str
    language: str
    script: str
    area: Area


class People:
    """The state's people, by a dice of their own: who they are does not depend on what happens to complaints."""

    def __init__(self, dice: random.Random, complaints: int):
        self.dice = dice
        self.categories = [found for found in categories() if answers_to(found) is not None]
        places = list(Area.objects.filter(is_active=True, kind__in=PLACES).order_by("pk"))
        names, surnames = (reference_data.rows(f"{part}_names.csv") for part in ("first", "last"))
        self.citizens = [
            self._citizen(places, names, surnames) for _n in range(max(1, round(complaints / COMPLAINTS_A_CITIZEN)))
        ]
        self.transfer_reasons = list(Reason.objects.filter(kind=Reason.Kind.TRANSFER).order_by("pk"))
        self.reject_reasons = list(Reason.objects.filter(kind=Reason.Kind.REJECT).order_by("pk"))
        self.desks = {role: self._postings(role=role) for role in (Role.TRIAGE, Role.CM_OFFICE, Role.AGENT)}
        self._today, self._users = None, {}

    def _citizen(self, places, names, surnames) -> Citizen:
        language = "hi" if self.dice.random() < 0.85 else "en"
        key = f"name_{language}"
        name = f"{self.dice.choice(names)[key]} {self.dice.choice(surnames)[key]}"
        phone = f"+9170{self.dice.randrange(10**8):08d}"
        return Citizen(phone, name, language, words.script_of(self.dice, language), self.dice.choice(places))

    def _postings(self, **post) -> list[Posting]:
        wanted = {f"post__{name}": value for name, value in post.items()}
        postings = Posting.objects.current().filter(**wanted, post__line="", officer__is_active=True)
        return list(postings.select_related("post", "officer").order_by("pk"))

    def category(self, dice: random.Random, month: int) -> Category:
        """What a complaint of this month is about."""
        weights = [words.weight(found.department.code, month) / found.siblings for found in self.categories]
        return dice.choices(self.categories, weights)[0]

    def user(self, pk: int) -> User:
        """A person, read once a day: what they may do changes from day to day."""
        if self._today != timezone.localdate():
            self._today, self._users = timezone.localdate(), {}
        if pk not in self._users:
            self._users[pk] = User.objects.get(pk=pk)
        return self._users[pk]

    def assignee(self, complaint) -> User:
        """The officer who has the complaint now."""
        return self.user(Posting.objects.values_list("officer", flat=True).get(pk=complaint.assignee_id))

    def desk(self, role: Role, number: int = 0) -> User | None:
        """One of the people of a desk that sees the whole state."""
        found = self.desks[role]
        return self.user(found[number % len(found)].officer_id) if found else None

    def officers(self, complaint, level: int) -> list[Posting]:
        """Officers of the complaint's department at a level or above, whose area contains the place."""
        found = self._postings(role=Role.OFFICER, department=complaint.department_id, level__gte=level)
        return [posting for posting in found if posting.post.area_id in complaint.area.path_ids()]


def answers_to(category: Category) -> dict | None:
    """Answers to a category's extra questions; None where no believable one passes."""
    given = {question["key"]: _answer(question) for question in category.fields if question.get("required")}
    return given if not check_answers(category.fields, given)[1] else None


def categories() -> list[Category]:
    """What complaints can be about, each with how many `siblings` its department has."""
    found = list(
        Category.objects.filter(is_active=True, department__is_active=True).select_related("department").order_by("pk")
    )
    for category in found:
        category.siblings = sum(other.department_id == category.department_id for other in found)
    return found


def _answer(question: dict) -> str:
    """What fits most patterns of the catalogue."""
    kind = question["kind"]
    if kind == "choice":
        return question["choices"][0]["value"]
    if kind == "date":
        return (timezone.localdate() - datetime.timedelta(days=9)).isoformat()
    samples = {"digits": "100012345678", "number": "3", "time": "09:30"}
    return samples.get(kind, "वार्ड 3")[: question.get("max_length") or None]
