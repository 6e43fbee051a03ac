"""Makes and keeps what is published of each month that is over (`dashboards.suppression` says what that is).

A release is made once and kept: what was published is not counted anew at each request, and does not change unless
the month's figures do (a history was loaded, a day repaired). The running month is published for the whole state
alone: a part's count that grows while one looks on would give away single complaints.
"""

import datetime

from django.db.models import Max, Min
from django.utils import timezone

from departments.models import Area, Category, Department
from departments.remembered import for_half_a_minute

from . import reading, suppression
from .cubes import next_month
from .figures import COLUMNS
from .models import Release
from .reading import Selection
from .suppression import FIGURES, WORK

STATE, DEPARTMENT, DISTRICT, CATEGORY = "state", "department", "district", "category"
PARTS = (DEPARTMENT, DISTRICT, CATEGORY)
# In one go of the task; a loaded history of years is published within some minutes.
MONTHS_AT_ONCE = 12


def publish_next(months: int = MONTHS_AT_ONCE) -> int:
    """Makes the releases that are missing or whose month has other figures now; returns how many months it made.

    Asks the roll-ups for one sum a month, not for the complaints.
    """
    today = timezone.localdate()
    last = today.replace(day=1) - datetime.timedelta(days=1)
    totals = reading.counts(Selection(None, last, confidential=True), by=("month",))
    if not totals:
        return 0
    made = dict(Release.objects.filter(dimension=STATE).values_list("month", "basis"))
    wrong = [month for month in _months(min(totals), last) if made.get(month) != _basis(totals.get(month, {}))]
    for month in wrong[:months]:
        _publish(month, _basis(totals.get(month, {})))
    return len(wrong[:months])


def _basis(counts) -> dict:
    return {name: counts.get(name, 0) for name in COLUMNS if counts.get(name, 0)}


def _months(first: datetime.date, last: datetime.date):
    while first <= last:
        yield first
        first = next_month(first)


def _publish(month: datetime.date, basis: dict) -> None:
    first, last = month, next_month(month) - datetime.timedelta(days=1)
    public, everything = Selection(first, last), Selection(first, last, confidential=True)
    apart = reading.counts(everything, by=("confidential", "day"))
    apart_days = {day: row for (confidential, day), row in apart.items() if confidential}
    apart_month = _sum(apart_days.values())
    by_day = reading.counts(everything, by=("day",))
    state = {STATE: suppression.month_of_state(basis)}
    state_days = suppression.days_of_state(by_day, state[STATE])
    released = {STATE: (state, {STATE: {str(day): row for day, row in state_days.items()}})}
    units = _every_part()
    rows = {}
    for dimension in (DEPARTMENT, DISTRICT):
        rows[dimension] = _with_all(reading.counts(public, by=(dimension,)), units[dimension])
        days = _by_part(reading.counts(public, by=("day", dimension)))
        shown = suppression.month(rows[dimension], apart_month)
        with_days = _parts_with_days(days, shown, apart_days)
        released[dimension] = (shown, {part: days[part] for part in with_days})
    released[CATEGORY] = _categories(public, units[CATEGORY], *released[DEPARTMENT])
    for dimension, (table, days) in released.items():
        content = {"basis": basis, "monthly": _stored(table), "daily": _stored_days(days), "made_at": timezone.now()}
        Release.objects.update_or_create(dimension=dimension, month=month, defaults=content)


def _categories(public: Selection, pairs: set, departments: dict, departments_with_days: dict) -> tuple[dict, dict]:
    """The categories, judged within each department. A part is (department, category): a complaint can lie in
    another department under its old category."""
    rows = _with_all(reading.counts(public, by=("department", "category")), pairs)
    days = _by_part(reading.counts(public, by=("day", "department", "category")))
    table, with_days = {}, {}
    for department in {pair[0] for pair in rows}:
        own = {pair: row for pair, row in rows.items() if pair[0] == department}
        withheld = {
            tier: any(departments.get(department, {}).get(name, 0) is None for name in tier.figures)
            for tier in (suppression.WORK, suppression.LATE, suppression.VERDICTS)
        }
        shown = suppression.month(own, withheld=withheld)
        table |= shown
        if department in departments_with_days:
            own_days = {pair: days[pair] for pair in own if pair in days}
            with_days |= {pair: days[pair] for pair in _parts_with_days(own_days, shown, {})}
    return table, with_days


def _parts_with_days(days: dict, table: dict, apart: dict) -> set:
    shown = {part for part, row in table.items() if all(row[name] is not None for name in WORK.figures)}
    return suppression.parts_with_days(days, shown, apart)


def _every_part() -> dict[str, set]:
    return {
        DEPARTMENT: set(Department.objects.filter(is_active=True).values_list("pk", flat=True)),
        DISTRICT: set(Area.objects.filter(kind=Area.Kind.DISTRICT, is_active=True).values_list("pk", flat=True)),
        CATEGORY: set(
            Category.objects.filter(is_active=True, confidential=False).values_list("department_id", "pk").order_by()
        ),
    }


def _with_all(counts: dict, parts: set) -> dict:
    return {part: counts.get(part, {}) for part in parts | counts.keys()}


def _by_part(counts: dict) -> dict:
    """{(day, part…): row} as {part: {day: row}}."""
    found = {}
    for (day, *part), row in counts.items():
        found.setdefault(part[0] if len(part) == 1 else tuple(part), {})[day] = row
    return found


def _sum(rows) -> dict:
    total = reading.Figures()
    for row in rows:
        total.add(row)
    return total


def _key(part) -> str:
    return "/".join(map(str, part)) if isinstance(part, tuple) else str(part)


def _stored(table: dict) -> dict:
    """Rows that have anything, or anything withheld: where no row is listed there was nothing."""
    return {_key(part): row for part, row in table.items() if any(count != 0 for count in row.values())}


def _stored_days(days: dict) -> dict:
    return {
        _key(part): {
            str(day): {name: row.get(name, 0) for name in FIGURES if part == STATE or name in WORK.figures}
            for day, row in sorted(of_part.items(), key=lambda pair: str(pair[0]))
        }
        for part, of_part in days.items()
    }


def released(dimension: str, first: datetime.date | None = None, last: datetime.date | None = None):
    """The releases of a dimension for the months from `first` to `last`, in their order."""
    found = Release.objects.filter(dimension=dimension).order_by("month")
    if first:
        found = found.filter(month__gte=first)
    if last:
        found = found.filter(month__lte=last)
    return found


def first_month() -> datetime.date | None:
    """The first month of which anything is published."""
    return Release.objects.aggregate(first=Min("month"))["first"]


def version() -> datetime.datetime | None:
    """When anything was published last."""
    return Release.objects.aggregate(made=Max("made_at"))["made"]


@for_half_a_minute
def sums(dimension: str, first: datetime.date | None, last: datetime.date | None, _version) -> dict[str, dict]:
    """The published cells of each part, added up over months: {part: {figure: sum, "withheld": {figure: months}}}.
    Of one `version`, remembered: nobody may write to it."""
    parts = {}
    for table in released(dimension, first, last).values_list("monthly", flat=True):
        for part, row in table.items():
            total = parts.setdefault(part, {"withheld": dict.fromkeys(FIGURES, 0)} | dict.fromkeys(FIGURES, 0))
            for name, count in row.items():
                if count is None:
                    total["withheld"][name] += 1
                else:
                    total[name] += count
    return parts
