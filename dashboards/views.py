"""The public page of figures; the dashboards come beside it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from departments.models import Area, Department

from . import reading
from .figures import CLOSINGS, FIGURES, LEADING, cards, share
from .reading import Selection

SHOWN = (*LEADING, *CLOSINGS)


@require_safe
def public_figures(request):
    """Registered, disposed and how it was closed: of the state, by department and by district, exact as of now."""
    districts = Area.objects.filter(kind=Area.Kind.DISTRICT)
    everything, public = Selection(confidential=True), Selection()
    context = {
        "cards": cards(reading.total(everything), SHOWN),
        "figures": [FIGURES[name] for name in SHOWN],
        "departments": _table(Department.objects.filter(is_active=True), reading.counts(public, by=("department",))),
        "districts": _table(districts, reading.counts(public, by=("district",))),
        "as_of": timezone.now(),
    }
    return render(request, "figures/public.html", context)


def _table(things, counts) -> list[dict]:
    """A row for each department or district with its figures, most complaints first."""
    rows = []
    for thing in things:
        figures = counts.get(thing.pk, reading.Figures())
        row = {"thing": thing, "registered": figures["registered"], "counts": {name: figures[name] for name in SHOWN}}
        rows.append(row | {"share": share(figures["satisfied"], figures["registered"])})
    return sorted(rows, key=lambda row: (-row["registered"], row["thing"].name))
