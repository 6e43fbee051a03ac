"""What a list of complaints can be narrowed by. The desk and the API share it; `access` comes first."""

import datetime

import django_filters
from django import forms
from django.core.exceptions import ValidationError
from django.db.models import OuterRef, Q, Subquery
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from departments.models import Area, Category, CategoryGroup, Department

from . import clock, search
from .models import BREACHED, RUNNING_STATES, Complaint, Event, Kind, Outcome, State
from .models.event import LOOKED_FOR
from .paging import Narrowed
from .table import TABLE

LONGEST_SEARCH = search.LONGEST
# A name typed as a place may be that of several.
MOST_PLACES = 20
# Where so few complaints are meant they are found by their events, else by going through the complaints. Of more, even
# a department's are so near each other that a page, and the count up to a thousand, ends among them.
FEW_HAPPENINGS = 20_000
# How complaints come in. A channel that is added says here what it is called.
CHANNELS = [
    ("web", _("Web page")),
    ("call", _("Phone, 1100")),
    ("whatsapp", _("WhatsApp")),
    ("sms", _("SMS")),
    ("email", _("E-mail")),
    ("ivr", _("Keys on the phone")),
    ("api", _("Other programs")),
    ("partner", _("Partner line")),
    ("open311", _("Civic apps")),
]
LEVELS = [(level, f"L{level}") for level in (1, 2, 3, 4)]
AGES = [
    ("1", _("Registered in the last 24 hours")),
    ("7", _("Registered in the last 7 days")),
    ("30", _("Registered in the last 30 days")),
    ("over7", _("Older than 7 days")),
    ("over30", _("Older than 30 days")),
    ("over90", _("Older than 90 days")),
]


def places_named(name: str) -> list[Area]:
    """The places with this code or name, or beginning with it, in either language; whole names first."""
    name = name.strip()
    if not name:
        return []
    exact = Q(code=name) | Q(name_en__iexact=name) | Q(name_hi=name)
    found = list(Area.objects.filter(exact).order_by("depth", "id")[:MOST_PLACES])
    if found or len(name) < 3:
        return found
    begins = Q(name_en__istartswith=name) | Q(name_hi__startswith=name)
    return list(Area.objects.filter(begins).order_by("depth", "id")[:MOST_PLACES])


class PlaceField(forms.CharField):
    """A place by its code or name; its value is the list of the areas meant."""

    default_error_messages = {"unknown": _("There is no place with this name.")}

    def clean(self, value):
        name = super().clean(value)
        if not name:
            return []
        places = places_named(name)
        if not places:
            raise ValidationError(self.error_messages["unknown"], code="unknown")
        return places


class PlaceFilter(django_filters.Filter):
    """What lies in a place, however deep."""

    field_class = PlaceField

    def filter(self, queryset, value):
        if not value:
            return queryset
        within = Q()
        for place in value:
            within |= Q(area__path__startswith=place.path)
        return queryset.filter(within)


def group_ids(group: CategoryGroup) -> list[int]:
    """The categories of a group and of the groups within it."""
    inside: dict[int | None, list[int]] = {}
    for pk, parent in CategoryGroup.objects.filter(department=group.department_id).values_list("pk", "parent"):
        inside.setdefault(parent, []).append(pk)
    groups = [group.pk]
    for pk in groups:
        groups += inside.get(pk, [])
    return list(Category.objects.filter(group__in=groups).values_list("pk", flat=True))


class ComplaintFilter(django_filters.FilterSet):
    """Filters of a list of complaints; bad values are errors beside their field, the others still hold."""

    text = django_filters.CharFilter(
        label=_("Number, phone, name, place or words"), method="by_text", max_length=LONGEST_SEARCH
    )
    state = django_filters.MultipleChoiceFilter(
        label=_("State"), choices=State.choices, widget=forms.CheckboxSelectMultiple, distinct=False
    )
    kind = django_filters.ChoiceFilter(label=_("Kind"), choices=Kind.choices)
    # Those out of use too: their complaints are still there.
    department = django_filters.ModelChoiceFilter(
        label=_("Department"), queryset=Department.objects.all(), to_field_name="code"
    )
    category = django_filters.ModelChoiceFilter(
        label=_("Category"), queryset=Category.objects.all(), to_field_name="code"
    )
    area = PlaceFilter(label=_("Place"), max_length=LONGEST_SEARCH)
    level = django_filters.TypedChoiceFilter(label=_("Level"), choices=LEVELS, coerce=int)
    age = django_filters.ChoiceFilter(label=_("Age"), choices=AGES, method="by_age")
    since = django_filters.DateFilter(label=_("Registered from"), method="by_since")
    until = django_filters.DateFilter(label=_("Registered until"), method="by_until")
    overdue = django_filters.BooleanFilter(label=_("Overdue"), method="by_overdue")

    class Meta:
        model = Complaint
        fields = []

    # What bounds the list in time, each with an end by which it need not be walked through from the newest on.
    PERIODS = ("since", "until")

    @property
    def along(self) -> str:
        """What the list is to be paged along: within a period, the moment of registration, whose index begins there."""
        data = self.form.cleaned_data if self.form.is_valid() else {}
        return "registered_at" if any(data.get(name) for name in self.PERIODS) else "id"

    @property
    def used(self) -> list[str]:
        """The filters that something was given for."""
        return [name for name in self.filters if any(self.data.getlist(name))]

    @property
    def narrowed(self) -> Narrowed | None:
        """How the list is narrowed, for its paging; None where it is not, or where the few it can hold are named."""
        # While it is made, the list finds out whether it holds few.
        _found = self.qs
        return Narrowed(*self.registered_between()) if self.used and not self.holds_few else None

    # Whether some thousand complaints are left at most, which are found by their ids.
    holds_few = False

    def registered_between(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        """The moments between which everything in the list was registered, where a period says so."""
        since, until = (self.form.cleaned_data.get(name) for name in ("since", "until"))
        return since and _midnight(since), until and _day_after(until)

    def by_text(self, queryset, _name, value):
        self.holds_few = True
        return search.narrow(queryset, self.request.user, value)

    def by_age(self, queryset, _name, value):
        days = datetime.timedelta(days=int(value.removeprefix("over")))
        comparison = "registered_at__lt" if value.startswith("over") else "registered_at__gte"
        return queryset.filter(**{comparison: timezone.now() - days})

    def by_since(self, queryset, _name, value):
        return queryset.filter(registered_at__gte=_midnight(value))

    def by_until(self, queryset, _name, value):
        ends = _day_after(value)
        return queryset.filter(registered_at__lt=ends) if ends else queryset

    def by_overdue(self, queryset, _name, value):
        # Only what runs has a deadline; saying so lets the database use its index of open complaints by deadline.
        late = Q(due_at__lt=timezone.now(), state__in=RUNNING_STATES)
        return queryset.filter(late) if value else queryset.exclude(late)


class DeskFilter(ComplaintFilter):
    """The desk's list knows more: whatever a number on a board leads to."""

    PERIODS = (*ComplaintFilter.PERIODS, "did", "did_since", "did_until")
    group = django_filters.ModelChoiceFilter(
        label=_("Category group"), queryset=CategoryGroup.objects.all(), to_field_name="code", method="by_group"
    )
    channel = django_filters.ChoiceFilter(label=_("Channel"), choices=CHANNELS)
    outcome = django_filters.MultipleChoiceFilter(label=_("Outcome"), choices=Outcome.choices, distinct=False)
    breached = django_filters.BooleanFilter(label=_("Last deadline missed"), method="by_breached")
    posting = django_filters.NumberFilter(
        label=_("Officer"), field_name="assignee", min_value=1, max_value=2**31 - 1, decimal_places=0
    )
    # What has no index could only be looked for among all events of the state.
    did = django_filters.MultipleChoiceFilter(
        label=_("What happened"), choices=[(name, TABLE[name].label) for name in LOOKED_FOR], method="by_happening"
    )
    did_since = django_filters.DateFilter(label=_("Happened from"), method="by_happening")
    did_until = django_filters.DateFilter(label=_("Happened until"), method="by_happening")

    def registered_between(self) -> tuple[datetime.datetime | None, datetime.datetime | None]:
        since, until = super().registered_between()
        happened_until = self.form.cleaned_data.get("did_until")
        ends = [end for end in (until, happened_until and _day_after(happened_until)) if end]
        return since, min(ends, default=None)

    def by_group(self, queryset, _name, value):
        return queryset.filter(category__in=group_ids(value))

    def by_breached(self, queryset, _name, value):
        return queryset.filter(BREACHED) if value else queryset.exclude(BREACHED)

    def by_happening(self, queryset, name, _value):
        """The three fields are one condition, so it is added once, with the first that is filled in."""
        data = self.form.cleaned_data
        filled = [field for field in ("did", "did_since", "did_until") if data.get(field)]
        if name != filled[0]:
            return queryset
        first, last, span = data.get("did_since"), data.get("did_until"), {}
        if first:
            span["at__gte"] = _midnight(first)
        if last and (ends := _day_after(last)):
            span["at__lt"] = ends
        if first and _midnight(first) >= min(span.get("at__lt", timezone.now()), timezone.now()):
            # Asked of each complaint one after the other, nothing would be found among all.
            return queryset.none()
        actions = data.get("did") or []
        if "at__lt" in span:
            # Nothing happens to a complaint before it is registered: a walk along `registered_at` begins there.
            queryset = queryset.filter(registered_at__lt=span["at__lt"])
        if actions and (few := _few_that(actions, span)) is not None:
            self.holds_few = True
            return queryset.filter(pk__in=few)
        return _each_that(queryset, actions, span)


def _few_that(actions: list[str], span: dict) -> set[int] | None:
    """The complaints to which one of these actions happened in a span of `Event.at`; None where they are many."""
    each = [
        Event.objects.filter(action=action, **span).order_by("-at").values_list("complaint_id", flat=True)
        for action in actions
    ]
    newest = [found[: FEW_HAPPENINGS + 1] for found in each]
    few = list(newest[0].union(*newest[1:], all=True)[: FEW_HAPPENINGS + 1])
    return set(few) if len(few) <= FEW_HAPPENINGS else None


def _each_that(queryset, actions: list[str], span: dict):
    """Those of `queryset` to which one of these actions (any, where none is given) happened, each asked by itself along
    `registered_at`: where they are many the next is never far. By a subquery that PostgreSQL cannot turn into a join
    with all events."""
    events = Event.objects.filter(complaint=OuterRef("pk"), **span)
    if actions:
        events = events.filter(action__in=actions)
    return queryset.alias(one=Subquery(events.order_by().values("pk")[:1])).filter(one__isnull=False)


def _day_after(day: datetime.date) -> datetime.datetime | None:
    """When a day is over; None after the last one that can be written."""
    try:
        return _midnight(day + datetime.timedelta(days=1))
    except OverflowError:
        return None


def _midnight(day: datetime.date) -> datetime.datetime:
    return datetime.datetime.combine(day, datetime.time(), tzinfo=clock.zone())
