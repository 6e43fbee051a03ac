"""The search's index: a reader of the log writes each complaint's entry; registering itself pays nothing.

An entry is one `tsvector`, and so one GIN index answers everything a search asks. It holds
- the text's words in PostgreSQL's `hindi` and `english` (stems) and `simple` (as they stand) configurations, with the
  citizen's name and the place's names, up to the district, in both languages;
- what each of these words sounds like (`departments.spelling.sound_of`), so that either script finds the other (a
  search asks for all it may sound like, `sounds_of`);
- marks: where the complaint belongs (what `access` narrows by) and how new it is, in blocks of ids.

Marks and sounds begin with a sign that no word begins with.
"""

import re
from collections.abc import Iterable

from django.db import connection

from departments import remembered
from departments.models import Area
from departments.spelling import normalise, sound_of
from departments.standing import standing
from departments.suggestions import EMPTY_WORDS

from .models import Complaint, Event, SearchEntry, SearchWord

SOUND = "~"
# A citizen, who registered it, department, place, partner line, a posting out of its place; the two sizes of blocks.
CITIZEN, CLERK, DEPARTMENT, PLACE, LINE, POSTING = "@c", "@r", "@d", "@a", "@l", "@p"
# Ids of one block: 16,384 and 5,24,288. A search looks through the newest blocks first.
BLOCKS = {"@s": 14, "@b": 19}

# What changes where a complaint belongs.
MOVES = ("register", "transfer", "reassign")
# Sentences end in a danda, which is no part of the word before it.
BREAKS = re.compile(r"[\s,_।॥]+")
LONGEST_WORD = 40
MOST_WORDS_KEPT = 400

VECTOR = (
    "strip(to_tsvector('hindi', {text}) || to_tsvector('english', {text}) || to_tsvector('simple', {text}))"
    " || array_to_tsvector({marks})"
)


def words_of(text: str) -> list[str]:
    """The words of a text in one spelling."""
    return [word[:LONGEST_WORD] for word in BREAKS.split(normalise(text)) if word]


def take(events: list[Event]) -> None:
    """The reader's handler: writes the entries of complaints that are new or belong elsewhere now."""
    if moved := sorted({event.complaint_id for event in events if event.action in MOVES}):
        _write(_moved(moved))


@standing
def _moved(ids):
    return _with_what_is_said(Complaint.objects.filter(pk__among=ids))


def write(complaints) -> int:
    """Writes (again) the entries of these complaints, and the words they bring; returns how many."""
    read = list(_with_what_is_said(complaints))
    written = _write(read)
    # The reader may have written what moved meanwhile, and this what was read before.
    while moved := _changed_since(read):
        _write(read := list(_with_what_is_said(Complaint.objects.filter(pk__in=moved))))
    return written


def _changed_since(read: list[Complaint]) -> list[int]:
    now = dict(Complaint.objects.filter(pk__in=[row.pk for row in read]).values_list("pk", "event_count"))
    return [row.pk for row in read if now.get(row.pk, row.event_count) != row.event_count]


def _write(complaints: list[Complaint]) -> int:
    rows = _described(complaints)
    if not rows:
        return 0
    vector = VECTOR.format(text="new.text", marks="new.marks::text[]")
    with connection.cursor() as cursor:
        cursor.execute(
            f"INSERT INTO {SearchEntry._meta.db_table} (complaint_id, words) SELECT new.id, {vector}"  # noqa: S608
            " FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (id, text, marks)"
            " ON CONFLICT (complaint_id) DO UPDATE SET words = excluded.words",
            _columns(rows),
        )
    # Bare figures, of which there is no end, are typed as they stand.
    vocabulary = {word for row in rows if not row.confidential for word in row.words if sound_of(word)}
    known = SearchWord.objects.filter(word__in=vocabulary).values_list("word", flat=True)
    # In one order, so that two writers never wait for each other in turns.
    SearchWord.objects.bulk_create(
        [SearchWord(word=word) for word in sorted(vocabulary.difference(known))], ignore_conflicts=True
    )
    return len(rows)


def matching_unwritten(complaints, query: str) -> list[int]:
    """Which of these few complaints, not yet in the index, match a `tsquery`; the newest first."""
    rows = _described(list(_with_what_is_said(complaints)))
    if not rows:
        return []
    vector = VECTOR.format(text="new.text", marks="new.marks::text[]")
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT new.id FROM unnest(%s::bigint[], %s::text[], %s::text[]) AS new (id, text, marks)"  # noqa: S608
            f" WHERE {vector} @@ %s::tsquery ORDER BY new.id DESC",
            [*_columns(rows), query],
        )
        return [pk for (pk,) in cursor.fetchall()]


def rebuild(complaints=None, batch: int = 2000) -> Iterable[int]:
    """Writes the entries of all complaints, or of a query of some, anew: newest first, a batch at a time. Yields how
    many are done."""
    rest, done = (Complaint.objects.all() if complaints is None else complaints).order_by("-id"), 0
    while ids := list(rest.values_list("pk", flat=True)[:batch]):
        rest, done = rest.filter(pk__lt=ids[-1]), done + write(Complaint.objects.filter(pk__in=ids))
        yield done


class _Row:
    """What the index says of one complaint."""

    def __init__(self, complaint: Complaint, places: list[Area]):
        self.pk, self.confidential = complaint.pk, complaint.confidential
        names = [name for place in places[2:] or places for name in (place.name_en, place.name_hi)]
        person = complaint.citizen
        said = [complaint.text, complaint.place_note, person.name, person.name_hi, *names]
        self.words = list(dict.fromkeys(words_of("\n".join(said))))[:MOST_WORDS_KEPT]
        sounds = {sound_of(word) for word in self.words if word not in EMPTY_WORDS} - {""}
        self.marks = [SOUND + sound for sound in sounds] + marks_of(complaint, places)


def marks_of(complaint: Complaint, places: list) -> list[str]:
    """Where a complaint belongs, and its blocks."""
    marks = [f"{PLACE}{place.pk}" for place in places]
    marks += [f"{CITIZEN}{complaint.citizen_id}", f"{CLERK}{complaint.registered_by_id}"]
    marks += [f"{DEPARTMENT}{complaint.department_id}", *block_marks(complaint.pk)]
    if complaint.confidential:
        marks.append(f"{LINE}{complaint.line}")
    # A colleague from elsewhere may have been given it.
    if complaint.assignee_id and complaint.assignee.post.area_id not in {place.pk for place in places}:
        marks.append(f"{POSTING}{complaint.assignee_id}")
    return marks


def marks_of_scope(scope) -> list[str]:
    """The marks that everything in a scope (`grievance.search_scope`) bears; none for everything."""
    given = {CITIZEN: scope.citizen, CLERK: scope.registered_by, DEPARTMENT: scope.department, PLACE: scope.area,
             LINE: scope.line, POSTING: scope.posting}  # fmt: skip
    return [f"{mark}{value}" for mark, value in given.items() if value]


def block_marks(pk: int) -> list[str]:
    """The marks of the blocks an id lies in."""
    return [f"{mark}{pk >> bits}" for mark, bits in BLOCKS.items()]


def _with_what_is_said(complaints):
    return complaints.select_related("citizen", "assignee__post").only(
        "text", "place_note", "confidential", "line", "area_id", "department_id", "registered_by_id", "event_count",
        "citizen__name", "citizen__name_hi", "assignee__post__area_id",
    )  # fmt: skip


def _described(complaints: list[Complaint]) -> list[_Row]:
    places = _places_above({complaint.area_id for complaint in complaints})
    return [_Row(complaint, places[complaint.area_id]) for complaint in complaints]


def _places_above(area_ids: set[int]) -> dict[int, list[Area]]:
    """For each place, what it lies in and itself, the state first."""
    paths = {pk: place.path_ids() for pk, place in remembered.area.several(area_ids).items()}
    areas = remembered.area.several(pk for path in paths.values() for pk in path)
    return {pk: [areas[above] for above in path] for pk, path in paths.items()}


def _columns(rows: list[_Row]) -> list[list]:
    # An array literal each: rows of different lengths fit no array of arrays. Marks hold nothing to be escaped.
    return [
        [row.pk for row in rows],
        [" ".join(row.words) for row in rows],
        ["{" + ",".join(row.marks) + "}" for row in rows],
    ]
