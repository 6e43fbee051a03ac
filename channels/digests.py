"""Digests to staff: in the morning what lies on their desk, weekly how their department stands.

Made on working days, from nine o'clock on, by whichever firing of beat comes first: a row for the day or week
goes in the same transaction, so the others find it done. What there is to say is counted for everybody in a few
queries, and who has nothing to read gets nothing.
"""

import datetime
from collections import Counter, defaultdict
from collections.abc import Callable, Iterable
from dataclasses import dataclass, field

from django.conf import settings
from django.db import transaction
from django.db.models import Count, F, Q, Window
from django.db.models.functions import RowNumber
from django.utils import timezone
from django.utils.translation import override

from departments.models import Absence, Holiday, Posting, Role
from grievance import clock
from grievance.desk.inbox import IN_TRIAGE, VIEWS
from grievance.desks import OPEN_WORK
from grievance.models import BREACHED, Complaint, State
from grievance.numbers import grouped
from grievance.words import indian

from . import deliveries
from .message_templates import fill
from .models import Audience, Delivery, DigestRun, MessageTemplate

NAMES = {"digest", "triage_digest", "triage_late", "breach_reminder", "weekly_digest"}
OPENS, CLOSES = datetime.time(9), datetime.time(17)
HEADS_LEVEL = 4
MOST_NUMBERS = 5
# What the morning's digest counts: the views of the inbox that it opens on.
OWN_DESK = {"due_today": "today", "overdue": "overdue", "reopened": "reopened", "waiting": "waiting"}


@dataclass
class Digest:
    """What one person reads: counts, added up over their postings, and a few numbers of complaints."""

    counts: Counter = field(default_factory=Counter)
    numbers: list[str] = field(default_factory=list)


def make_due() -> int:
    """Makes the digests whose hour has come and that were not made yet; returns how many messages that is."""
    now = timezone.localtime()
    if not OPENS <= now.time() < CLOSES or not clock.is_working_day(now.date()):
        return 0
    year, week, _weekday = now.isocalendar()
    return _make(f"day-{now.date()}", _of_the_day) + _make(f"week-{year}-{week:02}", _of_the_week)


def _make(period: str, of: Callable) -> int:
    return once(period, lambda: _messages(of(_Staff(timezone.localdate())), period))


def once(period: str, make: Callable[[], Iterable[Delivery]]) -> int:
    """Puts into the queue what `make` gives for a period (at most 20 letters) that was not made yet; returns how many
    messages that is. A worker that comes at the same time waits here, then goes."""
    with transaction.atomic():
        _run, is_new = DigestRun.objects.get_or_create(period=period, defaults={"made_at": timezone.now()})
        if not is_new:
            return 0
        messages = list(make())
        deliveries.make(messages)
    return len(messages)


class _Staff:
    """Who reads for which posting today: its holder or, on leave, the stand-in; nobody on a local holiday."""

    def __init__(self, today: datetime.date):
        local = Holiday.objects.filter(date=today, district__isnull=False).exclude(kind=Holiday.Kind.RESTRICTED)
        closed = tuple(local.values_list("district__path", flat=True))
        away = Absence.objects.on(today).filter(stand_in__officer__is_active=True).select_related("stand_in__officer")
        stand_ins = {absence.posting_id: absence.stand_in.officer for absence in away}
        postings = Posting.objects.current(today).filter(officer__is_active=True)
        self.reading = [
            (posting, stand_ins.get(posting.pk, posting.officer))
            for posting in postings.select_related("officer", "post__area").order_by("id")
            if not (closed and posting.post.area.path.startswith(closed))
        ]

    def of(self, *roles: Role, level: int | None = None) -> Iterable[tuple]:
        """(posting, reader) of the posts with these roles (and this level)."""
        return [
            (posting, reader)
            for posting, reader in self.reading
            if posting.post.role in roles and level in (None, posting.post.level)
        ]


def _of_the_day(staff: _Staff) -> dict[tuple, Digest]:
    return _own_desks(staff) | _triage(staff) | _breached(staff)


def _own_desks(staff: _Staff) -> dict[tuple, Digest]:
    """Of every officer: what is on their desk, as the inbox counts it."""
    counted = {name: Count("pk", filter=VIEWS[view].holds(None)) for name, view in OWN_DESK.items()}
    rows = Complaint.objects.filter(OPEN_WORK, assignee__isnull=False).order_by().values("assignee", "about_officer")
    desks = defaultdict(list)
    for row in rows.annotate(**counted):
        desks[row["assignee"]].append(row)
    found = defaultdict(Digest)
    for posting, reader in staff.of(Role.OFFICER):
        _add(found["digest", reader], desks[posting.pk], reader, counted)
    return found


def _triage(staff: _Staff) -> dict[tuple, Digest]:
    """The triage desk reads what waits there; the Chief Minister's office, what waits too long."""
    late = Count("pk", filter=Q(triage_due_at__lt=timezone.now()))
    rows = Complaint.objects.filter(IN_TRIAGE).order_by().values("confidential", "line", "about_officer")
    queues = defaultdict(list)
    for row in rows.annotate(waiting=Count("pk"), overdue=late):
        queues[_line_of(row)].append(row)
    found = defaultdict(Digest)
    for line, reader in {(posting.post.line, reader) for posting, reader in staff.of(Role.TRIAGE)}:
        _add(found["triage_digest", reader], queues[line], reader, ("waiting", "overdue"))
    for line, reader in {(posting.post.line, reader) for posting, reader in staff.of(Role.CM_OFFICE)}:
        _add(found["triage_late", reader], queues[line], reader, ("overdue",))
    return found


def _breached(staff: _Staff) -> dict[tuple, Digest]:
    """The head of each department reads daily what ran out of time at the highest level."""
    rows = _by_department(Complaint.objects.filter(BREACHED), breached=Count("pk"))
    longest = Complaint.objects.filter(BREACHED, about_officer=None).annotate(
        place=Window(RowNumber(), partition_by=[F("department"), F("confidential"), F("line")],
                     order_by=["breached_at", "id"])
    ).filter(place__lte=MOST_NUMBERS)  # fmt: skip
    numbers = defaultdict(list)
    for row in longest.values("department", "confidential", "line", "number"):
        numbers[row["department"], _line_of(row)].append(grouped(row["number"]))
    found = defaultdict(Digest)
    for key, reader in _departments(staff.of(Role.OFFICER, level=HEADS_LEVEL)):
        _add(found["breach_reminder", reader], rows[key], reader, ("breached",))
        found["breach_reminder", reader].numbers += numbers[key]
    return found


def _of_the_week(staff: _Staff) -> dict[tuple, Digest]:
    """Nodal officers and heads of department read how their department stands."""
    counted = {
        "open": Count("pk"),
        "overdue": Count("pk", filter=VIEWS["overdue"].holds(None)),
        "reopened": Count("pk", filter=VIEWS["reopened"].holds(None)),
        "breached": Count("pk", filter=BREACHED),
    }
    rows = _by_department(Complaint.objects.filter(OPEN_WORK).exclude(state=State.RESOLVED), **counted)
    found = defaultdict(Digest)
    for key, reader in _departments([*staff.of(Role.NODAL), *staff.of(Role.OFFICER, level=HEADS_LEVEL)]):
        _add(found["weekly_digest", reader], rows[key], reader, counted)
    return found


def _departments(reading: Iterable[tuple]) -> set[tuple]:
    """Who reads about which department and line, once each, however many posts they hold there."""
    return {((posting.post.department_id, posting.post.line), reader) for posting, reader in reading}


def _by_department(complaints, **counted) -> dict[tuple, list[dict]]:
    rows = complaints.order_by().values("department", "confidential", "line", "about_officer").annotate(**counted)
    found = defaultdict(list)
    for row in rows:
        found[row["department"], _line_of(row)].append(row)
    return found


def _line_of(row: dict) -> str:
    """The partner line whose posts alone may see it; empty: all others may."""
    return row["line"] if row["confidential"] else ""


def _add(digest: Digest, rows: list[dict], reader, names: Iterable[str]) -> None:
    """Adds counts up, without complaints about the reader."""
    for row in rows:
        if row["about_officer"] != reader.pk:
            digest.counts.update({name: row[name] for name in names})


def _messages(digests: dict[tuple, Digest], period: str) -> Iterable[Delivery]:
    """One delivery for each way a reader can be reached."""
    templates = {
        (template.event, template.channel, template.language): template
        for template in MessageTemplate.objects.filter(is_active=True, audience=Audience.OFFICER, event__in=NAMES)
    }
    for (name, reader), digest in digests.items():
        if not any(digest.counts.values()):
            continue
        values = _values(reader, digest)
        for channel, address in (("sms", str(reader.phone or "")), ("email", reader.email)):
            template = templates.get((name, channel, reader.language))
            if address and template:
                yield Delivery(
                    recipient=reader, template=name, audience=Audience.OFFICER, channel=channel,
                    language=reader.language, address=address, subject=fill(template.subject, values)[:200],
                    body=fill(template.body, values), dlt_id=template.dlt_id,
                    key=f"{name}:{period}:{reader.pk}:{channel}",
                    available_at=timezone.now(), created_at=timezone.now(),
                )  # fmt: skip


def _values(reader, digest: Digest) -> dict[str, str]:
    with override(reader.language):
        counts = {name: indian(digest.counts[name]) for name in
                  ("due_today", "overdue", "reopened", "waiting", "open", "breached")}  # fmt: skip
        return counts | {
            "name": reader.get_full_name(),
            "numbers": ", ".join(digest.numbers[:MOST_NUMBERS]),
            "link": f"{settings.BASE_URL}/desk/",
            "state_name": settings.STATE_NAME[reader.language],
        }
