"""The public page of figures; the dashboards come beside it."""

from collections import Counter

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from departments.models import Area, Department

from .figures import FIGURES, cards, now, share


@require_safe
def public_figures(request):
    """Registered, disposed and how it was closed: of the state, by department and by district, exact as of now."""
    totals = _totals(now())
    departments = Department.objects.filter(is_active=True)
    districts = Area.objects.filter(kind=Area.Kind.DISTRICT)
    context = {
        "cards": cards(totals),
        "figures": FIGURES.values(),
        "departments": _table(departments, totals, "department"),
        "districts": _table(districts, totals, "district"),
        "as_of": timezone.now(),
    }
    return render(request, "figures/public.html", context)


def _totals(counts) -> Counter:
    """The counts added up: of the state, of each department, of each district."""
    totals = Counter()
    for (figure, department, district), count in counts.items():
        totals[figure] += count
        totals[figure, "department", department] += count
        totals[figure, "district", district] += count
    return totals


def _table(things, totals, kind: str) -> list[dict]:
    """A row for each department or district with its counts, most complaints first."""
    rows = []
    for thing in things:
        counts = {figure: totals[figure, kind, thing.pk] for figure in FIGURES}
        satisfied = share(counts["satisfied"], counts["registered"])
        rows.append({"thing": thing, "share": satisfied, "registered": counts["registered"], "counts": counts})
    return sorted(rows, key=lambda row: (-row["registered"], row["thing"].name))
