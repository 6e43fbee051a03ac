"""By what complaints are counted: the dimensions, and the groups of them for which the roll-ups keep sums.

A group is a *cube*. Each change is added to every cube, so a page reads the smallest one that knows the
dimensions it filters and groups by: how much it reads depends on departments, districts and months, never on
how many complaints there are.
"""

import datetime
from dataclasses import dataclass

# Dimension → its type in SQL and the value that stands where a cube does not know it. The order is that of the key.
DIMENSIONS = {
    "department": ("integer", "0"),
    "district": ("integer", "0"),
    "category": ("integer", "0"),
    "area": ("integer", "0"),
    "posting": ("integer", "0"),
    "level": ("smallint", "0"),
    "channel": ("text", "''"),
    "kind": ("text", "''"),
}

# Grains: sums of a business day, of a month and of a year (`day` is the first), and by the day of registration, for
# ages.
DAY, MONTH, YEAR, COHORT = "d", "m", "y", "c"


def next_month(day: datetime.date) -> datetime.date:
    """The first day of the month after the one a day lies in."""
    return (day.replace(day=1) + datetime.timedelta(days=32)).replace(day=1)


def first_of(grain: str, day: datetime.date) -> datetime.date:
    """The first day of the month or year in which a day lies; of a day, itself."""
    return {DAY: day, MONTH: day.replace(day=1), YEAR: day.replace(month=1, day=1)}[grain]


def last_of(grain: str, day: datetime.date) -> datetime.date:
    """The last one of it."""
    return {DAY: day, MONTH: next_month(day) - datetime.timedelta(days=1), YEAR: day.replace(month=12, day=31)}[grain]


@dataclass(frozen=True)
class Cube:
    """Sums by these dimensions; `number` is kept in its rows. Of a `packed` one the days of a month and group lie in
    the month's row (`dashboards.packed`), all others have a row a day too."""

    number: int
    dimensions: tuple[str, ...]
    packed: bool = False


# The smallest first: the first that knows what is asked for is read.
STATE = Cube(16, ())
PLACES = Cube(1, ("department", "district"))
COUNT_CUBES = (
    STATE,
    Cube(9, ("district",)),
    Cube(10, ("department",)),
    PLACES,
    Cube(2, ("department", "category")),
    Cube(3, ("district", "level", "channel", "kind")),
    Cube(4, ("department", "level", "channel", "kind")),
    Cube(5, ("area",), packed=True),
    Cube(6, ("department", "posting"), packed=True),
    Cube(7, ("department", "district", "category"), packed=True),
    Cube(8, ("department", "district", "category", "level", "channel", "kind"), packed=True),
)
DURATION_CUBES = (
    Cube(17, ()),
    Cube(11, ("district",)),
    Cube(12, ("department",)),
    Cube(13, ("department", "district"), packed=True),
    Cube(14, ("department", "category"), packed=True),
    Cube(15, ("department", "posting"), packed=True),
)
# Of these cubes there are sums by year too: whoever counts what stands open adds up all days there were. Of the finest
# there are none, since it has nearly as many groups as there are complaints.
YEAR_CUBES = COUNT_CUBES[:-1]
# And of these by the day of registration.
COHORT_CUBES = (STATE, PLACES)


def smallest(cubes: tuple[Cube, ...], needed: set[str]) -> Cube | None:
    """The smallest cube that knows these dimensions, or None where none does."""
    return next((cube for cube in cubes if needed <= set(cube.dimensions)), None)
