"""Durations in buckets that can be added up, and the quantiles read from them.

Bucket n holds what lasted up to MINUTE × GROWTH^n seconds. With this growth the value in the middle of a bucket is
at most 2% away from every duration in it (the bound of DDSketch, Masson, Rim and Lee 2019). Shorter than a minute is
bucket 0.
"""

import math

ERROR = 0.02
GROWTH = (1 + ERROR) / (1 - ERROR)
MINUTE = 60
DAY_SECONDS = 86400

# The bucket of so many seconds.
BUCKET_SQL = f"ceil(ln(greatest({{seconds}}, {MINUTE}) / {MINUTE}) / {math.log(GROWTH)!r})::smallint"


def bucket(seconds: float) -> int:
    """The bucket of a duration; `BUCKET_SQL` says the same."""
    return math.ceil(math.log(max(seconds, MINUTE) / MINUTE) / math.log(GROWTH))


def seconds(bucket: int) -> float:
    """What stands for all durations of a bucket."""
    return MINUTE * 2 * GROWTH**bucket / (GROWTH + 1) if bucket else MINUTE


def quantile(counts: dict[int, int], part: float) -> float | None:
    """The duration, in days, that this part of all did not exceed, at most 2% off; None where there are none.

    `counts` maps buckets to how many durations they hold.
    """
    whole = sum(counts.values())
    if whole <= 0:
        return None
    wanted, seen = math.ceil(part * whole), 0
    for number in sorted(counts):
        seen += counts[number]
        if seen >= wanted:
            return seconds(number) / DAY_SECONDS
    return None
