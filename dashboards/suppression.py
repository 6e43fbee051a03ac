"""What of the parts' figures may be published, so that no count under 5 can be read or subtracted back.

Everything published of departments, districts and categories comes from the tables made here, and every longer
period is a sum of their published cells, so it says nothing that they do not. The rules:

1. A *row* is a part (a department, …) in a month. A row with a count of 1 to 4 (or below 0: what was taken off) is
   withheld, with all figures that are tied to it (a `Tier`), and so with every difference of them.
2. What is withheld has a sum that anyone can subtract: the state's total is public, and holds the confidential
   lines too, which are in no table. So, wherever something small is withheld, more rows that have at least `COVER` of
   it are withheld (the smallest such), until all of them come to `COVER` and 4 for each small one. The small one can
   then have been any of 1 to 4, the others making up for it, also for whoever knows that they have at least `COVER`:
   11 withheld together would be 1 and 10. Where no row has so many, or only the confidential lines have any, all rows
   are withheld, those with 0 as well.
3. The rows of categories add up to those of their departments, so they are judged within each department, which is
   their total; where the department is withheld, they are too.
4. The days of a month add up to it, and the parts to each day. A part's days are published all or none: when its
   month is published and each day has 0 or at least 5. The parts without days are a table of which anyone knows the
   sums of rows and columns; what a cell of it can be follows from them (max(0, row + column − all) up to
   min(row, column)). More parts are withheld until every day, all other days, and all other rows have at
   least 5 together, or no part is left: a small cell then has at least five values that fit.

5. The days of the state add up to its month as parts do to the state, and are judged so.

One table each of departments, districts and categories has nothing in common with the others but the totals: any
rows and columns with the same sum go together.
"""

from collections.abc import Callable, Collection
from dataclasses import dataclass

LEAST = 5
COVER = 10

Row = dict[str, int]


@dataclass(frozen=True)
class Tier:
    """Figures that are published together or not. `parts` are the counts they are made of: (figure, less figure)."""

    figures: tuple[str, ...]
    parts: tuple[tuple[str, str], ...]


WORK = Tier(("registered", "disposed", "asked"), (("registered", ""), ("disposed", ""), ("asked", "")))
LATE = Tier(("late",), (("late", ""), ("asked", "late")))
# Satisfied ones are no more than the satisfied verdicts, so the one would say something of the other.
VERDICTS = Tier(
    ("answered", "praised", "satisfied"),
    (("answered", ""), ("praised", ""), ("answered", "praised"), ("satisfied", "")),
)
FIGURES = (*WORK.figures, *LATE.figures, *VERDICTS.figures)


def is_small(count: int) -> bool:
    """Whether a count may not be shown."""
    return count < LEAST and count != 0


def month(rows: dict[object, Row], apart: Row | None = None, withheld: dict[Tier, bool] | None = None) -> dict:
    """A month's table as it is published: {part: {figure: count or None}}.

    `apart` is what the total holds beside the rows (the confidential lines); `withheld` says of which tiers the
    total itself is withheld.
    """
    withheld, hidden_work, shown = withheld or {}, set(), {part: {} for part in rows}
    for tier in (WORK, LATE, VERDICTS):
        hidden = set(rows) if withheld.get(tier) else _hidden(rows, tier, hidden_work, apart)
        if tier is WORK:
            hidden_work = hidden
        for part, row in rows.items():
            shown[part] |= {name: None if part in hidden else row.get(name, 0) for name in tier.figures}
    return shown


def days_of_state(days: dict[object, Row], month_shown: dict[str, int | None]) -> dict:
    """The state's days as they are published: {day: {figure: count or None}}. Their sum is the month, which is public
    (`month_shown`), so a small day is covered by another as a part is."""
    withheld = {tier: any(month_shown[name] is None for name in tier.figures) for tier in (WORK, LATE, VERDICTS)}
    return month(days, withheld=withheld)


def month_of_state(row: Row) -> dict:
    """The state's own month: where anything of a tier is small, a difference too, all its figures are withheld."""
    shown = {}
    for tier in (WORK, LATE, VERDICTS):
        small = any(is_small(_count_of(*part)(row)) for part in tier.parts)
        shown |= {name: None if small else row.get(name, 0) for name in tier.figures}
    return shown


def _hidden(rows: dict[object, Row], tier: Tier, already: set, apart: Row | None) -> set:
    counts = [_count_of(*part) for part in tier.parts]
    hidden = already | {part for part, row in rows.items() if any(is_small(count(row)) for count in counts)}
    for count in counts:
        if apart and count(apart) and not any(map(count, rows.values())):
            # Zeros everywhere would say that the state's total is the confidential lines'.
            return set(rows)
        small = sum(is_small(count(rows[part])) for part in hidden) + bool(apart and is_small(count(apart)))
        wanted = COVER + (LEAST - 1) * small if small else 0
        while sum(count(rows[part]) for part in hidden) < wanted:
            enough = [part for part, row in rows.items() if part not in hidden and count(row) >= COVER]
            if not enough:
                return set(rows)
            hidden.add(min(enough, key=lambda part: (count(rows[part]), str(part))))
    return hidden


def _count_of(figure: str, less: str) -> Callable[[Row], int]:
    return lambda row: row.get(figure, 0) - (row.get(less, 0) if less else 0)


def parts_with_days(
    days: dict[object, dict[object, Row]], shown: Collection, apart: dict[object, Row] | None = None
) -> set:
    """Of which parts the days are published. `days` is {part: {day: row}}; `shown` are the parts whose month is
    (in the figures of `WORK`); `apart` the days of what the total holds beside the parts."""
    apart = apart or {}
    every_day = {day for row in (*days.values(), apart) for day in row}
    withheld = {part for part in days if part not in shown or any(map(_has_small, days[part].values()))}
    size = {part: sum(row.get("registered", 0) for row in days[part].values()) for part in days}
    others = sorted(set(days) - withheld, key=lambda part: (size[part], str(part)))
    while not _is_safe([days[part] for part in withheld] + [apart], every_day):
        if not others:
            return set()
        withheld.add(others.pop(0))
    return set(days) - withheld


def _has_small(row: Row) -> bool:
    return any(is_small(row.get(name, 0)) for name in WORK.figures)


def _is_safe(block: list[dict[object, Row]], every_day: set) -> bool:
    """Whether the sums of rows and of days of what is withheld leave each cell open."""
    for name in WORK.figures:
        by_day = [sum(row.get(day, {}).get(name, 0) for row in block) for day in every_day]
        by_row = [sum(of_day.get(name, 0) for of_day in row.values()) for row in block]
        everything = sum(by_day)
        if not any(by_day):
            continue
        if any(map(is_small, by_day)) or any(everything - count < LEAST for count in (*by_day, *by_row)):
            return False
    return True
