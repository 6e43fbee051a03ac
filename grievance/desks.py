"""Who sits where today: officers' posts with their holders and stand-ins, read once for a batch of complaints."""

from collections import defaultdict
from collections.abc import Collection

from django.db.models import Count, Q
from django.utils import timezone

from departments.models import Absence, Post, Posting, Role
from departments.remembered import for_half_a_minute
from departments.standing import standing

from .models import Complaint, State

# A department and, for its confidential complaints, a line.
Office = tuple[int, str]
# As the partial indexes of open work have it.
OPEN_WORK = ~Q(state=State.CLOSED)


class Desks:
    """Answers for the complaints it was made for: their departments' posts of a level around their places are read
    together.

    Made for none, as many batches share it, it reads the posts of a level in all the state, of the departments that a
    batch has. What was once read is not read again.
    """

    def __init__(self, complaints: Collection[Complaint] = ()):
        self.areas = {pk for complaint in complaints for pk in complaint.area.path_ids()} if complaints else None
        self._expected: set[Office] = set()
        self.expect(complaints)
        self.on = timezone.localdate()
        # By level and office, then by area.
        self._rungs: dict[tuple[int, Office], dict[int, list[Post]]] = {}
        self._away: dict[int, Absence] = {}
        self._stand_ins_away: set[int] = set()
        self._work: dict[int, int] = {}
        self._alone: dict[int, Post | None] = {}

    def expect(self, complaints: Collection[Complaint]) -> None:
        """Says for which complaints it will be asked: their departments are read together."""
        self._expected |= {_office_of(complaint) for complaint in complaints}

    def posts(self, complaint: Complaint, level: int, area_id: int) -> list[Post]:
        """The posts of a level over an area that could take the complaint."""
        office = _office_of(complaint)
        if (level, office) not in self._rungs:
            self._read(level, {office, *self._expected})
        return self._rungs[level, office].get(area_id, [])

    def post(self, pk: int) -> Post | None:
        """One post with its holders, wherever it is; None where it is not in use."""
        if pk not in self._alone:
            self._alone[pk] = next(iter(self._with_holders(list(Post.objects.filter(pk=pk, is_active=True)))), None)
        return self._alone[pk]

    def holders(self, post: Post) -> list[Posting]:
        """The postings of the post that are in force today, of active officers."""
        return post.held

    def absence(self, posting: Posting) -> Absence | None:
        """The leave the holder of a posting is on today, with its stand-in."""
        return self._away.get(posting.pk)

    def is_away(self, stand_in: Posting) -> bool:
        """Whether a stand-in is on leave today too."""
        return stand_in.pk in self._stand_ins_away

    def least_busy(self, postings: list[Posting]) -> Posting:
        """The posting with the least open work, counting what this batch gave it."""
        unknown = [posting.pk for posting in postings if posting.pk not in self._work]
        if unknown:
            self._work |= dict.fromkeys(unknown, 0) | open_work(unknown)
        return min(postings, key=lambda posting: (self._work[posting.pk], posting.pk))

    def give(self, posting: Posting) -> None:
        """Counts one complaint more on this desk."""
        if posting.pk in self._work:
            self._work[posting.pk] += 1

    def _read(self, level: int, offices: set[Office]) -> None:
        unread = {office for office in offices if (level, office) not in self._rungs}
        departments, lines = ({office[part] for office in unread} for part in (0, 1))
        of_offices = (level, list(departments), list(lines))
        posts = _posts(*of_offices) if self.areas is None else _posts_around(*of_offices, list(self.areas))
        self._rungs |= {(level, office): defaultdict(list) for office in unread}
        for post in self._with_holders(posts):
            if (office := (post.department_id, post.line)) in unread:
                self._rungs[level, office][post.area_id].append(post)

    def _with_holders(self, posts: list[Post]) -> list[Post]:
        held = defaultdict(list)
        for posting in _staffed([post.pk for post in posts], self.on):
            held[posting.post_id].append(posting)
        for post in posts:
            post.held = held[post.pk]
        self._read_absences([posting.pk for postings in held.values() for posting in postings])
        return posts

    def _read_absences(self, posting_ids: list[int]) -> None:
        if not posting_ids:
            return
        away = _absences(posting_ids, self.on)
        self._away |= {absence.posting_id: absence for absence in away}
        stand_ins = [absence.stand_in_id for absence in away if absence.stand_in_id]
        if stand_ins:
            self._stand_ins_away |= {absence.posting_id for absence in _absences(stand_ins, self.on)}


def _posts_of(level, departments, lines):
    posts = Post.objects.filter(
        role=Role.OFFICER, is_active=True, level=level, department_id__among=departments, line__among=lines
    )
    return posts.only("department_id", "line", "level", "area_id").order_by("id")


@standing
def _posts(level, departments, lines):
    return _posts_of(level, departments, lines)


@standing
def _posts_around(level, departments, lines, areas):
    return _posts_of(level, departments, lines).filter(area_id__among=areas)


@standing
def _staffed(posts, on):
    return Posting.objects.staffed(on).filter(post_id__among=posts)


@standing
def _absences(postings, on):
    away = Absence.objects.on(on).filter(posting_id__among=postings)
    return away.select_related("stand_in__officer", "stand_in__post")


def remembered_desks() -> Desks:
    """Today's of all the state, as this process remembers them: for sweeps of many batches, whose turns are shorter
    than it takes to read who sits where. A climb to somebody who left meanwhile is handed over as anything of theirs.
    """
    return _desks_on(timezone.localdate())


@for_half_a_minute
def _desks_on(_today) -> Desks:
    return Desks()


def _office_of(complaint: Complaint) -> Office:
    """The department, and of a confidential complaint the line, whose officers may have it."""
    return complaint.department_id, complaint.line if complaint.confidential else ""


def open_work(posting_ids: list[int]) -> dict[int, int]:
    """How many open complaints each posting must act on."""
    rows = (
        Complaint.objects.filter(OPEN_WORK, assignee__in=posting_ids)
        .order_by()
        .values_list("assignee")
        .annotate(n=Count("id"))
    )
    return dict(rows)
