"""What a board is asked: by whom, of which days, of which complaints. All of it stands in the address."""

import datetime
from dataclasses import dataclass, field
from functools import cached_property

from django import forms
from django.core.exceptions import ValidationError
from django.urls import reverse
from django.utils import timezone
from django.utils.functional import lazy
from django.utils.translation import gettext_lazy as _

from dashboards import reading
from dashboards.reading import Selection
from departments import remembered
from departments.bilingual import by_name
from departments.models import Category, CategoryGroup, Role
from grievance import access
from grievance.filters import CHANNELS, LEVELS, group_ids
from grievance.models import Kind

from . import period
from .period import Period

UNKNOWN = {"invalid_choice": _("This is not one of the choices.")}
UNOFFERED = {"invalid_choice": _("This board cannot be narrowed by this.")}
NO_DAY = {"invalid": _("Write a day as 2026-11-25, or choose it.")}
GROUP = "group:"
ONLY_PERIOD = ("period", "from", "to")
EVERYTHING = (*ONLY_PERIOD, "department", "district", "category", "channel", "kind", "level")


class BoardForm(forms.Form):
    """The filters of a board. What is impossible is an error beside its field, and no figure is shown with it."""

    def __init__(self, data, *, offers, today, departments=(), districts=(), categories=()):
        super().__init__(_with_period(data))
        self.today = today
        any_of = [
            ("department", _("Department"), _("All departments"), [(d.code, _name_of(d)) for d in departments]),
            ("district", _("District"), _("All districts"), [(d.code, _name_of(d)) for d in districts]),
            ("category", _("Category"), _("All categories"), categories),
            ("channel", _("Channel"), _("All channels"), CHANNELS),
            ("kind", _("Kind"), _("All kinds"), Kind.choices),
            ("level", _("Level"), _("All levels"), LEVELS),
        ]
        day = forms.DateInput(attrs={"type": "date", "max": today.isoformat()}, format="%Y-%m-%d")
        self.fields["period"] = _choice(_("Period"), [("", _("From a day until a day")), *period.PRESETS])
        self.fields["from"] = forms.DateField(label=_("From"), required=False, widget=day, error_messages=NO_DAY)
        self.fields["to"] = forms.DateField(label=_("Until"), required=False, widget=day, error_messages=NO_DAY)
        for name, label, everything, choices in any_of:
            # What the address names is never overlooked: where nothing can be chosen, it is no choice.
            offered, wrong = (choices, UNKNOWN) if name in offers else ((), UNOFFERED)
            if offered or data.get(name):
                self.fields[name] = _choice(label, [("", everything), *offered], wrong)

    def clean(self):
        first, last = self.cleaned_data.get("from"), self.cleaned_data.get("to")
        for name, day in (("from", first), ("to", last)):
            if day and day > self.today:
                self.add_error(name, ValidationError(_("This day lies in the future.")))
            elif day and day < period.EARLIEST:
                self.add_error(name, ValidationError(_("There are no figures of that time.")))
        if first and last and first > last:
            self.add_error("to", ValidationError(_("The period ends before it begins.")))

    @property
    def period(self) -> Period:
        """The days chosen, or those of the preset."""
        first, last = self.cleaned_data["from"], self.cleaned_data["to"]
        if first or last:
            return Period(first, last or self.today)
        return period.preset(self.cleaned_data["period"] or period.DEFAULT, self.today)

    @property
    def chosen(self) -> list[str]:
        """The filters that hold beside the period, each with its name."""
        chosen = [(self.fields[name], value) for name, value in self.cleaned_data.items() if name not in ONLY_PERIOD]
        return [f"{field.label}: {_words_of(field.choices, value)}" for field, value in chosen if value]


# A thing's name in the language that is active when it is read: a board on paper may be in another than the page. Made
# lazy once: each time makes a class, which for all departments took as long as the queries.
_name_of = lazy(lambda thing: thing.name, str)


def _words_of(choices, value: str) -> str:
    """What a choice is called; one in a group is named with its group."""
    for key, label in choices:
        if isinstance(label, list | tuple):
            found = next((name for inner, name in label if str(inner) == value), None)
            if found is not None:
                return f"{key}: {found}"
        elif str(key) == value:
            return str(label)
    return value


def _with_period(data):
    """The address with the period that is shown where it names none."""
    if any(data.get(name) for name in ONLY_PERIOD):
        return data
    data = data.copy()
    data["period"] = period.DEFAULT
    return data


def _choice(label, choices, wrong=UNKNOWN) -> forms.ChoiceField:
    return forms.ChoiceField(label=label, choices=choices, required=False, error_messages=wrong)


@dataclass(frozen=True)
class Asked:
    """What a board answers. `where` is for `reading.Selection`; `listed` are the same filters in the words of the
    lists of complaints."""

    user: object
    seen: access.SeenFigures
    today: datetime.date
    period: Period
    where: dict = field(default_factory=dict)
    listed: dict = field(default_factory=dict)

    @cached_property
    def inbox(self) -> str:
        """Where the user's lists of complaints are; empty for call agents, who have none."""
        roles = {posting.post.role for posting in access.postings_of(self.user)}
        return "" if roles <= {Role.AGENT} else reverse("desk_inbox")

    @cached_property
    def _parts(self) -> dict[str, dict]:
        return {}

    def by(self, dimension: str) -> dict:
        """The period's figures of each department, district or category; several tables of a board show them."""
        if dimension not in self._parts:
            self._parts[dimension] = reading.counts(self.split(), by=(dimension,))
        return self._parts[dimension]

    def selection(self, days: Period | None = None) -> Selection:
        """The complaints asked for, in these days or in the period. Confidential lines count in the whole state's
        total alone."""
        days = days or self.period
        return Selection(days.first, days.last, self.where, confidential=self.seen.state and not self.where)

    def split(self, days: Period | None = None) -> Selection:
        """The same, for what is split by department, place or matter: confidential lines are in none of it."""
        days = days or self.period
        return Selection(days.first, days.last, self.where)

    def about_the_state(self) -> str:
        """What a board of the state says it is about."""
        return str(_("What the filters choose") if self.where else _("The whole state"))

    def so_far(self) -> Period:
        """All days until today."""
        return Period(None, self.today)

    def only(self, listed: dict | None = None, **where) -> "Asked":
        """The same, narrowed to what a board is about."""
        return Asked(self.user, self.seen, self.today, self.period, self.where | where, self.listed | (listed or {}))


def form_for(request, offers=EVERYTHING, *, department=None, departments=(), districts=()) -> BoardForm:
    """The board's filters, filled from the address. What is out of use is not offered, but may be chosen while its
    complaints are counted. Categories are offered once there is a department, the board's own, the chosen one or that
    of the chosen category: hundreds help nobody."""
    if department is None and "department" in offers:
        if request.GET.get("department"):
            department = next((found for found in departments if found.code == request.GET["department"]), None)
        else:
            department = department_of(request.GET.get("category", ""))
    wanted = "category" in offers and department is not None
    return BoardForm(
        request.GET,
        offers=offers,
        today=timezone.localdate(),
        departments=sorted(_offered(departments, request.GET.get("department")), key=by_name),
        districts=sorted(districts, key=by_name),
        categories=_categories(department, request.GET.get("category")) if wanted else (),
    )


def _offered(things, chosen: str | None) -> list:
    """Those in use, and what is chosen."""
    return [thing for thing in things if thing.is_active or thing.code == chosen]


def department_of(category: str):
    """Whose category (or group) this is, or None."""
    if not category:
        return None
    kind = CategoryGroup if category.startswith(GROUP) else Category
    found = kind.objects.select_related("department").filter(code=category.removeprefix(GROUP)).first()
    return found and found.department


def _categories(department, chosen: str | None) -> list:
    """A department's categories, below the groups they stand in; a group can be chosen too."""
    groups = CategoryGroup.objects.filter(department=department)
    shelves = {group.pk: (_name_of(group), [(f"{GROUP}{group.code}", _("All of this group"))]) for group in groups}
    alone = []
    for category in _offered(Category.objects.filter(department=department, confidential=False), chosen):
        shelf = shelves.get(category.group_id)
        (shelf[1] if shelf else alone).append((category.code, _name_of(category)))
    return [*alone, *sorted(shelves.values(), key=lambda shelf: str(shelf[0]))]


def ask(request, form: BoardForm, seen: access.SeenFigures) -> Asked:
    """What a valid form asks for."""
    chosen = {name: value for name, value in form.cleaned_data.items() if value and name not in ONLY_PERIOD}
    asked = Asked(request.user, seen, form.today, form.period)
    for name, value in chosen.items():
        asked = _narrowed(asked, name, value)
    return asked


def _narrowed(asked: Asked, name: str, value: str) -> Asked:
    if name == "department":
        found = next(department for department in remembered.departments() if department.code == value)
        return asked.only({"department": value}, department=(found.pk,))
    if name == "district":
        found = next(district for district in remembered.districts() if district.code == value)
        return asked.only({"area": value}, district=(found.pk,))
    if name == "category":
        return _narrowed_to_category(asked, value)
    return asked.only({name: value}, **{name: (int(value) if name == "level" else value,)})


def _narrowed_to_category(asked: Asked, value: str) -> Asked:
    if not value.startswith(GROUP):
        return asked.only({"category": value}, category=(remembered.category_by_code(value).pk,))
    code = value.removeprefix(GROUP)
    return asked.only({"group": code}, category=tuple(group_ids(CategoryGroup.objects.get(code=code))))
