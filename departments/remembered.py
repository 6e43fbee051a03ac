"""Reference rows as this process remembers them.

Categories, departments, areas, holidays and policies are read at every step of every complaint and change a
few times a year: each is read again every half minute, so what an administrator changes is in force that much
later at most. Nobody may write to a remembered row.
"""

from collections.abc import Iterable
from functools import lru_cache
from time import monotonic

from django.db.models import Model, QuerySet

from .models import Area, Category, Department, Posting

SECONDS = 30
HOUR = 3600
_forgetting = []


def for_half_a_minute(read):
    """Decorates a function of hashable arguments: its answers are kept and asked for anew every half minute."""
    return _kept(read, SECONDS)


def for_an_hour(read):
    """The same for what does not change any more, unless it was wrong and is repaired."""
    return _kept(read, HOUR, most=128)


def _kept(read, seconds: int, most: int = 4096):
    @lru_cache(maxsize=most)
    def kept(_slot, *key):
        return read(*key)

    def remembered(*key):
        return kept(int(monotonic() // seconds), *key)

    _forgetting.append(kept.cache_clear)
    return remembered


class _Rows:
    """Rows of one table by their ids, kept as above. Called with the id of none, it raises the model's DoesNotExist."""

    def __init__(self, rows: QuerySet):
        self._rows = rows
        self.forget()
        _forgetting.append(self.forget)

    def __call__(self, pk: int):
        kept = self._at_hand()
        if pk not in kept:
            kept[pk] = self._rows.get(pk=pk)
        return kept[pk]

    def several(self, pks: Iterable[int]) -> dict[int, Model]:
        """Rows by their ids, those that exist; what is not at hand is read in one query. Asked for one by one each
        would cost a query."""
        kept, pks = self._at_hand(), set(pks)
        if unknown := pks.difference(kept):
            kept.update(self._rows.in_bulk(unknown))
        return {pk: kept[pk] for pk in pks if pk in kept}

    def forget(self) -> None:
        self._slot, self._kept = None, {}

    def _at_hand(self) -> dict:
        slot = int(monotonic() // SECONDS)
        if slot != self._slot:
            self._slot, self._kept = slot, {}
        return self._kept


def forget() -> None:
    """Reads everything anew at its next use."""
    for forget_these in _forgetting:
        forget_these()


category = _Rows(Category.objects.select_related("department", "group"))
department = _Rows(Department.objects.all())
area = _Rows(Area.objects.select_related("parent"))
# Who held which post, to be shown alone: whether they hold it today, and what they may do, is asked of the database.
posting = _Rows(Posting.objects.select_related("post__area", "officer"))


@for_half_a_minute
def category_by_code(code: str) -> Category:
    """Raises Category.DoesNotExist."""
    return category(Category.objects.values_list("pk", flat=True).get(code=code))


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
    """The departments, those out of use too: their complaints are still there."""
    return tuple(Department.objects.all())
