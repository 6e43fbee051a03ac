"""Demo people: officers at every level of every department, desks that see all, an API client.

Passwords are random per installation and stand, with the tokens, in var/demo.json (mode 0600).
"""

import datetime
import json
import os
import secrets
from collections.abc import Iterator
from pathlib import Path

from argon2 import PasswordHasher
from django.db import transaction
from django.db.models import CharField, Value
from django.db.models.functions import Concat
from django.utils import timezone

from citizens.models import ApiToken, User
from departments import reference_data
from departments.models import Area, Category, Department, Post, Posting, Role

# Random passwords of 80 bits need no slow hash, and ten thousand slow ones would take minutes.
QUICK_HASHER = PasswordHasher(time_cost=1, memory_cost=8, parallelism=1)
SINCE = datetime.date(2025, 4, 1)
CITIZENS = [
    ("+919800000001", "Kamla Devi", "कमला देवी", "hi"),
    ("+919800000002", "Ramesh Thakur", "रमेश ठाकुर", "hi"),
    ("+919800000003", "Sunita Sharma", "सुनीता शर्मा", "en"),
]
CONFIDENTIAL_LINES = {"181": ("Women Helpline 181", "महिला हेल्पलाइन 181"),
                      "deaddiction": ("De-addiction counselling", "नशा मुक्ति परामर्श")}  # fmt: skip
LEVEL_KINDS = {1: (Area.Kind.BLOCK, Area.Kind.DISTRICT), 2: (Area.Kind.DISTRICT,), 3: (Area.Kind.DIVISION,),
               4: (Area.Kind.STATE,)}  # fmt: skip


def load(var_dir: Path, base_url: str) -> int:
    """Makes what is missing of the demo's people and writes demo.json. Returns the number of accounts."""
    path = var_dir / "demo.json"
    known = _known(path)
    with transaction.atomic():
        if not known["accounts"]:
            _forget_people_without_passwords()
        posts = reference_data.create_posts(list(_posts()))
        accounts = _people(posts, known)
        keys = _client(known)
        citizens = _citizens()
    _write(path, {"base_url": base_url, "accounts": accounts, "citizens": citizens, "keys": keys})
    return len(accounts)


def _known(path: Path) -> dict:
    """What an earlier run wrote, if its people are still in this database."""
    if not path.exists() or not User.objects.filter(username="admin").exists():
        return {"accounts": [], "keys": {}}
    return json.loads(path.read_text(encoding="utf-8"))


def _forget_people_without_passwords() -> None:
    """demo.json is gone, and with it all passwords: the demo's people step down, new ones take their posts."""
    gone = User.objects.filter(kind=User.Kind.STAFF, tokens__label="demo", is_active=True)
    people = list(gone.values_list("pk", flat=True))
    yesterday = timezone.localdate() - datetime.timedelta(days=1)
    Posting.objects.filter(officer__in=people, ends_on=None).update(ends_on=yesterday)
    User.objects.filter(pk__in=people).update(
        is_active=False, username=Concat(Value("former-"), "pk", Value("-"), "username", output_field=CharField())
    )


def _posts() -> Iterator[Post]:
    titles = reference_data.post_titles()
    areas = {kind: list(Area.objects.filter(kind=kind)) for kind in Area.Kind.values}
    for department in Department.objects.filter(is_active=True).order_by("code"):
        for level, kinds in LEVEL_KINDS.items():
            title_en, title_hi = titles[department.code, level]
            for area in (area for kind in kinds for area in areas[kind]):
                yield Post(code=f"{department.code}-l{level}-{area.code}", title_en=title_en, title_hi=title_hi,
                           role=Role.OFFICER, level=level, department=department, area=area)  # fmt: skip
        yield Post(code=f"{department.code}-nodal",
                   title_en=f"Nodal Officer, {department.short_en or department.name_en}",
                   title_hi=f"नोडल अधिकारी, {department.short_hi or department.name_hi}", role=Role.NODAL,
                   department=department, area=areas[Area.Kind.STATE][0])  # fmt: skip
    yield from _revenue_tehsils(areas[Area.Kind.TEHSIL], titles)
    yield from _lines(areas)
    yield from _desks(areas)


def _revenue_tehsils(tehsils, titles) -> Iterator[Post]:
    revenue = Department.objects.filter(code="revenue").first()
    for area in tehsils if revenue else ():
        title_en, title_hi = titles["revenue", 1]
        yield Post(code=f"revenue-l1-{area.code}", title_en=title_en, title_hi=title_hi, role=Role.OFFICER, level=1,
                   department=revenue, area=area)  # fmt: skip


def _lines(areas) -> Iterator[Post]:
    """The partner lines' own officers: only they see what is confidential."""
    wanted = Category.objects.filter(confidential=True).values_list("line", "department", "department__code").distinct()
    for line, department_id, code in wanted:
        name_en, name_hi = CONFIDENTIAL_LINES[line]
        for level, kind in (
            (1, Area.Kind.DISTRICT),
            (2, Area.Kind.DIVISION),
            (3, Area.Kind.STATE),
            (4, Area.Kind.STATE),
        ):
            title_en, title_hi = {
                1: (f"Counsellor, {name_en}", f"परामर्शदाता, {name_hi}"),
                2: (f"Co-ordinator, {name_en}", f"समन्वयक, {name_hi}"),
                3: (f"State Co-ordinator, {name_en}", f"राज्य समन्वयक, {name_hi}"),
                4: (f"Director, {name_en}", f"निदेशक, {name_hi}"),
            }[level]
            for area in areas[kind]:
                yield Post(code=f"line{line}-{code}-l{level}-{area.code}", title_en=title_en, title_hi=title_hi,
                           role=Role.OFFICER, level=level, department_id=department_id, area=area,
                           line=line)  # fmt: skip


def _desks(areas) -> Iterator[Post]:
    state = areas[Area.Kind.STATE][0]
    for district in areas[Area.Kind.DISTRICT]:
        yield Post(code=f"dc-{district.code}", title_en="Deputy Commissioner", title_hi="उपायुक्त", role=Role.DISTRICT,
                   area=district)  # fmt: skip
    for number in (1, 2):
        yield Post(code=f"cm-office-{number}", title_en="Chief Minister's Office", title_hi="मुख्यमंत्री कार्यालय",
                   role=Role.CM_OFFICE, area=state)  # fmt: skip
        yield Post(code=f"triage-{number}", title_en="Triage desk", title_hi="छँटाई डेस्क", role=Role.TRIAGE, area=state)
        yield Post(code=f"agent-{number}", title_en="Helpline 1100 agent", title_hi="हेल्पलाइन 1100 सहायक",
                   role=Role.AGENT, area=state)  # fmt: skip


def _people(post_ids: dict[str, int], known: dict) -> list[dict]:
    """One officer for every post that has none, with a password and a token each; the administrator last."""
    accounts = {account["username"]: account for account in known["accounts"]}
    held = set(Posting.objects.current().values_list("post__code", flat=True))
    posts = Post.objects.exclude(code__in=held).select_related("department", "area").order_by("id")
    names = _names()
    users, tokens, holders = [], [], []
    for post in posts:
        user, password, token = _account(post.code, *next(names))
        users.append(user)
        tokens.append(token)
        holders.append(post.pk)
        accounts[user.username] = _entry(str(post.role), user, password, token, post)
    if "admin" not in accounts or not User.objects.filter(username="admin").exists():
        admin, password, token = _account("admin", "Administrator", "प्रशासक", is_staff=True, is_superuser=True)
        users.append(admin)
        tokens.append(token)
        accounts["admin"] = _entry("admin", admin, password, token)
    made = User.objects.bulk_create(users, batch_size=2000)
    ApiToken.objects.bulk_create(
        [
            ApiToken(user=user, label="demo", key_hash=ApiToken.hash_of(token))
            for user, token in zip(made, tokens, strict=True)
        ],
        batch_size=2000,
    )
    Posting.objects.bulk_create(
        [Posting(post_id=post, officer=user, starts_on=SINCE) for post, user in zip(holders, made, strict=False)],
        batch_size=2000,
    )
    return list(accounts.values())


def _account(username: str, name: str, name_hi: str, **fields) -> tuple[User, str, str]:
    password, token = secrets.token_urlsafe(10), secrets.token_urlsafe(30)
    user = User(username=username, name=name, name_hi=name_hi, password="argon2" + QUICK_HASHER.hash(password),
                language="hi", **fields)  # fmt: skip
    return user, password, token


def _entry(role: str, user: User, password: str, token: str, post: Post | None = None) -> dict:
    return {
        "role": role,
        "username": user.username,
        "password": password,
        "department": post.department.code if post and post.department else None,
        "area": post.area.code if post else None,
        "level": post.level if post else None,
        "line": post.line if post else "",
        "token": token,
    }


def _names() -> Iterator[tuple[str, str]]:
    first, last = reference_data.rows("first_names.csv"), reference_data.rows("last_names.csv")
    number = 0
    while True:
        one, other = first[number % len(first)], last[(number // 7 + number) % len(last)]
        yield f"{one['name_en']} {other['name_en']}", f"{one['name_hi']} {other['name_hi']}"
        number += 1


def _client(known: dict) -> dict:
    """The API client that may register for citizens."""
    client, made = User.objects.get_or_create(
        username="partner-demo", defaults={"kind": User.Kind.CLIENT, "name": "Partner (demo)", "password": "!"}
    )
    if not made and "partner_demo" in known["keys"]:
        return known["keys"]
    return {"partner_demo": ApiToken.objects.issue(client, label="demo")}


def _citizens() -> list[dict]:
    for phone, name, _name_hi, language in CITIZENS:
        User.objects.citizen(phone, name=name, language=language)
    return [{"phone": phone, "name": name, "name_hi": name_hi} for phone, name, name_hi, _language in CITIZENS]


def _write(path: Path, content: dict) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = path.with_suffix(".tmp")
    with os.fdopen(os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600), "w", encoding="utf-8") as file:
        json.dump(content, file, ensure_ascii=False, indent=1)
    draft.replace(path)
