"""Someone who subtracts: takes all that is published, writes it down as equations, and works out what each withheld
cell can be. They know that counts are not below 0, and every total of the state."""

import math
from fractions import Fraction

# {unknown: 1 or -1}, and what they come to.
Equation = tuple[dict, int]


def known_exactly(equations: list[Equation]) -> set:
    """The unknowns that follow from the equations alone (elimination with fractions)."""
    order = sorted({name for terms, _sum in equations for name in terms}, key=str)
    place = {name: i for i, name in enumerate(order)}
    solved: dict[int, dict] = {}
    for terms, _sum in equations:
        row = {place[name]: Fraction(sign) for name, sign in terms.items()}
        for pivot in [pivot for pivot in row if pivot in solved]:
            row = _minus(row, solved[pivot], row[pivot])
        if row:
            pivot = min(row)
            row = {i: value / row[pivot] for i, value in row.items()}
            solved = {p: _minus(other, row, other[pivot]) if pivot in other else other for p, other in solved.items()}
            solved[pivot] = row
    return {order[pivot] for pivot, row in solved.items() if len(row) == 1}


def _minus(row: dict, other: dict, factor: Fraction) -> dict:
    result = dict(row)
    for i, value in other.items():
        result[i] = result.get(i, 0) - factor * value
    return {i: value for i, value in result.items() if value}


def bounds(equations: list[Equation], rounds: float = math.inf) -> dict:
    """The least and the most that each unknown can be, narrowed until nothing moves, or so many times."""
    limits = {name: (0, math.inf) for terms, _sum in equations for name in terms}
    moved = True
    while moved and rounds > 0:
        moved, rounds = False, rounds - 1
        for terms, total in equations:
            for name, sign in terms.items():
                others = [(limits[other], s) for other, s in terms.items() if other != name]
                least = sum(low if s > 0 else -high for (low, high), s in others)
                most = sum(high if s > 0 else -low for (low, high), s in others)
                ends = (total - most, total - least) if sign > 0 else (least - total, most - total)
                low, high = max(limits[name][0], ends[0]), min(limits[name][1], ends[1])
                if (low, high) != limits[name]:
                    limits[name], moved = (low, high), True
    return limits
