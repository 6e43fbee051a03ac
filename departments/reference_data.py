"""Loads the reference files of departments/reference/ (sources and licences: its README.md).

Loading again adds what is new in the files and leaves what an administrator changed, moved or removed, unless told
to overwrite.
"""

import csv
import json
from pathlib import Path

from django.apps import apps
from django.conf import settings
from django.db import connection, transaction

from . import calendars
from .models import (
    Area,
    CannedReply,
    Category,
    CategoryGroup,
    DeadlinePolicy,
    Department,
    Holiday,
    PinCode,
    Post,
    Reason,
)
from .working_days import minutes_between

FOLDER = Path(__file__).parent / "reference"


def rows(name: str) -> list[dict]:
    """The rows of a CSV file of the folder."""
    with (FOLDER / name).open(encoding="utf-8", newline="") as file:
        return list(csv.DictReader(file))


@transaction.atomic
def load(*, overwrite: bool = False) -> dict[str, int]:
    """Loads everything and returns how many rows there are of each kind now.

    The first calendar is in force at once; later ones an administrator looks at first (`departments.calendars`).
    """
    _load_areas(overwrite)
    _upsert(Department, rows("departments.csv"), ["code"], overwrite, leave_out={"source"})
    departments = _ids(Department)
    _load_pincodes()
    _load_groups(departments, overwrite)
    _load_categories(departments, overwrite)
    _upsert(Holiday, rows("holidays.csv"), ["date", "name_en", "district"], overwrite)
    _load_replies(departments, overwrite)
    for kind in Reason.Kind.values:
        _upsert(Reason, [row | {"kind": kind} for row in rows(f"{kind}_reasons.csv")], ["kind", "code"], overwrite)
    calendars.in_force()
    models = (Area, Department, CategoryGroup, Category, PinCode, Holiday, CannedReply, Reason)
    return {model._meta.model_name: model.objects.count() for model in models}


def _ids(model) -> dict[str, int]:
    return dict(model.objects.values_list("code", "pk"))


def _upsert(model, items: list[dict], unique: list[str], overwrite: bool, leave_out=frozenset()) -> None:
    objects = [model(**{key: value for key, value in item.items() if key not in leave_out}) for item in items]
    changing = [key for key in items[0] if key not in leave_out and key not in unique] if items else []
    if overwrite:
        model.objects.bulk_create(objects, update_conflicts=True, unique_fields=unique, update_fields=changing)
        return
    # What has a code is retired by switching it off, and others hang on it: only what has none can be known as removed.
    new = objects if "code" in unique else never_loaded(model, objects, unique)
    model.objects.bulk_create(new, ignore_conflicts=True)


def never_loaded(model, objects: list, unique: list[str]) -> list:
    """Those the configuration's history does not know. What it knows and is not there any more, an administrator
    moved or removed: a holiday given another date must not come back on the old one at the next deployment."""
    fields = [model._meta.get_field(name) for name in unique]
    known = set(apps.get_model(f"{model._meta.label}Event").objects.values_list(*(field.attname for field in fields)))
    return [
        one for one in objects if tuple(field.to_python(getattr(one, field.attname)) for field in fields) not in known
    ]


def _load_areas(overwrite: bool) -> None:
    """The tree, one depth after the other, so that parents have ids and paths."""
    waiting, known = rows("areas.csv"), {"": None}
    while waiting:
        ready = [row for row in waiting if row["parent"] in known]
        if not ready:
            raise ValueError("areas.csv: a parent is missing")
        _upsert(Area, [_area(row, known) for row in ready], ["code"], overwrite)
        _fill_paths()
        known |= _ids(Area)
        waiting = [row for row in waiting if row not in ready]


def _area(row: dict, known: dict) -> dict:
    return {
        "code": row["code"],
        "kind": row["kind"],
        "parent_id": known[row["parent"]],
        "name_en": row["name_en"],
        "name_hi": row["name_hi"],
        "latitude": float(row["latitude"]) if row["latitude"] else None,
        "longitude": float(row["longitude"]) if row["longitude"] else None,
    }


def _fill_paths() -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE departments_area AS area
            SET path = coalesce(parent.path, '/') || area.id || '/', depth = coalesce(parent.depth + 1, 0)
            FROM departments_area AS itself LEFT JOIN departments_area AS parent ON parent.id = itself.parent_id
            WHERE itself.id = area.id AND area.path IS NULL
            """
        )


def _load_pincodes() -> None:
    areas = _ids(Area)
    PinCode.objects.bulk_create(
        [
            PinCode(
                pincode=row["pincode"],
                office=row["office"],
                area_id=areas[row["area"]],
                latitude=float(row["latitude"]) if row["latitude"] else None,
                longitude=float(row["longitude"]) if row["longitude"] else None,
            )
            for row in rows("pincodes.csv")
        ],
        ignore_conflicts=True,
    )


def _load_groups(departments: dict, overwrite: bool) -> None:
    waiting, known = rows("category_groups.csv"), {"": None}
    while waiting:
        ready = [row for row in waiting if row["parent"] in known]
        if not ready:
            raise ValueError("category_groups.csv: a parent is missing")
        items = [
            {"code": row["code"], "department_id": departments[row["department"]], "parent_id": known[row["parent"]],
             "name_en": row["name_en"], "name_hi": row["name_hi"]}
            for row in ready
        ]  # fmt: skip
        _upsert(CategoryGroup, items, ["code"], overwrite)
        known |= _ids(CategoryGroup)
        waiting = [row for row in waiting if row not in ready]


CATEGORY_KEYS = ("code", "name_en", "name_hi", "words_en", "words_hi", "words_roman", "needs_proof", "confidential",
                 "emergency", "about_officer", "fields")  # fmt: skip


def _load_categories(departments: dict, overwrite: bool) -> None:
    groups = _ids(CategoryGroup)
    listed = json.loads((FOLDER / "categories.json").read_text(encoding="utf-8"))
    items = []
    for row in listed:
        item = {key: row[key] for key in CATEGORY_KEYS}
        item |= {"department_id": departments[row["department"]], "group_id": groups.get(row["group"] or "")}
        item |= {"line": row["line"] or "", "start_level": 2 if row["about_officer"] else 1}
        items.append(item | {"search_text": Category(**item).compose_search_text()})
    _upsert(Category, items, ["code"], overwrite)
    ids = _ids(Category)
    policies = [
        DeadlinePolicy(category_id=ids[row["code"]], level=level, minutes=_minutes(days, row["emergency"]))
        for row in listed
        for level, days in enumerate(row["days"] or [], start=1)
    ]
    if not overwrite:
        policies = never_loaded(DeadlinePolicy, policies, ["category", "level"])
    DeadlinePolicy.objects.bulk_create(policies, ignore_conflicts=True)


def _minutes(days: float, emergency: bool) -> int:
    """Working minutes of so many days; an emergency's days have 24 hours."""
    day = 24 * 60 if emergency else minutes_between(settings.OFFICE_OPENS, settings.OFFICE_CLOSES)
    return max(1, round(days * day))


def _load_replies(departments: dict, overwrite: bool) -> None:
    items = []
    for row in rows("canned_replies.csv"):
        department = row.pop("department")
        items.append(row | {"department_id": departments[department] if department else None})
    _upsert(CannedReply, items, ["department", "action", "title_en"], overwrite)


def post_titles() -> dict[tuple[str, int], tuple[str, str]]:
    """Titles of the posts by department code and level, in both languages."""
    return {(row["department"], int(row["level"])): (row["title_en"], row["title_hi"]) for row in rows("posts.csv")}


def create_posts(posts: list[Post]) -> dict[str, int]:
    """Adds the posts that are missing and returns all posts' ids by code."""
    Post.objects.bulk_create(posts, ignore_conflicts=True, batch_size=2000)
    return _ids(Post)
