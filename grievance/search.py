"""Finding complaints: by number, phone, name, place and words, in Hindi, English or Romanised Hindi.

The one way for the desk, the lists' filter and the API. What may be found is `access`'s to say: the index only
narrows where to look, and whatever it gives is asked of `access` before anything is shown or counted.

The work is bounded however large the state: the newest thousand ids are looked at one by one, then words, scope and age
are narrowed together in one index, the newest blocks first, so that a word in every tenth complaint is found among the
newest and a rare one anywhere in a few steps; at most MOST_READ candidates are looked at for one page.

Words are looked up in the index of the replica, where there is one (`grievance.replica`): the heavy part. What the
index there has not got yet, and whatever is shown, is asked of the primary, so nothing is shown that `access` forbids
by now, and the newest complaints are found all the same; only what moved in the last seconds may not be found where
it lies now.
"""

import re
from dataclasses import dataclass, field

from django.contrib.postgres.search import TrigramSimilarity
from django.core import signing
from django.db import connection
from django.db.models.functions import Length

from citizens.models import User
from departments.spelling import sounds_of
from departments.suggestions import EMPTY_WORDS

from . import access, numbers, replica, search_index, search_scope
from .models import Complaint, SearchEntry, SearchWord
from .paging import BadCursor, Page

LONGEST = 200
MOST_WORDS = 8
PAGE_SIZE = 20
# What a list filtered by words is made of: the newest that match.
MOST_FOUND = 1000
MOST_READ = 4000
BATCH = 500
# Complaints that the index's reader may not have reached yet are looked at one by one.
MOST_UNWRITTEN = 200
# A frequent word has a page full among so many of the newest ids, never fewer than MOST_UNWRITTEN. The index would
# visit thousands that have it, each in a page of its own where their entries went into gaps of older pages.
NEAREST = 1000
# Windows: a size of block, and how far back from the block a search begins in its newest and its oldest block are. None
# is passed over: a word of last winter may be in none of the newest 60,000, and in every tenth of those before. The
# small blocks reach back beyond the newest large one.
WINDOWS = (("@s", 0, 3), ("@s", 4, 31), ("@b", 1, 2))
MOST_MEANT = 6
# Likeness is compared with a good part of all words of the state: 50 ms a word among 2,70,000 of them.
MOST_MISTYPED = 2
SHORTEST_BEGINNING = 3
LEAST_ALIKE = 0.35
SALT = "search"
LONGEST_CURSOR = 200
INDIAN_PHONE = re.compile(r"(?:\+?91|0)?([6-9][0-9]{9})")
ELEVEN = re.compile(r"[0-9]{11}")
NOT_A_DIGIT = re.compile(r"[\s.\-–()]+")


@dataclass(frozen=True)
class Typed:
    """What was typed, understood. `number` is set where it is a number, `near` where one is mistyped: the numbers
    it may have been. `phone` is a phone number as it is kept. Else there are `words`."""

    text: str
    number: str = ""
    near: tuple[str, ...] = ()
    phone: str = ""
    words: tuple[str, ...] = ()


@dataclass(frozen=True)
class Found:
    """One page of what was found, and what else may have been meant: complaints whose number is nearly the typed."""

    typed: Typed
    page: Page
    near: list = field(default_factory=list)


def understand(text: str) -> Typed:
    """Whether a number, a phone number or words were typed."""
    text = " ".join(text.replace("\x00", " ").split())[:LONGEST]
    digits = NOT_A_DIGIT.sub("", text).translate(numbers.DEVANAGARI)
    if phone := INDIAN_PHONE.fullmatch(digits):
        return Typed(text, phone=f"+91{phone[1]}")
    if ELEVEN.fullmatch(digits):
        try:
            return Typed(text, number=numbers.clean(digits))
        except numbers.Mistyped:
            return Typed(text, near=tuple(numbers.near(digits)))
    words = dict.fromkeys(search_index.words_of(text))
    meant = [word for word in words if word not in EMPTY_WORDS] or list(words)
    return Typed(text, words=tuple(meant[:MOST_WORDS]))


def find(user, text: str, cursor: str = "") -> Found:
    """One page of what `user` may find by `text`, newest first. `cursor` is what an earlier page gave.

    Raises BadCursor.
    """
    typed, before = understand(text), _read(cursor)
    if typed.number:
        return Found(typed, Page(list(_shown(access.reachable_by(user).filter(number=typed.number)))))
    if typed.near:
        return Found(typed, Page([]), list(_shown(access.reachable_by(user).filter(number__in=typed.near))))
    if typed.phone:
        return Found(typed, _page(_of_phone(user, typed.phone), before))
    ids, last = newest(user, typed, PAGE_SIZE + 1, before)
    found = {row.pk: row for row in _shown(Complaint.objects.filter(pk__in=ids[:PAGE_SIZE]))}
    rows = [found[pk] for pk in ids[:PAGE_SIZE] if pk in found]
    following = ids[PAGE_SIZE - 1] if len(ids) > PAGE_SIZE else last
    return Found(typed, Page(rows, next=_write(following) if following else ""))


def narrow(queryset, user, text: str):
    """A list's own filter: those of `queryset` that `user` may find by `text`; by words, among the newest MOST_FOUND
    that match."""
    typed = understand(text)
    if typed.number:
        return queryset.filter(number=typed.number)
    if typed.near:
        return queryset.none()
    if typed.phone:
        return queryset.filter(pk__in=list(_of_phone(user, typed.phone).values_list("pk", flat=True)[:MOST_FOUND]))
    if not typed.text:
        return queryset
    ids, _last = newest(user, typed, MOST_FOUND)
    return queryset.filter(pk__in=ids)


def _of_phone(user, phone: str):
    """The complaints of the citizen with this phone number, for whoever may look for one."""
    if not access.may_search_phones(user):
        return Complaint.objects.none()
    citizens = User.objects.filter(phone=phone, kind=User.Kind.CITIZEN).values_list("pk", flat=True)
    return access.reachable_by(user).filter(citizen__in=list(citizens)).order_by("-id")


def _shown(complaints):
    return complaints.select_related("category", "department", "area", "district", "citizen").order_by("-id")


def _page(complaints, before: int | None) -> Page:
    rows = list(_shown(complaints.filter(pk__lt=before) if before else complaints)[: PAGE_SIZE + 1])
    more, rows = len(rows) > PAGE_SIZE, rows[:PAGE_SIZE]
    return Page(rows, next=_write(rows[-1].pk) if more else "")


def newest(user, typed: Typed, wanted: int, before: int | None = None) -> tuple[list[int], int | None]:
    """Ids of the newest complaints that `user` sees and that have all these words, at most `wanted`; and, where
    candidates were left because MOST_READ had been read, the id to go on from."""
    asked = _asked(typed.words)
    if not asked or not user.is_authenticated:
        return [], None
    if scope := _scope(user):
        asked.append(scope)
    found, read = [], 0
    for batch in _candidates(asked, before):
        read += len(batch)
        seen = access.visible_to(user).filter(pk__in=batch).order_by("-id")
        found += seen.values_list("pk", flat=True)[: wanted - len(found)]
        if len(found) >= wanted:
            return found, None
        if read >= MOST_READ:
            return found, batch[-1]
    return found, None


def _candidates(asked: list[str], before: int | None):
    """Batches of ids that match all that is asked, newest first: in the newest blocks, with what the index has not got
    yet, then further back, then anywhere."""
    top = (_of_index(SearchEntry.objects.order_by("-pk").values_list("pk", flat=True)[:1]) or [0])[0]
    written = _of_index(SearchEntry.objects.filter(pk__gt=top - MOST_UNWRITTEN).values_list("pk", flat=True))
    unwritten = Complaint.objects.filter(pk__gt=top - MOST_UNWRITTEN).exclude(pk__in=written)
    if before:
        unwritten = unwritten.filter(pk__lt=before)
    fresh = list(unwritten.order_by("-id").values_list("pk", flat=True)[:MOST_UNWRITTEN])
    if fresh:
        every = " & ".join(f"({query})" for query in asked)
        fresh = search_index.matching_unwritten(Complaint.objects.filter(pk__in=fresh), every)
    below = min(before or top + 1, top + 1)
    nearest = _nearest(asked, below)
    # What is not written yet lies among the newest of what is.
    if nearest or fresh:
        yield sorted({*fresh, *nearest}, reverse=True)
    below -= NEAREST
    if below <= 1:
        return
    for blocks in (*_windows(below), None):
        while batch := _batch([*asked, blocks.wanted] if blocks else asked, below):
            yield batch
            below = batch[-1]
            if len(batch) < BATCH:
                break
        if blocks:
            below = min(below, blocks.floor)
            if below <= 1:
                return


@dataclass(frozen=True)
class _Blocks:
    """Blocks of one size beside each other, from `last` down to and with `first`."""

    mark: str
    first: int
    last: int

    @property
    def wanted(self) -> str:
        """What an entry in one of them matches, as a `tsquery`."""
        return " | ".join(f"'{self.mark}{number}'" for number in range(self.last, self.first - 1, -1))

    @property
    def floor(self) -> int:
        """The lowest id in them: what lies below it has not been looked through."""
        return self.first << search_index.BLOCKS[self.mark]


def _windows(below: int) -> list[_Blocks]:
    """Where to look one after the other, each some times as wide as the one before: what two frequent words have
    in common within one department is sixteen complaints in the newest blocks, and a thousand in the widest."""
    windows = []
    for mark, newest, oldest in WINDOWS:
        block = (below - 1) >> search_index.BLOCKS[mark]
        if block >= newest:
            windows.append(_Blocks(mark, max(0, block - oldest), block - newest))
    return windows


def _nearest(asked: list[str], below: int) -> list[int]:
    """Ids of those that match among the NEAREST below, looked at one by one."""
    statement = (
        "WITH nearest AS MATERIALIZED (SELECT complaint_id, words FROM grievance_searchentry"  # noqa: S608
        " WHERE complaint_id >= %s AND complaint_id < %s)"
        f" SELECT complaint_id FROM nearest WHERE {_has_all(asked)} ORDER BY complaint_id DESC"
    )
    return [pk for (pk,) in replica.read(lambda rows: rows(statement, [below - NEAREST, below, *asked]))]


def _has_all(asked: list[str]) -> str:
    return " AND ".join(["words @@ %s::tsquery"] * len(asked))


def _batch(asked: list[str], below: int) -> list[int]:
    # Materialised, so that the index is asked: a walk down the ids would visit the whole table for a rare word. Each
    # is asked for by itself: then the index leaps from one that has them all to the next. Within one query it visits
    # all that has the rarest word, and asks of each for every other: eight times as long in a state's 60 lakh.
    statement = (
        "WITH hits AS MATERIALIZED (SELECT complaint_id FROM grievance_searchentry"  # noqa: S608
        f" WHERE {_has_all(asked)})"
        " SELECT complaint_id FROM hits WHERE complaint_id < %s ORDER BY complaint_id DESC LIMIT %s"
    )
    return [pk for (pk,) in replica.read(lambda rows: rows(statement, [*asked, below, BATCH]))]


def _of_index(queryset) -> list:
    """What a query of one column over the index finds."""
    return [value for (value, *_rest) in replica.read(lambda rows: rows(*queryset.query.sql_with_params()))]


def _asked(words: tuple[str, ...]) -> list[str]:
    """A `tsquery` for each of these words, in any form, script or near spelling."""
    forms: dict[str, list[str]] = {word: [word] for word in words}
    known = set(_of_index(SearchWord.objects.filter(word__in=words).values_list("word", flat=True))) if words else set()
    unknown = [word for word in words if word not in known and len(word) >= SHORTEST_BEGINNING]
    mistyped = []
    for word in unknown:
        forms[word] += (begins := _beginning_with(word))
        mistyped += [] if begins else [word]
    for word in mistyped[:MOST_MISTYPED]:
        forms[word] += _nearly(word)
    every = [form for several in forms.values() for form in several]
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT form, plainto_tsquery('hindi', form)::text, plainto_tsquery('english', form)::text,"
            " plainto_tsquery('simple', form)::text FROM unnest(%s::text[]) AS form",
            [every],
        )
        parsed = {form: [part for part in parts if part] for form, *parts in cursor.fetchall()}
    clauses = []
    for several in forms.values():
        parts = [f"({part})" for form in several for part in parsed[form]]
        parts += [f"'{search_index.SOUND}{sound}'" for form in several for sound in sounds_of(form)]
        if parts:
            clauses.append(" | ".join(dict.fromkeys(parts)))
    return clauses


def _beginning_with(word: str) -> list[str]:
    """Words that begin with what was typed."""
    begins = SearchWord.objects.filter(word__gte=word, word__lt=word + "\U0010ffff")
    return _of_index(begins.order_by(Length("word"), "word").values_list("word", flat=True)[:MOST_MEANT])


def _nearly(word: str) -> list[str]:
    """Words that are nearly what was typed."""
    alike = SearchWord.objects.filter(word__trigram_similar=word).annotate(like=TrigramSimilarity("word", word))
    likely = alike.filter(like__gte=LEAST_ALIKE).order_by("-like", "word")
    return _of_index(likely.values_list("word", flat=True)[:MOST_MEANT])


def _scope(user) -> str:
    """Where `user`'s complaints are, as a `tsquery`; empty for everywhere."""
    parts = []
    for scope in search_scope.scopes_of(user):
        marks = search_index.marks_of_scope(scope)
        if not marks:
            return ""
        parts.append("(" + " & ".join(f"'{mark}'" for mark in marks) + ")")
    return " | ".join(dict.fromkeys(parts))


def _write(last: int) -> str:
    return signing.dumps(last, salt=SALT)


def _read(cursor: str) -> int | None:
    if not cursor:
        return None
    try:
        if len(cursor) > LONGEST_CURSOR:
            raise BadCursor
        return int(signing.loads(cursor, salt=SALT))
    except (signing.BadSignature, ValueError, TypeError) as error:
        raise BadCursor from error
