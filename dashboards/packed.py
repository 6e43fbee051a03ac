"""Sums of the fine cubes, packed: a month and group is one row, and an array in it holds the counts of its days.

A fine cube has nearly as many groups as there are complaints; a row for each of their days would take more room than
the log itself. An entry of the array is one number: a count, and in its lowest bits what it counts and on which day
of the month. Entries of the same kind are added up when something comes to them, and an array never holds two of
them, nor one of nothing.
"""

from dataclasses import dataclass

# What an entry counts, by its place here. The places are stored: new names go to the end.
COUNTED = (
    "registered", "disposed", "satisfied", "rejected", "no_reply", "special_close", "withdrawn", "breached", "asked",
    "late", "answered", "praised", "reopened", "transferred", "escalated", "ran_out", "called", "lapsed",
)  # fmt: skip
MEASURED = ("disposed", "level2", "level3", "level4")


@dataclass(frozen=True)
class Packing:
    """How entries are made: the SQL type, and how many bits say what is counted. The five above them are the day (0:
    of no one day), and the rest is the count."""

    type: str
    bits: int

    def entry(self, count: str, day: str, what: str) -> str:
        """One entry, in SQL."""
        return f"(({count}) * {1 << self.bits + 5} + (({day})::integer << {self.bits}) + ({what}))::{self.type}"

    def count(self, entry: str) -> str:
        """What an entry holds, in SQL."""
        # Shifted, not divided: a count below zero is rounded down as its lowest bits demand.
        return f"({entry} >> {self.bits + 5})::integer"

    def day(self, entry: str) -> str:
        """Its day of the month, or 0."""
        return f"({entry} >> {self.bits} & 31)::integer"

    def what(self, entry: str) -> str:
        """What it counts."""
        return f"({entry} & {(1 << self.bits) - 1})::integer"

    def together(self, one: str, other: str) -> str:
        """Two arrays added up."""
        key = f"(entry & {(1 << self.bits + 5) - 1})"
        return (
            f"(SELECT array_agg((n * {1 << self.bits + 5} + key)::{self.type} ORDER BY key) FROM ("
            f"SELECT {key} AS key, sum({self.count('entry')}) AS n FROM unnest({one} || {other}) AS entry GROUP BY 1"
            f") AS each WHERE n <> 0)"
        )


COUNTS = Packing("integer", bits=5)
# What is counted of durations: the measure above ten bits of the bucket (`dashboards.histograms`).
BUCKET_BITS = 10
DURATIONS = Packing("bigint", bits=BUCKET_BITS + 3)


def measure(entry: str) -> str:
    """The measure of an entry of durations, by its name, in SQL."""
    names = ", ".join(f"'{name}'" for name in MEASURED)
    return f"(ARRAY[{names}])[1 + ({DURATIONS.what(entry)} >> {BUCKET_BITS})]"


def bucket(entry: str) -> str:
    """Its bucket, in SQL."""
    return f"({entry} & {(1 << BUCKET_BITS) - 1})::smallint"


def duration(measure: str, bucket: str) -> str:
    """What an entry of durations counts, in SQL."""
    names = ", ".join(f"'{name}'" for name in MEASURED)
    return f"((array_position(ARRAY[{names}], {measure}) - 1) << {BUCKET_BITS}) + {bucket}"
