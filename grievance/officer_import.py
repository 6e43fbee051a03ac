"""Import of officers and their postings from a table: first a plan to look at, then all of it or nothing.

The plan is made from the file and from what the portal holds. Confirming makes the plan again inside the
transaction and compares its digest with the one that was shown, so what is confirmed is what was seen.
"""

import hashlib
import json
from collections import Counter
from dataclasses import asdict, dataclass, field

import pghistory
from django.db import transaction
from django.db.models.functions import Lower
from django.utils.translation import gettext as _

from citizens.models import User
from departments.history import masked
from departments.locks import one_at_a_time
from departments.models import Area, Department, Post, Posting

from . import doorbell, officer_sheets
from .officer_rows import RowError, dates_of, new_post, person_values, same_post

# One import at a time, in the whole portal.
LOCK = 1100_0012


@dataclass(frozen=True)
class Fact:
    """One thing a row brings about; said in words only when it is shown."""

    kind: str
    old: str = ""
    new: str = ""

    def __str__(self):
        words = {
            "person": _("New person"), "post": _("New post “%(new)s”"), "posting": _("New posting: %(new)s"),
            "name": _("Name: %(old)s → %(new)s"), "name_hi": _("Name in Hindi: %(old)s → %(new)s"),
            "phone": _("Phone: %(old)s → %(new)s"), "email": _("E-mail: %(old)s → %(new)s"),
            "ends_on": _("Until: %(old)s → %(new)s"),
        }  # fmt: skip
        hide = masked if self.kind in {"phone", "email"} else str
        return words[self.kind] % {"old": hide(self.old) or "–", "new": hide(self.new)}


@dataclass
class PlannedRow:
    number: int
    username: str
    facts: list[Fact] = field(default_factory=list)
    errors: list[str] = field(default_factory=list)

    @property
    def outcome(self) -> str:
        if self.errors:
            return "error"
        if any(fact.kind in {"person", "post", "posting"} for fact in self.facts):
            return "new"
        return "changed" if self.facts else "unchanged"


@dataclass
class Plan:
    """What the file would do."""

    rows: list[PlannedRow]
    new_people: list[User] = field(default_factory=list)
    changed_people: list[User] = field(default_factory=list)
    new_posts: list[Post] = field(default_factory=list)
    new_postings: list[Posting] = field(default_factory=list)
    changed_postings: list[Posting] = field(default_factory=list)

    @property
    def counts(self) -> dict[str, int]:
        found = Counter(row.outcome for row in self.rows)
        return {outcome: found[outcome] for outcome in ("new", "changed", "unchanged", "error")}

    @property
    def changes_something(self) -> bool:
        return not self.counts["error"] and any(row.facts for row in self.rows)

    @property
    def digest(self) -> str:
        """The same for the same file over the same data, in every language."""
        told = [[row.number, row.username, row.outcome, [asdict(fact) for fact in row.facts]] for row in self.rows]
        return hashlib.sha256(json.dumps(told, ensure_ascii=False).encode()).hexdigest()


class PlanChangedError(Exception):
    """What would happen now is not what was shown; nothing was done."""


def plan(content: bytes, actor: User) -> Plan:
    """What importing the file would do now. Raises officer_sheets.UnreadableFileError."""
    rows = officer_sheets.read(content)
    return _Planner(rows, actor).plan()


def carry_out(content: bytes, actor: User, digest: str) -> Plan:
    """Imports what was shown under this digest, whole. Raises PlanChangedError, and then nothing has changed."""
    with transaction.atomic(), pghistory.context(**{"import": digest[:12]}):
        one_at_a_time(LOCK)
        now = plan(content, actor)
        if now.digest != digest or now.counts["error"]:
            raise PlanChangedError
        for person in now.new_people:
            # Not in a plan of thousands that is only looked at: each is a random word.
            person.set_unusable_password()
        User.objects.bulk_create(now.new_people, batch_size=1000)
        User.objects.bulk_update(now.changed_people, ["name", "name_hi", "phone", "email"], batch_size=500)
        Post.objects.bulk_create(now.new_posts, batch_size=1000)
        Posting.objects.bulk_create(now.new_postings, batch_size=1000)
        Posting.objects.bulk_update(now.changed_postings, ["ends_on"], batch_size=500)
        doorbell.ring_after_commit(doorbell.HAND_OVER)
    return now


class _Planner:
    """Goes through the rows once, with everything they name already read."""

    def __init__(self, rows: list[officer_sheets.SheetRow], actor: User):
        self.rows, self.actor = rows, actor
        names = {row.cells.get("username", "") for row in rows} - {""}
        codes = {row.cells.get("post", "") for row in rows} - {""}
        self.people = {person.username.lower(): person for person in _people(names)}
        self.posts = Post.objects.select_related("area", "department").in_bulk(codes, field_name="code")
        self.departments = _by_code(Department, rows, "department")
        self.areas = _by_code(Area, rows, "area")
        self.held: dict[tuple[str, str], list[Posting]] = {}
        officers = [person.pk for person in self.people.values()]
        for posting in Posting.objects.filter(officer__in=officers).select_related("post", "officer"):
            self.held.setdefault((posting.officer.username.lower(), posting.post.code), []).append(posting)
        self.said: dict[tuple[str, str], tuple[str, int]] = {}
        self.first: dict[tuple, int] = {}
        self.changed: dict[int, User] = {}
        self.done = Plan([])

    def plan(self) -> Plan:
        for row in self.rows:
            planned = PlannedRow(row.number, row.cells.get("username", ""), errors=row.errors)
            self.done.rows.append(planned)
            for step in (self._person, self._posting):
                try:
                    step(row.cells, planned)
                except RowError as error:
                    planned.errors.extend(error.messages)
        self.done.changed_people = list(self.changed.values())
        return self.done

    def _person(self, cells: dict, planned: PlannedRow) -> None:
        key = planned.username.lower()
        person = self.people.get(key)
        values = person_values(cells, person, self.actor)
        for name, value in values.items():
            said, number = self.said.setdefault((key, name), (value, planned.number))
            if said != value:
                raise RowError(_("Row %(row)s says otherwise about this person.") % {"row": number})
        if person is None:
            person = User(username=planned.username, kind=User.Kind.STAFF, **values)
            self.people[key] = person
            self.done.new_people.append(person)
            planned.facts.append(Fact("person"))
            return
        for name, value in values.items():
            before = str(getattr(person, name) or "")
            if before != value:
                setattr(person, name, value)
                if person.pk:  # a new person is made whole, from all their rows
                    planned.facts.append(Fact(name, before, value))
                    self.changed[person.pk] = person

    def _posting(self, cells: dict, planned: PlannedRow) -> None:
        key = (planned.username.lower(), cells.get("post", ""), cells.get("starts_on", ""))
        if self.first.setdefault(key, planned.number) != planned.number:
            raise RowError(_("The same as row %(row)s.") % {"row": self.first[key]})
        post = self._post(cells, planned)
        starts_on, ends_on = dates_of(cells, with_post=post is not None)
        person = self.people.get(planned.username.lower())
        if post is None or person is None:
            return
        held = self.held.setdefault((planned.username.lower(), post.code), [])
        same = next((posting for posting in held if posting.starts_on == starts_on), None)
        wanted = ends_on or (same.ends_on if same else None)
        if any(_overlap(starts_on, wanted, other) for other in held if other is not same):
            raise RowError(_("This person already holds this post in some of these days."))
        if same is None:
            posting = Posting(officer=person, post=post, starts_on=starts_on, ends_on=ends_on)
            held.append(posting)
            self.done.new_postings.append(posting)
            planned.facts.append(Fact("posting", new=f"{post.code}, {starts_on} – {ends_on or '…'}"))
        elif same.ends_on != wanted:
            planned.facts.append(Fact("ends_on", str(same.ends_on or ""), str(wanted)))
            same.ends_on = wanted
            self.done.changed_postings.append(same)

    def _post(self, cells: dict, planned: PlannedRow) -> Post | None:
        code = cells.get("post", "")
        if not code:
            return None
        if code in self.posts:
            same_post(self.posts[code], cells)
            return self.posts[code]
        post = new_post(code, cells, self.departments, self.areas)
        self.posts[code] = post
        self.done.new_posts.append(post)
        planned.facts.append(Fact("post", new=code))
        return post


def _people(names: set[str]) -> list[User]:
    """Who already has one of the usernames, in whatever spelling of small and large letters."""
    lower = {name.lower() for name in names}
    staff = User.objects.exclude(kind=User.Kind.CITIZEN).annotate(lower=Lower("username")).filter(lower__in=lower)
    return [*User.objects.filter(username__in=names | lower), *staff]


def _by_code(model, rows, column: str) -> dict:
    return model.objects.in_bulk({row.cells.get(column, "") for row in rows} - {""}, field_name="code")


def _overlap(starts_on, ends_on, other: Posting) -> bool:
    return (other.ends_on is None or other.ends_on >= starts_on) and (ends_on is None or other.starts_on <= ends_on)
