"""What one row of an imported table says of a person, a post and dates, checked."""

import datetime
import re

from django.core.exceptions import ValidationError
from django.core.validators import validate_email
from django.utils.translation import gettext as _
from phonenumber_field.phonenumber import to_python as to_phone

from citizens import staff
from citizens.models import User
from departments.models import Area, Department, Post, Role

LONGEST_NAME = 120
# Day first, as dates are written in India; year first, as programs write them.
DATES = (
    re.compile(r"(?P<y>\d{4})-(?P<m>\d{1,2})-(?P<d>\d{1,2})"),
    re.compile(r"(?P<d>\d{1,2})[-/.](?P<m>\d{1,2})[-/.](?P<y>\d{4})"),
)


class RowError(ValidationError):
    """What is wrong with the row, in the reader's language."""


def person_values(cells: dict, person: User | None, actor: User) -> dict[str, str]:
    """What the row says of the person; an empty cell says nothing."""
    username = cells.get("username", "")
    if not username:
        raise RowError(_("Write a username."))
    if person is None and not staff.USERNAME.fullmatch(username):
        raise RowError(_("A username has 2 to 80 letters, digits, dots, hyphens or underscores, all Latin."))
    if person is None and not cells.get("name"):
        raise RowError(_("A new person needs a name."))
    if person is not None and person.kind != User.Kind.STAFF:
        raise RowError(_("This username does not belong to staff."))
    if person is not None and not person.is_active:
        raise RowError(_("This account was shut out. Let it in again first."))
    if person is not None and not staff.may_manage(actor, person):
        raise RowError(_("This is an administrator's account; you may not change it."))
    values = {name: cells[name] for name in ("name", "name_hi", "phone", "email") if cells.get(name)}
    if max(map(len, (values.get("name", ""), values.get("name_hi", "")))) > LONGEST_NAME:
        raise RowError(_("The name is too long."))
    if "phone" in values:
        values["phone"] = _phone(values["phone"])
    if "email" in values:
        _check_email(values["email"])
    return values


def _phone(text: str) -> str:
    phone = to_phone(text)
    if not phone or not phone.is_valid():
        raise RowError(_("The phone number is not right."))
    return phone.as_e164


def _check_email(text: str) -> None:
    try:
        validate_email(text)
    except ValidationError as error:
        raise RowError(_("The e-mail address is not right.")) from error


def dates_of(cells: dict, *, with_post: bool) -> tuple[datetime.date | None, datetime.date | None]:
    """From when until when; the end may be open."""
    if not with_post:
        if cells.get("starts_on") or cells.get("ends_on"):
            raise RowError(_("Name the post these dates belong to."))
        return None, None
    starts_on, ends_on = _date("starts_on", cells), _date("ends_on", cells)
    if starts_on is None:
        raise RowError(_("Write from when the posting holds."))
    if ends_on and ends_on < starts_on:
        raise RowError(_("A posting cannot end before it begins."))
    return starts_on, ends_on


def _date(column: str, cells: dict) -> datetime.date | None:
    text = cells.get(column, "")
    if not text:
        return None
    for form in DATES:
        found = form.fullmatch(text) if text.isascii() else None
        if found:
            try:
                return datetime.date(int(found["y"]), int(found["m"]), int(found["d"]))
            except ValueError:
                break
    raise RowError(_("“%(column)s” is no date. Write it as 2026-04-01 or 01/04/2026.") % {"column": column})


def same_post(post: Post, cells: dict) -> None:
    """A post that exists is not changed by an import: what the row says of it must be what it is."""
    has = {
        "post_title_en": post.title_en, "post_title_hi": post.title_hi, "role": post.role,
        "department": post.department.code if post.department else "", "area": post.area.code,
        "level": str(post.level or ""),
    }  # fmt: skip
    differs = [name for name, value in has.items() if cells.get(name) and cells[name] != value]
    if differs:
        raise RowError(
            _("The post “%(code)s” exists with another %(names)s. Change it on its own page.")
            % {"code": post.code, "names": ", ".join(differs)}
        )


def new_post(code: str, cells: dict, departments: dict[str, Department], areas: dict[str, Area]) -> Post:
    """The post the row describes."""
    if not cells.get("post_title_en"):
        text = _("There is no post with the code “%(code)s”. To make it, fill in post_title_en and area.")
        raise RowError(text % {"code": code})
    for column, known in (("area", areas), ("department", departments)):
        if (column == "area" or cells.get(column)) and cells.get(column) not in known:
            text = _("“%(column)s”: there is no code “%(code)s”.")
            raise RowError(text % {"column": column, "code": cells.get(column, "")})
    level = cells.get("level", "")
    if level and level not in {"1", "2", "3", "4"}:
        raise RowError(_("The level is 1, 2, 3 or 4."))
    if cells.get("role", Role.OFFICER) not in Role.values:
        raise RowError(_("The role is one of: %(roles)s.") % {"roles": ", ".join(Role.values)})
    post = Post(
        code=code, title_en=cells["post_title_en"], title_hi=cells.get("post_title_hi", ""),
        role=cells.get("role") or Role.OFFICER, level=int(level) if level else None,
        department=departments.get(cells.get("department", "")), area=areas[cells["area"]],
    )  # fmt: skip
    try:
        post.full_clean(validate_unique=False, validate_constraints=False)
    except ValidationError as error:
        raise RowError(error.messages) from error
    return post
