"""The public page of figures; the dashboards come beside it."""

from django.shortcuts import render
from django.utils import timezone
from django.views.decorators.http import require_safe

from departments.models import Area, Department

from .figures import FIGURES, now


@require_safe
def public_figures(request):
    """Registered, disposed, satisfied: of the state, by department and by district, exact as of now."""
    counts = now()
    departments = Department.objects.filter(is_active=True)
    districts = Area.objects.filter(kind=Area.Kind.DISTRICT)
    context = {
        "cards": [_card(figure, counts) for figure in FIGURES.values()],
        "figures": FIGURES.values(),
        "departments": _table(departments, counts, 1),
        "districts": _table(districts, counts, 2),
        "as_of": timezone.now(),
    }
    return render(request, "figures/public.html", context)


def _sum(counts, figure: str, position: int | None = None, pk: int | None = None) -> int:
    return sum(n for key, n in counts.items() if key[0] == figure and (position is None or key[position] == pk))


def _card(figure, counts) -> dict:
    count, of = _sum(counts, figure.name), _sum(counts, "registered")
    return {"figure": figure, "count": count, "share": round(100 * count / of) if of and figure.name != "registered" else None}


def _table(things, counts, position: int) -> list[dict]:
    """A row for each department or district with its counts, most complaints first."""
    rows = []
    for thing in things:
        row = {figure: _sum(counts, figure, position, thing.pk) for figure in FIGURES}
        share = round(100 * row["satisfied"] / row["registered"]) if row["registered"] else None
        rows.append({"thing": thing, "share": share, **row})
    return sorted(rows, key=lambda row: (-row["registered"], row["thing"].name))
