"""The figures for programs: what a board counts, each by its name with its definition, for those who may see it."""

from collections.abc import Callable

from django.http import Http404
from django.utils import timezone
from django.utils.translation import gettext as _
from drf_spectacular.utils import OpenApiParameter, extend_schema
from rest_framework import exceptions, serializers
from rest_framework.response import Response
from rest_framework.views import APIView

from departments import remembered
from grievance import access
from grievance.filters import CHANNELS
from grievance.models import Kind

from . import reading
from .as_of import said
from .boards import asking, narrowing, period
from .boards.asking import Asked, BoardForm
from .figures import AGES, COLUMNS, DAYS, FIGURES, OPEN, OPEN_BY_AGE, RATES

WHOSE = "Where not the whole state's figures are yours: a department or a district whose board you may see."
PARAMETERS = (
    OpenApiParameter("period", str, enum=[name for name, _label in period.PRESETS]),
    OpenApiParameter("from", str, description="The first day, as 2026-11-25."),
    OpenApiParameter("to", str, description="The last day; without it, today."),
    OpenApiParameter("department", str, description=f"Its code. {WHOSE}"),
    OpenApiParameter("district", str, description=f"Its code. {WHOSE}"),
    OpenApiParameter("category", str, description="Its code, or group: and the code of a group of categories."),
    OpenApiParameter("channel", str, enum=[name for name, _label in CHANNELS]),
    OpenApiParameter("kind", str, enum=Kind.values),
    OpenApiParameter("level", str, enum=["1", "2", "3", "4"]),
)


class DefinitionSerializer(serializers.Serializer):
    label = serializers.CharField()
    definition = serializers.CharField()
    formula = serializers.CharField()


class FigureSerializer(DefinitionSerializer):
    value = serializers.FloatField(
        allow_null=True, help_text="Null where it has no cases, and where days are not kept for these filters."
    )


class AgeSerializer(serializers.Serializer):
    at_least = serializers.IntegerField(help_text="Days since registration.")
    label = serializers.CharField()
    value = serializers.IntegerField()


class BacklogSerializer(DefinitionSerializer):
    ages = AgeSerializer(many=True, allow_null=True, help_text="Null where they are not kept for these filters.")


class FiguresSerializer(serializers.Serializer):
    first = serializers.DateField(allow_null=True, help_text="Null: since the beginning.")
    last = serializers.DateField()
    as_of = serializers.DateTimeField()
    exact = serializers.CharField(help_text="How exact they are, in words.")
    about = serializers.DictField(
        child=serializers.ListField(child=serializers.CharField()),
        help_text="What they are narrowed to: by what you chose, and by where you may see it.",
    )
    figures = serializers.DictField(
        child=FigureSerializer(),
        help_text="By their names. Those of how complaints stand, open and breached, are as of the last day.",
    )
    open_by_age = BacklogSerializer(help_text="As of today.")


class Figures(APIView):
    hides = True

    @extend_schema(operation_id="figures", parameters=list(PARAMETERS), responses=FiguresSerializer)
    def get(self, request):
        """The figures of a period, narrowed as a board is, each with its definition in the language accepted."""
        seen = access.figures_of(request.user)
        form, narrow = _board(request, seen)
        if not form.is_valid():
            raise exceptions.ValidationError(form.errors)
        return Response(_answer(narrow(asking.ask(request, form, seen))))


def _board(request, seen: access.SeenFigures) -> tuple[BoardForm, Callable[[Asked], Asked]]:
    """The filters, and what narrows them to a board the caller may see. Raises Http404 where there is none."""
    if not (seen.state or seen.departments or seen.districts or seen.offices):
        raise Http404
    departments, districts = remembered.departments(), remembered.districts()
    if seen.state:
        return asking.form_for(request, departments=departments, districts=districts), lambda asked: asked
    query = request.query_params
    department = _named(departments, query.get("department"))
    district = _named(districts, query.get("district"))
    if department is None and not query.get("department"):
        if district is not None and seen.sees_area(district):
            return asking.form_for(request, departments=departments, districts=districts), lambda asked: asked
        department = asking.department_of(query.get("category", ""))
    if department is not None:
        where = narrowing.where_of(seen, department.pk)
        form = asking.form_for(request, departments=departments, districts=where or districts)
        return form, lambda asked: narrowing.to_department(asked, department, where)
    form = asking.form_for(request, departments=departments, districts=districts)
    if not form.is_valid():
        return form, lambda asked: asked
    if district is not None:
        raise Http404
    raise exceptions.ValidationError({"department": [_("Choose a department or a district whose board you may see.")]})


def _named(things, code: str | None):
    return next((thing for thing in things if thing.code == code), None)


def _answer(asked: Asked) -> dict:
    counts = reading.total(asked.selection())
    lasted = _kept(lambda: reading.durations(asked.selection()).get((), {}))
    ages = _kept(lambda: reading.open_by_age(asked.selection(asked.so_far()), asked.today).get((), [0] * len(AGES)))
    values = {name: counts[name] for name in (*COLUMNS, OPEN.name)}
    values |= {rate.name: rate.of(counts) for rate in RATES}
    values |= {figure.name: None if lasted is None else reading.days(figure, lasted) for figure in DAYS}
    now = timezone.now()
    return {
        "first": asked.period.first,
        "last": asked.period.last,
        "as_of": timezone.localtime(now),
        "exact": said(now),
        "about": _about(asked),
        "figures": {name: _defined(FIGURES[name]) | {"value": value} for name, value in values.items()},
        "open_by_age": _defined(OPEN_BY_AGE) | {"ages": ages and _by_age(ages)},
    }


def _kept(read: Callable):
    """What is read, or None where no roll-up knows these filters together."""
    try:
        return read()
    except reading.NotKept:
        return None


def _about(asked: Asked) -> dict[str, list[str]]:
    """The filters that hold, in the codes in which they are chosen."""
    about = {name: [str(value)] for name, value in asked.listed.items() if name != "area"}
    if "district" in asked.where:
        about["district"] = [found.code for found in remembered.districts() if found.pk in asked.where["district"]]
    return about


def _defined(figure) -> dict[str, str]:
    return {"label": str(figure.label), "definition": str(figure.definition), "formula": str(figure.formula)}


def _by_age(ages: list[int]) -> list[dict]:
    return [
        {"at_least": least, "label": str(label), "value": count}
        for (least, label), count in zip(AGES, ages, strict=True)
    ]
