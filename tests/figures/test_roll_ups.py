"""The roll-ups: any period and filter comes to the same as the days it is made of; repair; durations; ages."""

import datetime
import itertools
import math
import threading
import time
from collections import Counter
from concurrent.futures import ThreadPoolExecutor
from importlib import import_module

import pytest
import time_machine
from django.core.management import CommandError, call_command
from django.db import connection, transaction
from django.db.models import F, Q
from django.utils import timezone
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dashboards import figures, folding, histograms, packed, reading, recount
from dashboards.cubes import COHORT, COUNT_CUBES, DAY, DURATION_CUBES, MONTH, PLACES, STATE, YEAR, YEAR_CUBES
from dashboards.models import Duration, Tally
from dashboards.reading import Selection
from grievance import ladder, readers, workflow
from grievance.models import Complaint, Event, ReaderPosition
from tests.factories import CategoryFactory, World

pytestmark = pytest.mark.django_db(transaction=True)
EVERYTHING = Selection(confidential=True)
MARCH_30 = datetime.datetime(2026, 3, 30, 11, tzinfo=datetime.timezone(datetime.timedelta(hours=5, minutes=30)))
ONE_DAY = datetime.timedelta(days=1)


def fold_all() -> None:
    while folding.fold():
        pass


@pytest.fixture
def spring():
    """A world with a story of two months: filed, late, climbed, judged, reopened, transferred, withdrawn."""
    world = World()
    with time_machine.travel(MARCH_30, tick=False) as now:
        world.closed()
        world.registered_by_phone = world.assigned()
        now.shift(ONE_DAY)
        world.resolved()
        fold_all()
        now.shift(ONE_DAY)
        late = world.assigned()
        workflow.change(
            world.assigned(), "transfer", user=world.l1.officer, department="pwd", reason="wrong_department"
        )
        now.shift(20 * ONE_DAY)
        while ladder.climb_overdue():
            pass
        late.refresh_from_db()
        workflow.change(late, "accept", user=late.assignee.officer)
        workflow.change(late, "resolve", user=late.assignee.officer, text="Done at last")
        now.shift(12 * ONE_DAY)
        workflow.change(late, "not_satisfied", user=world.citizen, text="It is not")
        workflow.change(world.assigned(), "withdraw", user=world.citizen)
        world.today = timezone.localdate()
        yield world


def test_a_period_comes_to_the_days_it_is_made_of(spring):
    by_day = reading.counts(EVERYTHING, by=("day",))
    days = sorted(by_day)
    assert (days[0], days[-1]) == (datetime.date(2026, 3, 30), datetime.date(2026, 5, 3))
    edges = [
        datetime.date(2026, month, day) for month, day in ((3, 1), (3, 30), (3, 31), (4, 1), (4, 21), (4, 30), (5, 3))
    ]
    for first in (None, *edges):
        for last in (None, *edges):
            if first and last and last < first:
                continue
            found = reading.total(Selection(first, last, confidential=True))
            inside = [by_day[day] for day in days if (not first or day >= first) and (not last or day <= last)]
            assert {name: found[name] for name in figures.COLUMNS if name != "breached"} == {
                name: sum(counts[name] for counts in inside) for name in figures.COLUMNS if name != "breached"
            }, (first, last)
            until = [by_day[day] for day in days if not last or day <= last]
            assert found["open"] == sum(counts["registered"] - counts["disposed"] for counts in until)


def test_months_and_days_are_split_alike(spring):
    by_day, by_month = reading.counts(EVERYTHING, by=("day",)), reading.counts(EVERYTHING, by=("month",))

    for month, counts in by_month.items():
        for name in ("registered", "asked", "disposed"):
            assert counts[name] == sum(of_day[name] for day, of_day in by_day.items() if day.replace(day=1) == month)


@pytest.mark.parametrize("folded", [False, True])
def test_every_split_comes_to_the_whole(spring, folded):
    if folded:
        fold_all()
    whole = reading.total(EVERYTHING)
    for cube in COUNT_CUBES:
        parts = reading.counts(EVERYTHING, by=cube.dimensions)
        for name in (*figures.COLUMNS, "open"):
            assert sum(part[name] for part in parts.values()) == whole[name], (cube, name)


def test_a_filter_counts_only_what_it_says(spring):
    by_channel = reading.counts(EVERYTHING, by=("department", "channel"))
    for (department, channel), counts in by_channel.items():
        only = reading.total(Selection(where={"department": (department,), "channel": (channel,)}, confidential=True))
        assert only == counts


def test_what_happened_is_counted_apart_from_how_complaints_stand(spring):
    counts = reading.total(EVERYTHING)

    wanted = Counter(Event.objects.values_list("action", flat=True))
    assert counts["asked"] == wanted["resolve"] == 3
    assert (counts["late"], counts["answered"], counts["praised"]) == (1, 2, 1)
    assert (counts["reopened"], counts["transferred"], counts["withdrawn"]) == (1, 1, 1)
    assert counts["escalated"] == wanted["escalate"] > 0
    assert figures.FIGURES["on_time"].of(counts) == pytest.approx(200 / 3)
    assert figures.FIGURES["answered_of_asked"].of(counts) == pytest.approx(200 / 3)
    assert figures.FIGURES["on_time"].of(reading.Figures()) is None


def test_a_transfer_counts_against_the_department_that_gave_it_away(spring):
    by_department = reading.counts(EVERYTHING, by=("department",))

    assert by_department[spring.water.pk]["transferred"] == 1
    assert by_department[spring.roads.pk]["transferred"] == 0
    assert by_department[spring.roads.pk]["registered"] == 1


def test_breached_ones_stand_until_they_are_disposed_of():
    world = World()
    complaint = world.assigned()
    with time_machine.travel(timezone.now() + 90 * ONE_DAY, tick=False):
        while ladder.climb_overdue():
            pass
        assert (reading.total(EVERYTHING)["breached"], reading.total(EVERYTHING)["ran_out"]) == (1, 1)
        workflow.change(complaint, "withdraw", user=world.citizen)
        assert (reading.total(EVERYTHING)["breached"], reading.total(EVERYTHING)["ran_out"]) == (0, 1)
        call_command("check_figures", verbosity=0)


def test_open_ones_by_age(spring):
    ages = dict(
        zip([age for age, _label in figures.AGES], reading.open_by_age(EVERYTHING, spring.today)[()], strict=True)
    )

    assert ages == {0: 0, 8: 0, 31: 3, 91: 0, 366: 0}
    fold_all()
    assert sum(reading.open_by_age(EVERYTHING, spring.today)[()]) == reading.total(EVERYTHING)["open"] == 3


def test_days_to_dispose_are_within_two_percent(spring):
    took = sorted(
        (event.at - event.complaint.registered_at).total_seconds() / 86400
        for event in Event.objects.filter(to_state__in=figures.DISPOSED).exclude(from_state__in=figures.DISPOSED)
    )
    for folded in (False, True):
        if folded:
            fold_all()
        histogram = reading.durations(EVERYTHING)[()]
        longest = reading.days(figures.Days("", "", "", measure="disposed", quantile=1.0), histogram)
        assert longest == pytest.approx(took[-1], rel=histograms.ERROR)
        to_level_2 = reading.days(figures.FIGURES["days_to_level_2"], histogram)
        assert 7 < to_level_2 < 30


@given(st.lists(st.floats(60, 1e9), min_size=1, max_size=50), st.sampled_from([0.5, 0.9, 1.0]))
def test_a_quantile_of_a_histogram_is_at_most_two_percent_off(durations, part):
    exact = sorted(durations)[math.ceil(part * len(durations)) - 1] / 86400

    shown = histograms.quantile(Counter(map(histograms.bucket, durations)), part)

    assert shown == pytest.approx(exact, rel=histograms.ERROR * 1.0001)


def test_histograms_in_the_database_use_the_same_buckets(spring):
    fold_all()
    buckets = Counter(
        histograms.bucket((event.at - event.complaint.registered_at).total_seconds())
        for event in Event.objects.filter(to_state__in=figures.DISPOSED).exclude(from_state__in=figures.DISPOSED)
    )
    assert reading.durations(EVERYTHING)[()]["disposed"] == buckets


def test_a_confidential_line_is_only_in_the_total_of_the_state():
    world = World()
    world.register()
    world.register(category=CategoryFactory(department=world.water, confidential=True, line="181"))

    assert reading.total(EVERYTHING)["registered"] == 2
    assert reading.total(Selection())["registered"] == 1
    assert reading.counts(Selection(), by=("department",))[world.water.pk]["registered"] == 1


def test_a_forged_sum_is_found_and_repaired_while_the_portal_goes_on(spring, capsys):
    fold_all()
    forged = Tally.objects.filter(cube=PLACES.number, grain=DAY, day=MARCH_30.date(), registered__gt=0).first()
    Tally.objects.filter(pk=forged.pk).update(registered=forged.registered + 5)
    with pytest.raises(CommandError, match="differ"):
        call_command("check_figures")

    call_command("check_figures", repair=MARCH_30.date())
    assert reading.total(EVERYTHING)["registered"] == Complaint.objects.count()


def test_a_forged_age_is_found_even_between_districts_and_repaired_with_its_month(spring, capsys):
    """What is open moves to another district and to another day of the same age: no sum of a department is wrong."""
    fold_all()
    forged = Tally.objects.filter(cube=PLACES.number, grain=COHORT, registered__gt=F("disposed")).first()
    for changed in ({"district": spring.block.pk}, {"day": forged.day - ONE_DAY}):
        Tally.objects.filter(pk=forged.pk).update(**changed)
        with pytest.raises(CommandError, match="--repair and a day of that month"):
            call_command("check_figures")
        assert f"cube {PLACES.number}{COHORT}" in capsys.readouterr().out

        call_command("check_figures", repair=forged.day)
        forged = Tally.objects.get(cube=PLACES.number, grain=COHORT, day=forged.day, district=forged.district,
                                   department=forged.department)  # fmt: skip


def test_what_one_department_is_given_of_another_is_found_though_the_sums_are_right(spring):
    fold_all()
    by_department = next(cube for cube in COUNT_CUBES if cube.dimensions == ("department",))
    water, roads = spring.water.pk, spring.roads.pk
    for name in ("asked", "registered"):
        for grain in (DAY, MONTH, YEAR):
            moved = Tally.objects.filter(cube=by_department.number, grain=grain, department=water, **{f"{name}__gt": 0})
            for each in moved.values_list("day", name):
                rest = {"cube": by_department.number, "grain": grain, "day": each[0], "department": roads}
                Tally.objects.get_or_create(**rest)
                Tally.objects.filter(**rest).update(**{name: F(name) + each[1]})
            moved.update(**{name: 0})
        with pytest.raises(CommandError, match="differ"):
            call_command("check_figures")
        folding.rebuild()
        call_command("check_figures")


def test_durations_that_are_told_longer_than_they_were_are_found(spring):
    fold_all()
    for row in Duration.objects.all():
        Duration.objects.filter(pk=row.pk).update(days=[entry + 3 for entry in row.days])
    with pytest.raises(CommandError, match="differ"):
        call_command("check_figures")


def test_a_day_ends_at_midnight_in_india(spring):
    """In UTC, where the database may stand, it is half past six in the evening then."""

    def registered(first, last) -> int:
        return reading.total(Selection(first, last, confidential=True))["registered"]

    before = {name: registered(*days) for name, days in NEW_YEAR.items()}
    with time_machine.travel(datetime.datetime(2026, 12, 31, 18, 29, 59, tzinfo=datetime.UTC), tick=False) as now:
        spring.register()
        now.shift(1)
        spring.register()
        spring.register()
        for folded in (False, True):
            if folded:
                fold_all()
            found = {name: registered(*days) - before[name] for name, days in NEW_YEAR.items()}
            assert found == {
                "the old year": 1, "December": 1, "its last day": 1, "January": 2, "the new year": 2}  # fmt: skip


NEW_YEAR = {
    "the old year": (datetime.date(2026, 1, 1), datetime.date(2026, 12, 31)),
    "December": (datetime.date(2026, 12, 1), datetime.date(2026, 12, 31)),
    "its last day": (datetime.date(2026, 12, 31), datetime.date(2026, 12, 31)),
    "January": (datetime.date(2027, 1, 1), datetime.date(2027, 1, 31)),
    "the new year": (datetime.date(2027, 1, 1), None),
}


def rows_that_hold_anything() -> tuple[list, list]:
    """The roll-ups as they lie, in one order; a sum that came back to nothing may be there or not."""
    names = [field.attname for field in Tally._meta.concrete_fields]
    counts = Tally.objects.exclude(days=None, **dict.fromkeys(figures.COLUMNS, 0)).order_by("pk").values_list(*names)
    return list(counts), list(Duration.objects.order_by("pk").values_list())


def test_all_months_counted_anew_are_what_the_reader_made_of_them(spring):
    while readers.follow(folding.READER, folding.add_up, batch=3):
        pass
    before = rows_that_hold_anything()

    folding.rebuild()

    assert rows_that_hold_anything() == before


def test_a_kept_database_gets_the_sums_of_the_state_and_of_years_from_those_of_their_parts(spring):
    fold_all()
    before = rows_that_hold_anything()
    Tally.objects.filter(Q(cube=STATE.number) | Q(grain=YEAR)).delete()
    Duration.objects.filter(cube=DURATION_CUBES[0].number).delete()
    with pytest.raises(CommandError, match="differ"):
        call_command("check_figures")

    with connection.cursor() as cursor:
        for migration in ("0009_sums_of_the_state", "0011_durations_of_the_state", "0012_sums_of_years"):
            cursor.execute(import_module(f"dashboards.migrations.{migration}").ADD_UP)

    assert rows_that_hold_anything() == before
    call_command("check_figures")


def test_a_forged_year_is_found_and_repaired_with_any_of_its_months(spring):
    fold_all()
    forged = Tally.objects.filter(cube=PLACES.number, grain=YEAR).first()
    Tally.objects.filter(pk=forged.pk).update(registered=forged.registered + 5)
    with pytest.raises(CommandError, match="differ"):
        call_command("check_figures")

    call_command("check_figures", repair=MARCH_30.date())


def test_a_period_of_years_comes_to_the_days_it_is_made_of(spring):
    with time_machine.travel(MARCH_30 + 700 * ONE_DAY, tick=False) as now:
        spring.assigned()
        now.shift(400 * ONE_DAY)
        spring.assigned()
        fold_all()
        by_day, today = reading.counts(EVERYTHING, by=("day",)), timezone.localdate()
        ends = [datetime.date(year, *day) for year in range(2025, 2030) for day in ((1, 1), (4, 2), (12, 31))]
        for first, last in itertools.product([None, *ends], [None, *ends, today]):
            if not (first and last and last < first):
                found = reading.counts(Selection(first, last, confidential=True)).get((), {})
                inside = [day for day in by_day if (not first or day >= first) and (not last or day <= last)]
                assert found.get("registered", 0) == sum(by_day[day]["registered"] for day in inside), (first, last)


def test_a_forged_age_of_the_state_is_found(spring):
    fold_all()
    forged = Tally.objects.filter(cube=STATE.number, grain=COHORT).first()
    Tally.objects.filter(pk=forged.pk).update(registered=forged.registered + 1)
    with pytest.raises(CommandError, match="differ"):
        call_command("check_figures")


def test_the_days_of_a_fine_group_lie_in_one_row_of_their_month(spring):
    fold_all()
    for cube, model in [(cube, Tally) for cube in COUNT_CUBES] + [(cube, Duration) for cube in DURATION_CUBES]:
        grains = set(model.objects.filter(cube=cube.number).exclude(grain=COHORT).values_list("grain", flat=True))
        years = {YEAR} if cube in YEAR_CUBES else set()
        assert grains == ({MONTH} if cube.packed else {DAY, MONTH}) | years, cube


def test_a_day_in_a_packed_month_that_is_forged_is_found_and_repaired(spring):
    fold_all()
    for model, cube in ((Tally, COUNT_CUBES[-1]), (Duration, DURATION_CUBES[-1])):
        forged = model.objects.filter(cube=cube.number, grain=MONTH, days__len__gt=0).first()
        model.objects.filter(pk=forged.pk).update(days=[*forged.days[1:], forged.days[0] + (3 << 20)])
        with pytest.raises(CommandError, match="differ"):
            call_command("check_figures")

        call_command("check_figures", repair=forged.day + 5 * ONE_DAY)


def test_places_in_packed_entries_are_kept_for_every_figure():
    # They are stored: a figure that is new comes last, whatever its place in `dashboards.figures`.
    assert sorted(packed.COUNTED) == sorted(figures.COLUMNS)
    assert (packed.COUNTED[0], packed.COUNTED[-1]) == ("registered", "lapsed")
    assert set(packed.MEASURED) == {figure.measure for figure in figures.DAYS}
    assert len(packed.COUNTED) <= 1 << packed.COUNTS.bits
    # A bucket of more than a century is one.
    assert histograms.bucket(200 * 366 * 86400) < 1 << packed.BUCKET_BITS


counts_of_days = st.dictionaries(
    st.tuples(st.integers(0, 31), st.integers(0, 31)), st.integers(-900_000, 900_000).filter(bool), max_size=8
)


@settings(max_examples=30, suppress_health_check=[HealthCheck.function_scoped_fixture, HealthCheck.too_slow])
@given(one=counts_of_days, other=counts_of_days)
def test_packed_counts_add_up_also_below_nothing(db, one, other):
    packing = packed.COUNTS

    def array(counts):
        entries = [packing.entry(str(n), str(day), str(what)) for (day, what), n in counts.items()]
        return f"ARRAY[{', '.join(entries)}]::{packing.type}[]"

    unpacked = f"{packing.day('entry')}, {packing.what('entry')}, {packing.count('entry')}"
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {unpacked} FROM unnest({packing.together(array(one), array(other))}) AS entry")
        found = {(day, what): n for day, what, n in cursor.fetchall()}
    sums = {key: one.get(key, 0) + other.get(key, 0) for key in one | other}
    assert found == {key: n for key, n in sums.items() if n}


APRIL = datetime.date(MARCH_30.year, 4, 30)
SAME = {
    "a month": (lambda: folding.count_month(MARCH_30.date()),) * 2,
    "a year, by two of its months": (
        lambda: folding.rebuild_month(MARCH_30.date()), lambda: folding.rebuild_month(APRIL),
    ),
    "a month of registration": (
        lambda: folding.count_cohorts(MARCH_30.date()), lambda: folding.rebuild_month(MARCH_30.date()),
    ),
}  # fmt: skip


@pytest.mark.parametrize("same", SAME)
def test_two_who_count_the_same_anew_at_once_do_not_add_it_up_twice(spring, same):
    """Whoever comes second would not see what the first has written, and add to it. It waits, however long that may
    take, and longer than a page may."""
    counting, counted = threading.Event(), threading.Event()
    folding.rebuild()

    def first():
        with transaction.atomic():
            SAME[same][0]()
            counting.set()
            counted.wait(20)
        connection.close()

    def second():
        with connection.cursor() as cursor:
            cursor.execute("SET lock_timeout = 50; SET statement_timeout = 150")
        SAME[same][1]()
        connection.close()

    with ThreadPoolExecutor(2) as people:
        earlier = people.submit(first)
        assert counting.wait(20)
        later = people.submit(second)
        deadline = time.monotonic() + 20
        while not (waited := _waiting_for_a_lock()) and time.monotonic() < deadline:
            time.sleep(0.02)
        time.sleep(0.2)
        counted.set()
        earlier.result(20), later.result(20)

    assert waited
    call_command("check_figures")


def _waiting_for_a_lock() -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_stat_activity WHERE wait_event_type = 'Lock'"
                       " AND datname = current_database()")  # fmt: skip
        return cursor.fetchone()[0]


def test_what_reads_every_event_of_a_large_state_is_not_cut_off_as_a_page_would_be(spring, monkeypatch):
    def limits():
        with connection.cursor() as cursor:
            cursor.execute("SELECT current_setting('statement_timeout')")
            asked.append(cursor.fetchone()[0])
        return ()

    asked = []
    monkeypatch.setattr(recount, "_standing", limits)
    assert list(recount.differences()) == []
    limits()
    assert asked == ["0", "1min"]


def test_events_not_taken_yet_are_not_counted_twice_by_a_repair(spring):
    fold_all()
    position = ReaderPosition.objects.get(name=folding.READER)
    spring.assigned()

    folding.rebuild()

    assert ReaderPosition.objects.get(name=folding.READER).event_id == position.event_id
    assert reading.total(EVERYTHING)["registered"] == Complaint.objects.count()
    call_command("check_figures", verbosity=0)


def test_a_filter_that_no_roll_up_knows_is_refused():
    with pytest.raises(reading.NotKept):
        reading.counts(Selection(where={"area": (1,), "posting": (2,)}))
