"""Nothing small can be subtracted back, from all tables together."""

import itertools

from hypothesis import given, settings
from hypothesis import strategies as st

from dashboards import suppression
from dashboards.suppression import COVER, LATE, LEAST, VERDICTS, WORK, is_small

from .attack import bounds, known_exactly

DAYS = range(6)
# Departments with their categories; each cell of the truth is (department, category, district, day).
CATEGORIES = {"a": ("a1", "a2", "a3"), "b": ("b1", "b2"), "c": ("c1",)}
DISTRICTS = ("x", "y", "z")
CELLS = [
    (department, category, district, day)
    for department, own in CATEGORIES.items() for category in own for district in DISTRICTS for day in DAYS
]  # fmt: skip
PLACES = {"department": lambda cell: cell[0], "district": lambda cell: cell[2], "category": lambda cell: cell[1]}


@st.composite
def truths(draw):
    """A state's month: how many of each cell, and of the confidential lines on each day. Some categories and districts are
    large and some small, so that there is something to publish and something to hide."""
    size = {name: draw(st.sampled_from((0, 1, 8))) for name in (*itertools.chain(*CATEGORIES.values()), *DISTRICTS)}
    noise = draw(st.lists(st.integers(0, 3), min_size=len(CELLS), max_size=len(CELLS)))
    truth = {cell: min(n, size[cell[1]] * size[cell[2]]) + size[cell[1]] * size[cell[2]] // 2
             for cell, n in zip(CELLS, noise, strict=True)}  # fmt: skip
    return truth, {day: draw(st.integers(0, 6)) for day in DAYS}


def rows(truth, place, *, by_day=False):
    """Sums by a part (what `place` says of a cell), or by part and day."""
    found = {}
    for cell, n in truth.items():
        row = found.setdefault(place(cell), {})
        if by_day:
            row = row.setdefault(cell[3], {})
        for name in WORK.figures:
            row[name] = row.get(name, 0) + n
    return found


def published(truth, apart):
    """All tables of the month: {dimension: (months, days)} with None where something is withheld."""
    everything = dict.fromkeys(suppression.FIGURES, 0) | dict.fromkeys(WORK.figures, sum(apart.values()))
    apart_days = {day: dict.fromkeys(WORK.figures, n) for day, n in apart.items()}
    tables = {}
    for dimension, place in (("department", lambda cell: cell[0]), ("district", lambda cell: cell[2])):
        months = suppression.month(rows(truth, place), everything)
        days = rows(truth, place, by_day=True)
        shown = {part for part, row in months.items() if row["registered"] is not None}
        tables[dimension] = (months, suppression.parts_with_days(days, shown, apart_days))
    months, with_days = {}, set()
    for department in CATEGORIES:
        own = {cell: n for cell, n in truth.items() if cell[0] == department}
        withheld = tables["department"][0][department]["registered"] is None
        table = suppression.month(rows(own, lambda cell: cell[1]), withheld={WORK: withheld})
        months |= table
        if department in tables["department"][1]:
            shown = {part for part, row in table.items() if row["registered"] is not None}
            with_days |= suppression.parts_with_days(rows(own, lambda cell: cell[1], by_day=True), shown)
    tables["category"] = (months, with_days)
    return tables


def equations(truth, apart, tables):
    """What the published tables say of the cells that are withheld, as sums of unknowns; and the truth of those."""
    cells = {}
    for dimension, place in PLACES.items():
        for cell, n in truth.items():
            for when in (cell[3], None):
                name = (dimension, place(cell), when)
                cells[name] = cells.get(name, 0) + n
    for day, n in apart.items():
        cells["apart", "", day], cells["apart", "", None] = n, sum(apart.values())
    shown = {
        (dimension, part, when)
        for dimension, (months, with_days) in tables.items() for part, row in months.items()
        for when in (*(DAYS if part in with_days else ()), *((None,) if row["registered"] is not None else ()))
    }  # fmt: skip

    def equation(plus, minus=None, total=None):
        """These cells come to `total`, or to another cell."""
        terms = dict.fromkeys(plus, 1) | ({minus: -1} if minus else {})
        total = (total or 0) - sum(sign * cells[name] for name, sign in terms.items() if name in shown)
        return {name: sign for name, sign in terms.items() if name not in shown}, total

    found = []
    for when in (*DAYS, None):
        whole = sum(n for (dimension, _part, of), n in cells.items() if of == when and dimension in ("district", "apart"))
        for dimension in ("department", "district"):
            parts = [(dimension, part, when) for part in tables[dimension][0]]
            found.append(equation([*parts, ("apart", "", when)], total=whole))
        for department, own in CATEGORIES.items():
            found.append(equation([("category", category, when) for category in own], ("department", department, when)))
    for dimension, part in {name[:2] for name in cells}:
        found.append(equation([(dimension, part, day) for day in DAYS], (dimension, part, None)))
    return [each for each in found if each[0]], {name: n for name, n in cells.items() if name not in shown}


@settings(max_examples=80, deadline=None)
@given(truths())
def test_no_small_count_can_be_worked_out_from_everything_published(made):
    truth, apart = made
    found, secrets = equations(truth, apart, published(truth, apart))
    exact, limits = known_exactly(found), bounds(found)
    for name, value in secrets.items():
        if is_small(value):
            low, high = limits[name]
            # The state's own total says as much of everything; where that is small, it is not from the tables.
            whole = sum(n for cell, n in truth.items() if name[2] in (cell[3], None))
            whole += apart[name[2]] if name[2] is not None else sum(apart.values())
            assert name not in exact, (name, value)
            assert low <= value <= high
            assert high - low >= min(LEAST - 1, whole), (name, value, low, high)


def row(registered, disposed=None, asked=None, late=0, answered=0, praised=0, satisfied=0):
    disposed = registered if disposed is None else disposed
    return {"registered": registered, "disposed": disposed, "asked": registered if asked is None else asked, "late": late,
            "answered": answered, "praised": praised, "satisfied": satisfied}  # fmt: skip


def hidden(table, name):
    return {part for part, shown in table.items() if shown[name] is None}


def test_a_small_row_takes_the_smallest_that_covers_it_along():
    table = suppression.month({"a": row(3), "b": row(60), "c": row(12), "d": row(0)})

    assert hidden(table, "registered") == {"a", "c"}
    assert table["b"]["registered"] == 60
    assert table["d"]["registered"] == 0
    assert hidden(suppression.month({"a": row(1), "b": row(60), "c": row(10), "d": row(90)}), "registered") == {"a", "b", "c"}


@settings(max_examples=200, deadline=None)
@given(st.lists(st.one_of(st.just(0), st.integers(1, 4), st.integers(9, 14), st.integers(10, 60)), max_size=6), st.integers(0, 6))
def test_whoever_knows_the_rule_cannot_tell_which_small_count_it_is(sizes, confidential):
    """The rows that cover a small one have at least COVER each, says the rule: 11 withheld together were 1 and 10."""
    rows = {part: row(n) for part, n in enumerate(sizes)}
    table = suppression.month(rows, row(confidential))

    withheld = hidden(table, "registered")
    small = [part for part in withheld if is_small(sizes[part])]
    unknown = len(small) + is_small(confidential)
    if unknown and withheld != set(rows):
        left = sum(sizes[part] for part in withheld)
        # Each can be any of 1 to 4, and what is left for the others is still what the rule says of them.
        assert left - (LEAST - 1) * unknown >= COVER


def test_a_small_number_of_late_ones_hides_only_what_would_tell_it():
    table = suppression.month({"a": row(50, late=2), "b": row(60, late=30), "c": row(90, late=45)})

    assert hidden(table, "late") == {"a", "b"}
    assert hidden(table, "registered") == set()


def test_the_difference_of_two_shown_figures_is_not_small_either():
    table = suppression.month({"a": row(50, late=48), "b": row(60, late=30), "c": row(90, answered=40, praised=38)})

    assert table["a"]["late"] is None
    assert table["c"]["answered"] is table["c"]["praised"] is table["c"]["satisfied"] is None


def test_a_net_figure_below_zero_is_withheld():
    assert suppression.month({"a": row(50, disposed=-1), "b": row(60), "c": row(90)})["a"]["disposed"] is None


def test_where_nothing_can_cover_it_the_whole_table_is_withheld():
    table = suppression.month({"a": row(3), "b": row(8), "c": row(0)})

    assert hidden(table, "registered") == {"a", "b", "c"}


def test_few_confidential_ones_cannot_be_had_by_subtracting_the_parts():
    rows = {"a": row(50), "b": row(60)}

    assert hidden(suppression.month(rows, row(2)), "registered") == {"a"}
    assert hidden(suppression.month(rows, row(0)), "registered") == set()
    assert hidden(suppression.month({"a": row(0), "b": row(0)}, row(20)), "registered") == {"a", "b"}


def test_a_large_state_publishes_nearly_everything():
    rows = {part: row(100 + part) for part in range(90)}
    days = {part: {day: row(7) for day in range(30)} for part in rows}

    assert hidden(suppression.month(rows), "registered") == set()
    assert suppression.parts_with_days(days, set(rows)) == set(rows)
    days[3][4] = row(2)
    assert len(suppression.parts_with_days(days, set(rows))) == 88
    assert COVER > LEAST
    assert {*LATE.figures, *VERDICTS.figures}.isdisjoint(WORK.figures)


# How many of each figure a part may have: none, few, about as many as may be shown or cover, many.
SIZES = st.one_of(st.just(0), st.integers(1, 4), st.integers(4, 12), st.integers(10, 60))
# Figures that are part of another, which a reader knows.
NO_MORE_THAN = {"late": "asked", "praised": "answered", "satisfied": "praised"}


@st.composite
def parts_of(draw, names):
    """A row of figures for each, with different numbers, tied as they are in truth."""
    rows = {}
    for name in names:
        whole = {figure: draw(SIZES) for figure in ("registered", "disposed", "asked", "answered")}
        late = draw(st.sampled_from((0, 1, 3, whole["asked"] - 2, whole["asked"])))
        praised = draw(st.sampled_from((0, 2, whole["answered"] - 1, whole["answered"])))
        late, praised = max(0, min(late, whole["asked"])), max(0, min(praised, whole["answered"]))
        rows[name] = whole | {"late": late, "praised": praised, "satisfied": draw(st.sampled_from((0, praised)))}
    return rows


def summed(rows):
    rows = list(rows)
    return {figure: sum(row[figure] for row in rows) for figure in suppression.FIGURES}


@st.composite
def states(draw):
    """A month of a small state in all its figures: {(department, category): row}, {district: row} with the same sums,
    and the confidential lines' row."""
    categories = draw(parts_of([(department, category) for department, own in CATEGORIES.items() for category in own]))
    total = summed(categories.values())
    districts, rest = {}, dict(total)
    for district in DISTRICTS[:-1]:
        row = {figure: min(draw(SIZES), rest[figure]) for figure in suppression.FIGURES}
        for part, whole in NO_MORE_THAN.items():
            # So many that those of the other districts are still no more than what they are part of.
            least = max(0, rest[part] - (rest[whole] - row[whole]))
            row[part] = max(least, min(row[part], row[whole]))
        districts[district], rest = row, {figure: rest[figure] - row[figure] for figure in rest}
    districts[DISTRICTS[-1]] = rest
    [apart] = draw(parts_of(["apart"])).values()
    return categories, districts, draw(st.sampled_from((apart, dict.fromkeys(suppression.FIGURES, 0))))


def relations(categories, districts, apart):
    """All that is published of such a month and all that is known of figures, as equations over what is withheld; and
    the truth of that. What lies between a figure and what it is part of is an unknown too."""
    departments = {
        department: summed(row for (of, _category), row in categories.items() if of == department) for department in CATEGORIES
    }
    state = summed([*departments.values(), apart])
    tables = {"state": {"": suppression.month_of_state(state)}}
    tables |= {"department": suppression.month(departments, apart), "district": suppression.month(districts, apart),
               "apart": {"": dict.fromkeys(suppression.FIGURES)}, "category": {}}  # fmt: skip
    for department in CATEGORIES:
        own = {pair: row for pair, row in categories.items() if pair[0] == department}
        shown = tables["department"][department]
        withheld = {tier: any(shown[name] is None for name in tier.figures) for tier in (WORK, LATE, VERDICTS)}
        tables["category"] |= suppression.month(own, withheld=withheld)
    truth_of = {"state": {"": state}, "department": departments, "district": districts, "apart": {"": apart},
                "category": categories}  # fmt: skip
    truth, found = {}, []

    def say(terms):
        """These unknowns with their signs come to what the published ones leave."""
        unknown, total = {}, 0
        for (dimension, part, figure), sign in terms.items():
            shown = tables[dimension][part][figure]
            if shown is None:
                unknown[dimension, part, figure] = sign
                truth[dimension, part, figure] = truth_of[dimension][part][figure]
            else:
                total -= sign * shown
        return unknown, total

    for figure in suppression.FIGURES:
        for dimension in ("department", "district"):
            terms = {(dimension, part, figure): 1 for part in tables[dimension]}
            found.append(say(terms | {("apart", "", figure): 1, ("state", "", figure): -1}))
        for department in CATEGORIES:
            terms = {("category", pair, figure): 1 for pair in categories if pair[0] == department}
            found.append(say(terms | {("department", department, figure): -1}))
    for dimension, table in tables.items():
        for part, (less, more) in itertools.product(table, NO_MORE_THAN.items()):
            unknown, total = say({(dimension, part, more): 1, (dimension, part, less): -1})
            if unknown:
                slack = ("between", dimension, part, less)
                row = truth_of[dimension][part]
                truth[slack] = row[more] - row[less]
                found.append((unknown | {slack: -1}, total))
    return [each for each in found if each[0]], truth


@settings(max_examples=30, deadline=None)
@given(states())
def test_no_small_count_follows_from_all_tables_and_all_figures_together(made):
    found, truth = relations(*made)
    exact, limits = known_exactly(found), bounds(found)
    for name, value in truth.items():
        # Of the satisfied ones nothing is published that a difference would be a count of.
        counted = "apart" not in name[:2] and (name[0] != "between" or name[3] != "satisfied")
        if counted and is_small(value):
            low, high = limits[name]
            assert name not in exact, (name, value)
            assert low <= value <= high > low, (name, value, low, high)


@settings(max_examples=100, deadline=None)
@given(parts_of(range(5)))
def test_no_small_day_of_the_state_can_be_subtracted_from_its_month(days):
    month = suppression.month_of_state(summed(days.values()))
    shown = suppression.days_of_state(days, month)
    for figure in suppression.FIGURES:
        small = [day for day, row in days.items() if is_small(row[figure])]
        withheld = [day for day, row in shown.items() if row[figure] is None]
        assert set(small) <= set(withheld)
        if small and month[figure] is not None:
            left = month[figure] - sum(row[figure] or 0 for row in shown.values())
            limits = bounds([(dict.fromkeys(withheld, 1), left)])
            assert all(low <= days[day][figure] <= high > low for day, (low, high) in limits.items())
