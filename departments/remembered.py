"""Reference rows as this process remembers them.

Categories, departments, areas, holidays and policies are read at every step of every complaint and change a
few times a year: each is read again every half minute, so what an administrator changes is in force that much
later at most. Nobody may write to a remembered row.
"""

import time
from functools import lru_cache

from .models import Area, Category, Department

SECONDS = 30
_caches = []


def for_half_a_minute(read):
    """Decorates a function of hashable arguments: its answers are kept and asked for anew every half minute."""

    @lru_cache(maxsize=4096)
    def kept(_slot, *key):
        return read(*key)

    def remembered(*key):
        return kept(int(time.time() // SECONDS), *key)

    _caches.append(kept)
    return remembered


def forget() -> None:
    """Reads everything anew at its next use."""
    for kept in _caches:
        kept.cache_clear()


@for_half_a_minute
def category(pk: int) -> Category:
    """Raises Category.DoesNotExist."""
    return Category.objects.select_related("department", "group").get(pk=pk)


@for_half_a_minute
def category_by_code(code: str) -> Category:
    """Raises Category.DoesNotExist."""
    return category(Category.objects.values_list("pk", flat=True).get(code=code))


@for_half_a_minute
def department(pk: int) -> Department:
    """Raises Department.DoesNotExist."""
    return Department.objects.get(pk=pk)


@for_half_a_minute
def area(pk: int) -> Area:
    """Raises Area.DoesNotExist."""
    return Area.objects.select_related("parent").get(pk=pk)


@for_half_a_minute
def area_by_code(code: str) -> Area:
    """Raises Area.DoesNotExist."""
    return area(Area.objects.values_list("pk", flat=True).get(code=code))


def district_of(place: Area) -> Area | None:
    """The district a place lies in, itself included; None above the districts."""
    return next((found for pk in place.path_ids() if (found := area(pk)).kind == Area.Kind.DISTRICT), None)


@for_half_a_minute
def districts() -> tuple[Area, ...]:
    """The state's districts."""
    return tuple(Area.objects.filter(kind=Area.Kind.DISTRICT))


@for_half_a_minute
def departments() -> tuple[Department, ...]:
    """The departments in use."""
    return tuple(Department.objects.filter(is_active=True))
