"""The history of the configuration: who changed which setting when, read from what the triggers kept.

Every tracked model has a table of events, one row a version. A change is the difference between two
versions in the words of the reader's language.
"""

import datetime
import json
from dataclasses import dataclass, field

from django.contrib.auth import get_user_model
from django.db import models
from django.utils import formats, timezone
from django.utils.translation import gettext as _
from pghistory.core import event_models

PAGE = 50
# What stays unreadable wherever it is shown.
MASKED = {"phone", "email"}
# What is worked out from other fields.
DERIVED = {"search_text", "path", "depth"}


@dataclass(frozen=True)
class Difference:
    label: str
    old: str
    new: str


@dataclass(frozen=True)
class Change:
    pk: int
    at: datetime.datetime
    who: str
    what: str
    differences: list[Difference] = field(default_factory=list)


def is_tracked(model) -> bool:
    """Whether the database keeps versions of this model."""
    return bool(event_models(tracks_model=model))


def changes(thing: models.Model, before: int | None = None, page: int = PAGE) -> tuple[list[Change], int | None]:
    """Changes of one thing, the newest first, and where the next page begins."""
    (events,) = event_models(tracks_model=type(thing))[:1]
    rows = events.objects.filter(pgh_obj_id=thing.pk).select_related("pgh_context").order_by("-pgh_id")
    if before:
        rows = rows.filter(pgh_id__lt=before)
    versions = list(rows[: page + 1])
    shown, words = versions[:page], _Words(type(thing), versions)
    older = [*versions[1:], None][: len(shown)]
    found = [words.change(version, former) for version, former in zip(shown, older, strict=True)]
    return found, shown[-1].pk if len(versions) > page else None


class _Words:
    """Versions in words: names of people and of related things are read once a page."""

    def __init__(self, model, versions):
        kept = {f.attname for f in type(versions[0])._meta.concrete_fields} if versions else set()
        self.fields = [f for f in model._meta.concrete_fields if f.attname in kept - DERIVED - {"id"}]
        actors = {self._actor(version) for version in versions} - {None}
        self.people = {person.pk: person for person in get_user_model().objects.filter(pk__in=actors)}
        self.related = {f.attname: self._named(f, versions) for f in self.fields if f.is_relation}

    @staticmethod
    def _named(relation, versions) -> dict:
        ids = {getattr(version, relation.attname) for version in versions} - {None}
        manager = relation.related_model._default_manager
        linked = [f.name for f in relation.related_model._meta.concrete_fields if f.is_relation]
        return manager.select_related(*linked).in_bulk(ids) if ids else {}

    @staticmethod
    def _actor(version) -> int | None:
        context = version.pgh_context
        return context.metadata.get("user") if context else None

    def change(self, version, former) -> Change:
        person = self.people.get(self._actor(version))
        imported = bool(version.pgh_context and version.pgh_context.metadata.get("import"))
        added = version.pgh_label == "insert"
        return Change(
            pk=version.pk,
            at=version.pgh_created_at,
            who=f"{person} ({person.username})" if person else _("The portal itself"),
            what={
                (True, False): _("Added"), (False, False): _("Changed"),
                (True, True): _("Added by import"), (False, True): _("Changed by import"),
            }[added, imported],
            differences=[] if former is None and not added else self._differences(version, None if added else former),
        )  # fmt: skip

    def _differences(self, version, former) -> list[Difference]:
        return [
            Difference(str(f.verbose_name), self._value(f, former) if former else "", self._value(f, version))
            for f in self.fields
            if self._differs(f, version, former)
        ]

    @staticmethod
    def _differs(f, version, former) -> bool:
        new = getattr(version, f.attname)
        return new not in (None, "") if former is None else getattr(former, f.attname) != new

    def _value(self, f, version) -> str:
        value = getattr(version, f.attname)
        if value in (None, ""):
            return "–"
        if f.is_relation:
            return str(self.related[f.attname].get(value, f"№ {value}"))
        if f.name in MASKED:
            return masked(str(value))
        return str(dict(f.flatchoices).get(value, value)) if f.choices else _plain(value)


def _plain(value) -> str:
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list | dict):
        return json.dumps(value, ensure_ascii=False)
    if isinstance(value, datetime.datetime):
        value = timezone.localtime(value)
    return str(formats.localize(value)) if isinstance(value, datetime.date) else str(value)


def masked(text: str) -> str:
    """Only the last three characters can be read."""
    return f"••• {text[-3:]}" if text else "–"
