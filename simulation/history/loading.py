"""Writes the history: shares the batches out to processes, keeps the books, and lets no reader act on it.

A batch is one transaction with its line in the books (`HistoryBatch.done_at`): whatever is killed, a batch is there
as a whole or not at all, and the same command goes on with what is missing.
"""

import gc
import multiprocessing
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager, nullcontext
from functools import partial

from django.db import connection, connections, transaction
from django.db.models import Exists, Max, Min, OuterRef, Sum
from django.db.models.functions import Coalesce
from django.db.utils import ProgrammingError
from django.utils import timezone

from citizens.models import User
from config.time_limits import queries_take_time, take_time
from dashboards import folding
from dashboards.cubes import YEAR, first_of
from grievance import log_heads, readers, search_index
from grievance.models import Complaint, Escalation, Event, Proposal, ReaderPosition, SearchEntry
from grievance.models.search_entry import NEWS_KB
from simulation.models import HistoryBatch, HistoryLoad

from . import rows
from .life import XID
from .plan import BATCH, Plan
from .state import Nobody, State, make_citizens
from .writing import Writer, with_triggers, without_triggers

# One load at a time.
LOCK = 0x5EBA_0415
LAST_ID = 2**63 - 1
# One citizen files so many complaints on average; more people than this would only take room.
COMPLAINTS_A_CITIZEN, MOST_CITIZENS = 6, 200_000
LOOK_SECONDS = 0.5
# So many complaints are one piece of the work that the processes share out.
INDEXED_AT_ONCE = 20_000
# So large a heap of new entries is put into the search's index at once.
HEAP_KB = 65_536


class Refused(Exception):
    """Why nothing is loaded, in a sentence."""


def load(plan: Plan, *, processes: int = 2, progress: Callable[[float], None] | None = None,
         counted: Callable[[float], None] | None = None, count_figures: bool = True) -> HistoryLoad:  # fmt: skip
    """Writes what is planned, or goes on with the load that was not finished. Raises Refused.

    `progress` is told the share that is written, `counted` the share that is counted and found by the search.

    With one process, and in a caller's transaction, everything is done by this one over its own connection. Without
    `count_figures` the roll-ups stay as they are; `dashboards.folding.rebuild` counts them later.
    """
    with _alone():
        if books := _unfinished(plan):
            state = _state_of(_plan_of(books))
            state.let_live(books.first_citizen, books.citizens)
        else:
            _check_it_may_be()
            state = _state_of(plan)
            books = _begin(plan, state)
        say = progress or (lambda _share: None)
        if connection.in_atomic_block:
            processes = 1
        if processes > 1:
            work = partial(_work_as_child, books, state, os.getpid())
            _side_by_side(processes, work, lambda: say(_share_done(books)))
        else:
            _work(books, state, None, lambda: say(_share_done(books)))
        say(1.0)
        _finish(books, processes, counted or (lambda _share: None), count_figures=count_figures)
    return books


def _finish(books: HistoryLoad, processes: int, say: Callable[[float], None], *, count_figures: bool) -> None:
    """The planner learns what the tables hold, the search finds it all, the figures are counted from the log."""
    with queries_take_time():
        with connection.cursor() as cursor:
            for model in (Complaint, Event, Escalation, Proposal, User):
                cursor.execute(f"ANALYZE {model._meta.db_table}")
        months = folding.begin_anew() if count_figures else []
        works: list[Callable[[], None]] = [partial(_index, first, first + INDEXED_AT_ONCE - 1) for first in _firsts()]
        works += [partial(count, month) for month in months for count in (folding.count_month, folding.count_cohorts)]
        with nullcontext() if connection.in_atomic_block else _many_news():
            _do_all(works, processes, say)
        years = sorted({first_of(YEAR, month) for month in months})
        _do_all([partial(folding.add_up_years, [year]) for year in years], processes)
    say(1.0)
    books.finished_at = timezone.now()
    books.save(update_fields=["finished_at"])


def _do_all(
    works: list[Callable[[], None]], processes: int, say: Callable[[float], None] = lambda _share: None
) -> None:
    """Does all of it, by so many processes; `say` is told the share that is done."""
    if processes == 1:
        for number, work in enumerate(works, 1):
            work()
            say(number / len(works))
        return
    context = multiprocessing.get_context("fork")
    taken, done = context.Value("i"), context.Value("i")
    work = partial(_work_through, works, taken, done, os.getpid())
    _side_by_side(processes, work, lambda: say(done.value / (len(works) or 1)))


def _work_through(works: list[Callable[[], None]], taken, done, parent: int, _number: int) -> None:
    """Takes work after work until none is left, or until the process that wanted it is gone; `done` counts what all
    have done."""
    with connection.cursor() as cursor:
        # For this session, which ends with the process.
        cursor.execute(f"SET work_mem = '{HEAP_KB}kB'")
    with queries_take_time():
        while (number := _one_more(taken)) <= len(works) and os.getppid() == parent:
            works[number - 1]()
            _one_more(done)


def _one_more(counter) -> int:
    with counter.get_lock():
        counter.value += 1
        return counter.value


@contextmanager
def _many_news() -> Iterator[None]:
    """Lets the search's index gather what is new in large heaps, each put in its place at once: one by one that takes
    twice as long. Whoever goes on with a load that was killed ends this too."""
    with connection.cursor() as cursor:
        # A heap that does not fit is put in its place in parts.
        cursor.execute(f"SET lock_timeout = 0; SET work_mem = '{HEAP_KB}kB'")
        cursor.execute(f"ALTER INDEX search_words SET (gin_pending_list_limit = {HEAP_KB})")
        try:
            yield
        finally:
            cursor.execute(f"ALTER INDEX search_words SET (gin_pending_list_limit = {NEWS_KB})")
            cursor.execute("SELECT gin_clean_pending_list('search_words')")
            cursor.execute("RESET lock_timeout; RESET work_mem")


def _firsts() -> range:
    """Where parts of the ids begin that are put into the search's index together."""
    ends = Complaint.objects.aggregate(first=Min("id"), last=Max("id"))
    return range(ends["first"] or 1, (ends["last"] or 0) + 1, INDEXED_AT_ONCE)


def _index(first: int, last: int) -> None:
    """Puts into the search's index what is not in it of these ids: some may be, where a load was killed."""
    written = SearchEntry.objects.filter(complaint=OuterRef("pk"))
    for _done in search_index.rebuild(Complaint.objects.filter(~Exists(written), pk__range=(first, last))):
        pass


# Beginning -------------------------------------------------------------------------------------------


@contextmanager
def _alone() -> Iterator[None]:
    """Holds a lock of this session: nobody else loads meanwhile."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(%s)", [LOCK])
        if not cursor.fetchone()[0]:
            raise Refused("Another load is running.")
        # Numbers of events are given out long before the events are written: no day of the log ends meanwhile.
        cursor.execute("SELECT pg_advisory_lock_shared(%s)", [log_heads.LOCK])
        try:
            yield
        finally:
            cursor.execute("SELECT pg_advisory_unlock(%s), pg_advisory_unlock_shared(%s)", [LOCK, log_heads.LOCK])


def _unfinished(plan: Plan) -> HistoryLoad | None:
    books = HistoryLoad.objects.filter(finished_at=None).first()
    wanted = (plan.complaints, plan.disposed, plan.satisfied)
    if books and (books.complaints, books.disposed, books.satisfied) != wanted:
        raise Refused(
            f"A load of {books.complaints} complaints was not finished. Go on with it: --complaints {books.complaints} "
            f"--disposed {books.disposed} --satisfied {books.satisfied}."
        )
    return books


def _plan_of(books: HistoryLoad) -> Plan:
    return Plan(books.complaints, books.disposed, books.satisfied, books.seed, books.begins_at, books.ends_at,
                books.moment)  # fmt: skip


def real_complaints() -> int:
    """How many complaints this database holds that no load wrote."""
    synthetic = HistoryLoad.objects.aggregate(n=Coalesce(Sum("complaints"), 0))["n"]
    missing = HistoryBatch.objects.filter(done_at=None)
    return Complaint.objects.count() - synthetic + sum(len(_places(batch)) for batch in missing.select_related("load"))


def _places(batch: HistoryBatch) -> range:
    return _plan_of(batch.load).batch(batch.number)[0]


def _check_it_may_be() -> None:
    if found := real_complaints():
        raise Refused(f"This database holds {found} complaints of real people: nothing synthetic is put beside them.")
    _check_rights()


def _state_of(plan: Plan) -> State:
    """The state as it is today: read once, all processes have it from this one."""
    try:
        return State(plan)
    except Nobody:
        raise Refused("There are no places, no matters or no officers: load the reference data first.") from None


def _begin(plan: Plan, state: State) -> HistoryLoad:
    """Reserves ids and numbers, and opens the books."""
    with transaction.atomic():
        citizens = min(max(1, plan.complaints // COMPLAINTS_A_CITIZEN), MOST_CITIZENS)
        phones = HistoryLoad.objects.aggregate(last=Coalesce(Max("first_phone"), 0), n=Coalesce(Sum("citizens"), 0))
        books = HistoryLoad.objects.create(
            complaints=plan.complaints, disposed=plan.disposed, satisfied=plan.satisfied, seed=plan.seed,
            begins_at=plan.begins, ends_at=plan.ends, moment=plan.moment, citizens=citizens, first_phone=phones["n"],
            first_complaint=_reserve(Complaint, plan.complaints), first_citizen=_reserve(User, citizens),
            first_serial=_reserved("grievance_number", plan.complaints),
        )  # fmt: skip
        HistoryBatch.objects.bulk_create(
            (HistoryBatch(load=books, number=number) for number in range(plan.batches)), batch_size=5000
        )
        state.let_live(books.first_citizen, citizens)
        _write_citizens(books, state)
        _put_readers_behind()
    return books


def _check_rights() -> None:
    try:
        with transaction.atomic():
            without_triggers()
            with_triggers()
    except ProgrammingError:
        raise Refused(
            "The database's user may not set session_replication_role: load as a superuser, or "
            "GRANT SET ON PARAMETER session_replication_role TO it."
        ) from None


def _reserve(model, count: int) -> int:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_get_serial_sequence(%s, 'id')", [model._meta.db_table])
        return _reserved(cursor.fetchone()[0], count)


def _reserved(sequence: str, count: int) -> int:
    """The first of so many numbers of a sequence that follow each other and are nobody else's. Raises Refused."""
    with connection.cursor() as cursor:
        take_time()
        cursor.execute(
            "SELECT min(number), max(number) FROM (SELECT nextval(%s::regclass) AS number"
            " FROM generate_series(1, %s)) AS taken",
            [sequence, count],
        )
        first, last = cursor.fetchone()
    if last - first != count - 1:
        raise Refused("Somebody else is registering complaints just now.")
    return first


def _put_readers_behind() -> None:
    """All synthetic events bear one number of a transaction: the first of all, before any real one. Readers that had
    not begun are put behind it, so none tells anybody of what never happened. The search's
    entries are written by the load itself. A reader that comes later begins at the beginning and takes all."""
    ReaderPosition.objects.bulk_create(
        [ReaderPosition(name=reader.name) for reader in readers.every()], ignore_conflicts=True
    )
    ReaderPosition.objects.filter(xid__lte=XID).update(xid=XID, event_id=LAST_ID, moved_at=timezone.now())


def _write_citizens(books: HistoryLoad, state: State) -> None:
    without_triggers()
    sheet = rows.Sheet(User, rows.given(User))
    for begin in range(0, books.citizens, BATCH):
        numbers_ = range(begin, min(begin + BATCH, books.citizens))
        for user in make_citizens(numbers_, state, books.first_phone, books.seed, books.begins_at):
            sheet.add(user)
        with connection.cursor() as cursor:
            sheet.write(cursor)
    with_triggers()


# Work -------------------------------------------------------------------------------------------------


def _side_by_side(processes: int, work: Callable[[int], None], look: Callable[[], None]) -> None:
    """Lets processes do `work(number)`, each with its own number from 0, and looks after them meanwhile. Raises
    Refused where one of them failed."""
    # A connection cannot be shared: whoever is forked opens its own. The lock's session stays with this process.
    context = multiprocessing.get_context("fork")
    children = [context.Process(target=_as_child, args=(work, number), daemon=True) for number in range(processes)]
    for child in children:
        child.start()
    while any(child.is_alive() for child in children):
        look()
        for child in children:
            child.join(LOOK_SECONDS / processes)
    if any(child.exitcode for child in children):
        raise Refused("A process of the load failed; the same command goes on with what is missing.")


def _as_child(work: Callable[[int], None], number: int) -> None:
    for inherited in connections.all(initialized_only=True):
        # The parent goes on using it: closing it here would say goodbye to its server.
        inherited.connection = None
    work(number)


def _work_as_child(books: HistoryLoad, state: State, parent: int, _number: int) -> None:
    # What a batch makes holds no circles: looking for some while it grows took a sixth of the time.
    gc.set_threshold(200_000)
    _work(books, state, parent)


def _share_done(books: HistoryLoad) -> float:
    batches = books.batches.count()
    return books.batches.exclude(done_at=None).count() / batches if batches else 1.0


def _work(books: HistoryLoad, state: State, parent: int | None, after_each: Callable[[], None] = lambda: None) -> None:
    """Takes batch after batch until none is left, or until the process that wanted them is gone."""
    writer = Writer(books, _plan_of(books), state)
    while parent is None or os.getppid() == parent:
        with transaction.atomic():
            batch = books.batches.filter(done_at=None).order_by("number").select_for_update(skip_locked=True).first()
            if batch is None:
                return
            writer.write(batch.number)
            batch.done_at = timezone.now()
            batch.save(update_fields=["done_at"])
        after_each()
