"""Counts everything again, from the complaints and from the events, and compares it with what pages show."""

from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass
from functools import partial

from django.db import connection, transaction
from django.db.models import Count as Rows
from django.db.models import Q
from django.db.models.functions import Coalesce, TruncDate
from django.utils import timezone

from config.time_limits import take_time
from grievance.models import Complaint, Event

from . import changes, folding, kept, reading
from .cubes import COHORT, COUNT_CUBES, DAY, DURATION_CUBES, MONTH, PLACES, STATE, YEAR, YEAR_CUBES, Cube
from .figures import AGES, COLUMNS, COUNTS, DISPOSED, HAPPENINGS
from .reading import Selection

EVERYTHING = Selection(confidential=True)
# Knows all that others know but the place and the officer.
FINEST = COUNT_CUBES[-1]
ALL = "SELECT * FROM grievance_event"
ALL_TAKEN = f"SELECT * FROM grievance_event AS event WHERE {folding.TAKEN}"
BY = ("department", "district", "category", "level", "channel", "kind", "confidential")


@dataclass(frozen=True)
class Difference:
    """A figure that is shown otherwise than it is counted."""

    figure: str
    where: object
    shown: int
    counted: int

    def __str__(self):
        return f"{self.figure} {self.where}: shown {self.shown}, counted {self.counted}"


def differences(progress=lambda _share: None) -> Iterator[Difference]:
    """Every difference there is, all as of one moment. Reads every complaint and every event, which takes half an hour
    at 60 lakh complaints; `progress` hears how far it is."""
    alone = not connection.in_atomic_block
    with transaction.atomic():
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SET TRANSACTION ISOLATION LEVEL REPEATABLE READ")
        take_time()
        cubes = [partial(_cube_that_disagrees, cube) for cube in COUNT_CUBES]
        checks = [_standing, _happened, *cubes, _durations, _ages, _cohorts]
        for done, check in enumerate(checks, 1):
            yield from check()
            progress(done / len(checks))


def _standing() -> Iterator[Difference]:
    """The counts, by every dimension, against the complaints as they stand."""
    numbers = {figure.name: Rows("id", filter=figure.condition()) for figure in COUNTS}
    rows = Complaint.objects.order_by().values_list("department", Coalesce("district", 0), *BY[2:]).annotate(**numbers)
    counted = {row[: len(BY)]: dict(zip(numbers, row[len(BY) :], strict=True)) for row in rows}
    shown = reading.counts(EVERYTHING, by=BY)
    for key in counted.keys() | shown.keys():
        for name in numbers:
            yield from _unequal(name, key, shown.get(key, {}).get(name, 0), counted.get(key, {}).get(name, 0))


def _happened() -> Iterator[Difference]:
    """The happenings of each day against the events of their actions."""
    shown = reading.counts(EVERYTHING, by=("day",))
    day = TruncDate("at", tzinfo=timezone.get_default_timezone())
    for figure in HAPPENINGS:
        events = Event.objects.filter(action__in=figure.actions, data__has_key="moved").order_by()
        if figure.also:
            events = events.extra(where=[figure.also])  # noqa: S610 - a constant
        counted = dict(events.annotate(day=day).values_list("day").annotate(n=Rows("id")))
        for key in counted.keys() | shown.keys():
            yield from _unequal(figure.name, key, shown.get(key, {}).get(figure.name, 0), counted.get(key, 0))


def _cube_that_disagrees(cube: Cube) -> Iterator[Difference]:
    """In every month a cube must say of each of its parts what the finest one comes to, as far as that knows them; and
    its days and years what its months do. What `_standing` and `_happened` recount, they so do for all cubes."""
    yield from _unlike(cube, MONTH, FINEST, [name for name in cube.dimensions if name in FINEST.dimensions])
    yield from _unlike(cube, DAY, cube, cube.dimensions)
    if cube in YEAR_CUBES:
        yield from _unlike(cube, YEAR, cube, cube.dimensions)


def _unlike(cube: Cube, grain: str, other: Cube, by) -> Iterator[Difference]:
    """Where the sums of a cube and grain, by these dimensions, are not those of another's months."""
    span, group = "year" if grain == YEAR else "month", ", ".join((*by, "confidential"))
    names = ", ".join(COLUMNS)
    sides = " UNION ALL ".join(
        f"SELECT date_trunc('{span}', day)::date AS since, {group}, {names}, {shown} AS shown FROM ({rows}) AS kept"
        for rows, shown in ((kept.counts(cube, grain), "true"), (kept.counts(other, MONTH), "false"))
    )
    both = ", ".join(f"sum({name}) FILTER (WHERE shown), sum({name}) FILTER (WHERE NOT shown)" for name in COLUMNS)
    unlike = " OR ".join(f"sum(CASE WHEN shown THEN {name} ELSE -{name} END) <> 0" for name in COLUMNS)
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT since, {group}, {both} FROM ({sides}) AS sides GROUP BY since, {group} HAVING {unlike}")
        found = cursor.fetchall()
    for row in found:
        key, numbers = row[: len(by) + 2], row[len(by) + 2 :]
        for place, name in enumerate(COLUMNS):
            shown, counted = (number or 0 for number in numbers[2 * place : 2 * place + 2])
            yield from _unequal(name, (f"cube {cube.number}{grain}", *key), shown, counted)


def _durations() -> Iterator[Difference]:
    """As many durations in every cube as there were disposals and climbs among the events taken, each as long."""
    disposals = Q(to_state__in=DISPOSED) & ~Q(from_state__in=("", *DISPOSED))
    counted = {"disposed": Event.objects.filter(disposals, data__has_key="moved").count()}
    climbs = Event.objects.filter(action="escalate", data__has_key="moved").order_by()
    counted |= {f"level{level}": n for level, n in climbs.values_list("level").annotate(n=Rows("id"))}
    histograms = reading.durations(EVERYTHING).get((), {})
    shown = {measure: sum(buckets.values()) for measure, buckets in histograms.items()}
    for measure in counted.keys() | shown.keys():
        yield from _unequal(f"durations of {measure}", "the state", shown.get(measure, 0), counted.get(measure, 0))
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT measure, bucket, count(*) FROM ({changes.lasted(ALL)}) AS lasted GROUP BY 1, 2")
        lasted = {(measure, bucket): n for measure, bucket, n in cursor.fetchall()}
    kept_ones = {(measure, bucket): n for measure, buckets in histograms.items() for bucket, n in buckets.items()}
    for measure, bucket in lasted.keys() | kept_ones.keys():
        where, key = f"bucket {bucket} of the state", (measure, bucket)
        yield from _unequal(f"durations of {measure}", where, kept_ones.get(key, 0), lasted.get(key, 0))
    expected = _measured(DURATION_CUBES[0], DAY)
    for cube in DURATION_CUBES:
        for grain in (DAY, MONTH):
            found = _measured(cube, grain)
            for key in expected.keys() | found.keys():
                where = f"cube {cube.number}{grain}, {key[1:]}"
                yield from _unequal(f"durations of {key[0]}", where, found.get(key, 0), expected.get(key, 0))


def _measured(cube: Cube, grain: str) -> dict[tuple, int]:
    """How many of each measure and bucket a cube has in each month."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT measure, bucket, date_trunc('month', day)::date, sum(count)"
            f" FROM ({kept.durations(cube, grain)}) AS kept GROUP BY 1, 2, 3"
        )
        return {tuple(key): n for *key, n in cursor.fetchall() if n}


def _ages() -> Iterator[Difference]:
    """The open ones by age, of each department in each district and of the state, against the complaints."""
    today = timezone.localdate()
    shown = reading.open_by_age(EVERYTHING, today, by=("department", "district"))
    rows = Complaint.objects.exclude(state__in=DISPOSED).order_by()
    day = TruncDate("registered_at", tzinfo=timezone.get_default_timezone())
    counted = Counter()
    rows = rows.values_list("department", Coalesce("district", 0), day).annotate(n=Rows("id"))
    for department, district, registered_on, n in rows:
        age = (today - registered_on).days
        place = max((i for i, (least, _label) in enumerate(AGES) if age >= least), default=0)
        counted[(department, district), place] += n
    none = [0] * len(AGES)
    of_the_state = reading.open_by_age(EVERYTHING, today).get((), none)
    for i, (age, _label) in enumerate(AGES):
        for part in {key[0] for key in counted} | shown.keys():
            where = (*part, f"{age} days and older")
            yield from _unequal("open", where, shown.get(part, none)[i], counted[part, i])
        together = sum(n for (_part, of_age), n in counted.items() if of_age == i)
        yield from _unequal("open", ("the state", f"{age} days and older"), of_the_state[i], together)


def _cohorts() -> Iterator[Difference]:
    """What is open of those registered on each day: of each department in each district against the events that the
    reader has taken, of the state against these."""
    registered_on = f"(registered_at AT TIME ZONE '{changes.ZONE}')::date"
    columns = f"{', '.join(PLACES.dimensions)}, confidential, registered - disposed AS n"
    events = f"SELECT {registered_on} AS day, {columns} FROM ({changes.counted(ALL_TAKEN)}) AS change"
    kept_ones = f"SELECT day, {columns} FROM {kept.TALLY} WHERE grain = '{COHORT}' AND cube = "
    with connection.cursor() as cursor:
        cursor.execute(folding.POSITION)
        taken = folding.stood(cursor.fetchall())
        for cube, others in ((PLACES, events), (STATE, f"{kept_ones}{PLACES.number}")):
            group = ", ".join(("day", *cube.dimensions, "confidential"))
            cursor.execute(
                f"""SELECT {group}, sum(shown), sum(counted) FROM (
                        SELECT {group}, n AS shown, 0 AS counted FROM ({kept_ones}{cube.number}) AS kept
                        UNION ALL SELECT {group}, 0, n FROM ({others}) AS others
                    ) AS sides GROUP BY {group} HAVING sum(shown) <> sum(counted)""",
                taken,
            )
            for *key, shown, counted in cursor.fetchall():
                yield from _unequal("open", (f"cube {cube.number}{COHORT}", *key), shown, counted)


def _unequal(figure: str, where, shown: int, counted: int) -> Iterator[Difference]:
    if shown != counted:
        yield Difference(figure, where, shown, counted)
