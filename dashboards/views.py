"""The public page of figures; the dashboards come beside it."""

from collections import Counter

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from departments.models import Area, Department

from .figures import FIGURES, now


@require_safe
def public_figures(request):
    """Registered, disposed and how it was closed: of the state, by department and by district, exact as of now."""
    totals = _totals(now())
    departments = Department.objects.filter(is_active=True)
    districts = Area.objects.filter(kind=Area.Kind.DISTRICT)
    context = {
        "cards": [_card(figure, totals) for figure in FIGURES.values()],
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


def _share(part: int, whole: int) -> int | None:
    """Percent of the whole, or None where there is no whole."""
    return round(100 * part / whole) if whole else None


def _card(figure, totals) -> dict:
    share = _share(totals[figure.name], totals["registered"]) if figure.name != "registered" else None
    return {"figure": figure, "count": totals[figure.name], "share": share}


def _table(things, totals, kind: str) -> list[dict]:
    """A row for each department or district with its counts, most complaints first."""
    rows = []
    for thing in things:
        counts = {figure: totals[figure, kind, thing.pk] for figure in FIGURES}
        share = _share(counts["satisfied"], counts["registered"])
        rows.append({"thing": thing, "share": share, "registered": counts["registered"], "counts": counts.values()})
    return sorted(rows, key=lambda row: (-row["registered"], row["thing"].name))
