"""The sums that are kept, as queries, however they lie: reading and recounting ask for a cube by day or by month and
need not know which days are packed (`dashboards.packed`)."""

from . import packed
from .cubes import DAY, DIMENSIONS, MONTH, Cube
from .figures import COLUMNS
from .models import Duration, Tally

TALLY, DURATION = Tally._meta.db_table, Duration._meta.db_table
GROUP = ", ".join((*DIMENSIONS, "confidential"))


def counts(cube: Cube, grain: str, first: str = "", last: str = "") -> str:
    """The sums of a cube from day to day or from month to month: day, dimensions, confidential and a column for each
    count and happening. `first` and `last` are dates in SQL; where one is not given, that end is open."""
    if not (cube.packed and grain == DAY):
        return (
            f"SELECT day, {GROUP}, {', '.join(COLUMNS)} FROM {TALLY}"
            f" WHERE cube = {cube.number} AND grain = '{grain}'{_between('day', first, last)}"
        )
    columns = ", ".join(f"(what = {packed.COUNTED.index(name)})::integer * n AS {name}" for name in COLUMNS)
    return f"""
        SELECT day, {GROUP}, {columns} FROM (
            SELECT month + {packed.COUNTS.day("entry")} - 1 AS day, {GROUP}, {packed.COUNTS.what("entry")} AS what,
                   {packed.COUNTS.count("entry")} AS n
            FROM ({_months(TALLY, cube, first, last)}) AS months CROSS JOIN LATERAL unnest(days) AS entry
        ) AS entries WHERE true{_between("day", first, last)}
    """


def durations(cube: Cube, grain: str, first: str = "", last: str = "") -> str:
    """The same of durations: day, dimensions, confidential, measure, bucket and count."""
    entry = f"{packed.measure('entry')} AS measure, {packed.bucket('entry')} AS bucket"
    entry += f", {packed.DURATIONS.count('entry')} AS count"
    if not (cube.packed and grain == DAY):
        stored = MONTH if cube.packed else grain
        return (
            f"SELECT day, {GROUP}, {entry} FROM {DURATION} CROSS JOIN LATERAL unnest(days) AS entry"
            f" WHERE cube = {cube.number} AND grain = '{stored}'{_between('day', first, last)}"
        )
    return f"""
        SELECT * FROM (
            SELECT month + {packed.DURATIONS.day("entry")} - 1 AS day, {GROUP}, {entry}
            FROM ({_months(DURATION, cube, first, last)}) AS months CROSS JOIN LATERAL unnest(days) AS entry
        ) AS entries WHERE true{_between("day", first, last)}
    """


def _months(table: str, cube: Cube, first: str, last: str) -> str:
    """The rows of the months in which these days lie."""
    since = f"date_trunc('month', {first})::date" if first else ""
    return (
        f"SELECT day AS month, {GROUP}, days FROM {table}"
        f" WHERE cube = {cube.number} AND grain = '{MONTH}'{_between('day', since, last)}"
    )


def _between(day: str, first: str, last: str) -> str:
    return (f" AND {day} >= {first}" if first else "") + (f" AND {day} <= {last}" if last else "")
