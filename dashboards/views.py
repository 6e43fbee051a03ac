"""The public page of figures; the boards come beside it."""

import datetime
import hashlib
import re
from dataclasses import dataclass

from django.http import Http404
from django.shortcuts import render
from django.utils import timezone
from django.utils.cache import get_conditional_response, patch_cache_control, patch_vary_headers
from django.utils.translation import get_language
from django.utils.translation import gettext as _
from django.views.decorators.http import require_safe

from departments.models import Area, Category, Department
from grievance import words

from . import reading, releases
from .as_of import said
from .boards.parts import days
from .cubes import next_month
from .figures import AGES, CLOSINGS, FIGURES, LEADING, cards
from .reading import Selection
from .suppression import LEAST, WORK

SHOWN = (*LEADING, *CLOSINGS)
RATES_SHOWN = ("on_time", "satisfied_of_disposed", "praised_of_asked", "praised_of_answered", "answered_of_asked",
               "reopened_share")  # fmt: skip
DAYS_SHOWN = ("median_days", "p90_days")
# Of the parts: few columns, so that the page stays light and fits a phone.
RATES_OF_PARTS = ("on_time", "praised_of_answered")
MONTH = re.compile(r"(20\d\d)-(0[1-9]|1[0-2])")
MONTHS_IN_TREND = 13


@dataclass(frozen=True)
class Period:
    """What is chosen on the page. `last` is of the state's figures; parts go up to the last whole month."""

    name: str
    label: str
    first: datetime.date | None
    last: datetime.date | None


@require_safe
def public_figures(request):
    """The state's figures exact as of now, and those of its parts for the months that are over."""
    today = timezone.localdate()
    period = _period(request.GET.get("period", "all"), today)
    selection = Selection(period.first, period.last, confidential=True)
    counts = reading.total(selection)
    released = releases.version()
    etag = _etag(request, period, today, counts, released)
    # One's own name stands in the header, so nobody else keeps the page; asking again costs one sum.
    answer = get_conditional_response(request, etag=etag) or render(
        request, "figures/public.html", _context(period, today, selection, counts) | {"parts": _parts(period, released)}
    )
    answer["ETag"] = etag
    patch_vary_headers(answer, ("Accept-Language", "Cookie"))
    patch_cache_control(answer, private=True, no_cache=True)
    return answer


def _context(period: Period, today: datetime.date, selection: Selection, counts) -> dict:
    histograms = reading.durations(selection).get((), {})
    ages = reading.open_by_age(Selection(confidential=True), today).get((), [0] * len(AGES))
    return {
        "period": period,
        "periods": _periods(today),
        "cards": cards(counts, SHOWN),
        "rates": [(FIGURES[name], FIGURES[name].of(counts)) for name in RATES_SHOWN],
        "days": [(FIGURES[name], days(reading.days(FIGURES[name], histograms)).text) for name in DAYS_SHOWN],
        "open": (FIGURES["open"], sum(ages)),
        "by_age": FIGURES["open_by_age"],
        "ages": [(label, n) for (_least, label), n in zip(AGES, ages, strict=True)],
        "trend": _trend(today),
        "columns": [FIGURES[name] for name in (*LEADING, *RATES_OF_PARTS)],
        "defined": [FIGURES[name] for name in (*SHOWN, "open", "asked", "late", "answered", "praised", "reopened")],
        "as_of": said(timezone.now()),
        "least": LEAST,
    }


def _period(name: str, today: datetime.date) -> Period:
    """Raises Http404 for what is no period, or one that is to come."""
    for period in _periods(today):
        if period.name == name:
            return period
    found = MONTH.fullmatch(name)
    first = found and datetime.date(int(found[1]), int(found[2]), 1)
    if not first or first > today:
        raise Http404
    label = f"{words.MONTHS[first.month - 1]} {first.year}"
    return Period(name, label, first, next_month(first) - datetime.timedelta(days=1))


def _periods(today: datetime.date) -> list[Period]:
    month = today.replace(day=1)
    before = month - datetime.timedelta(days=1)
    return [
        Period("all", _("All time"), None, None),
        Period("year", _("This year"), month.replace(month=1), today),
        Period("12-months", _("Last 12 months"), month.replace(year=month.year - 1), before),
        Period(f"{before:%Y-%m}", _("Last month"), before.replace(day=1), before),
    ]


def _etag(request, period: Period, today: datetime.date, counts, released) -> str:
    said = (get_language(), request.user.pk, period.name, str(today), released, sorted(counts.items()))
    return f'"{hashlib.sha256(repr(said).encode()).hexdigest()[:32]}"'


def _trend(today: datetime.date) -> dict:
    """The last months of the state: rows, and the points of a small line of what was registered."""
    first = today.replace(day=1)
    for _month in range(MONTHS_IN_TREND - 1):
        first = (first - datetime.timedelta(days=1)).replace(day=1)
    by_month = reading.counts(Selection(first, today, confidential=True), by=("month",))
    rows = [
        {"month": f"{words.MONTHS[month.month - 1]} {month.year}", "counts": [counts[name] for name in LEADING]}
        for month, counts in sorted(by_month.items())
    ]
    most = max((row["counts"][0] for row in rows), default=0) or 1
    step = 300 / max(len(rows) - 1, 1)
    points = " ".join(f"{i * step:.0f},{46 - 44 * max(row['counts'][0], 0) / most:.0f}" for i, row in enumerate(rows))
    return {"rows": rows, "points": points, "figures": [FIGURES[name] for name in LEADING]}


def _parts(period: Period, released) -> list[dict]:
    """A table each of departments, districts and groups of categories, of published months alone."""
    departments = {department.pk: department for department in Department.objects.all()}
    districts = {area.pk: area for area in Area.objects.filter(kind=Area.Kind.DISTRICT)}
    sums = {name: releases.sums(name, period.first, period.last, released) for name in releases.PARTS}
    return [
        _part(_("By district"), _("District"), _rows(sums["district"], lambda part: districts.get(int(part)))),
        _part(_("By department"), _("Department"), _rows(sums["department"], lambda part: departments.get(int(part)))),
        _part(_("By group of matters"), _("Group"), _rows(*_by_group(sums["category"]))),
    ]


def _part(title: str, first: str, rows: list[dict]) -> dict:
    """A table, and apart from it the names of those of whom it would say nothing but that it is withheld."""
    shown = [row for row in rows if any(number is not None for number in (*row["counts"], *row["rates"]))]
    withheld = [row for row in rows if row not in shown]
    partial = any(row["partial"] for row in shown)
    return {"title": title, "first": first, "shown": shown, "withheld": withheld, "partial": partial}


def _by_group(sums: dict) -> tuple[dict, object]:
    """Published cells of categories, added up by the topmost shelf they stand on."""
    categories = {c.pk: c for c in Category.objects.select_related("group__parent__parent")}
    groups, things = {}, {}
    for part, row in sums.items():
        shelf = categories[int(part.split("/")[1])].group
        while shelf is not None and shelf.parent is not None:
            shelf = shelf.parent
        if shelf is None:
            continue
        things[shelf.pk] = shelf
        total = groups.setdefault(shelf.pk, {"withheld": {}})
        for name, count in row.items():
            if name == "withheld":
                for each, months in count.items():
                    total["withheld"][each] = total["withheld"].get(each, 0) + months
            else:
                total[name] = total.get(name, 0) + count
    return groups, things.get


def _rows(sums: dict, thing_of) -> list[dict]:
    """A row for each part: its counts, None where nothing of it is published, and rates of published counts."""
    rows = []
    for part, row in sums.items():
        thing, withheld = thing_of(part), row["withheld"]
        counts = [None if withheld[name] and not row[name] else row[name] for name in LEADING]
        rates = [_rate(FIGURES[name], row) for name in RATES_OF_PARTS]
        rows.append({
            "name": thing.name if thing else _("No district given"), "counts": counts, "rates": rates,
            "partial": any(withheld[name] for name in (*WORK.figures, "satisfied")) and any(counts),
        })  # fmt: skip
    return sorted(rows, key=lambda row: (-(row["counts"][0] or 0), row["name"]))


def _rate(rate, row) -> int | None:
    """In whole percent; None unless every month of it is published: a rate of other months would be another rate."""
    if any(row["withheld"][name] for name in (rate.part, rate.whole, rate.less) if name):
        return None
    share = rate.of(row)
    return None if share is None else round(share)
