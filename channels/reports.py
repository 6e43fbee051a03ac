"""Boards by e-mail, as administrators scheduled them: each once a day or week, to those whom it is about.

The message holds no figure, only a link that is good for its reader alone and for some days
(`grievance.report_link`). What stands behind it is made when it is opened, and as far as the reader may see it then.
"""

import datetime
from collections.abc import Iterable, Iterator
from functools import partial

from django.conf import settings
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import override

from departments.models import Posting, Role
from grievance import clock, report_link
from grievance.words import ist_date

from .digests import HEADS_LEVEL, once
from .message_templates import fill
from .models import Audience, Delivery, DigestRun, Medium, MessageTemplate, ReportSchedule

DAILY, WEEKLY = "daily_report", "weekly_report"
NAMES = {DAILY, WEEKLY}
ONE_DAY = datetime.timedelta(days=1)
A_WEEK = 7 * ONE_DAY
# So many days a report is about at most.
LONGEST = 35 * ONE_DAY


def make_due() -> int:
    """Makes the e-mails whose day and hour have come and that were not made yet; returns how many."""
    now = timezone.localtime()
    if not clock.is_working_day(now.date()):
        return 0
    count = 0
    for schedule in ReportSchedule.objects.filter(is_active=True):
        begins = _due_since(schedule, now)
        if begins:
            count += once(_run(schedule, begins), partial(_messages, schedule, begins))
    return count


def _run(schedule: ReportSchedule, begins: datetime.date | str) -> str:
    return f"r{schedule.pk}-{begins}"


def _due_since(schedule: ReportSchedule, now: datetime.datetime) -> datetime.date | None:
    """The first day of the day or week for which it is due now; None while it is not."""
    if now.hour < schedule.hour:
        return None
    if schedule.every == ReportSchedule.Every.DAY:
        return now.date()
    today = now.date()
    monday = today - (now.isoweekday() - 1) * ONE_DAY
    if now.isoweekday() >= schedule.weekday:
        return monday
    # That of last week still goes where its day and all days since were closed.
    due = monday - A_WEEK + (schedule.weekday - 1) * ONE_DAY
    was_open = any(clock.is_working_day(due + ago * ONE_DAY) for ago in range((today - due).days))
    return None if was_open else monday - A_WEEK


def days_of(
    schedule: ReportSchedule, today: datetime.date, before: datetime.date | None = None
) -> tuple[datetime.date, datetime.date]:
    """The days a report sent today is about: all since the day when the one before was sent, so that none is in no
    report. The first one is about what lies between the working day before and today, or the seven days before
    today."""
    yesterday = today - ONE_DAY
    if before is not None:
        # Switched off for long and on again it begins with the last weeks.
        return max(min(before, yesterday), today - LONGEST), yesterday
    if schedule.every == ReportSchedule.Every.WEEK:
        return today - A_WEEK, yesterday
    first = yesterday
    while not clock.is_working_day(first) and today - first < A_WEEK:
        first -= ONE_DAY
    return first, yesterday


def _sent_before(schedule: ReportSchedule, begins: datetime.date) -> datetime.date | None:
    """The day when the report before this one was made."""
    runs = DigestRun.objects.filter(period__startswith=_run(schedule, "")).exclude(period=_run(schedule, begins))
    last = runs.order_by("-made_at").first()
    return last and timezone.localdate(last.made_at)


def _messages(schedule: ReportSchedule, begins: datetime.date) -> Iterator[Delivery]:
    name = WEEKLY if schedule.every == ReportSchedule.Every.WEEK else DAILY
    found = MessageTemplate.objects.filter(is_active=True, audience=Audience.OFFICER, channel=Medium.EMAIL, event=name)
    templates = {template.language: template for template in found}
    now = timezone.now()
    days = days_of(schedule, timezone.localdate(), _sent_before(schedule, begins))
    for reader, department in _readers(schedule):
        language = schedule.language or reader.language
        template = templates.get(language)
        if not (reader.email and template):
            continue
        values = _values(reader, department, days, language)
        yield Delivery(
            recipient=reader, template=name, audience=Audience.OFFICER, channel=Medium.EMAIL, language=language,
            address=reader.email, subject=fill(template.subject, values)[:200], body=fill(template.body, values),
            key=f"{name}:{schedule.pk}:{begins}:{reader.pk}:{department.pk if department else 0}",
            available_at=now, created_at=now,
        )  # fmt: skip


def _readers(schedule: ReportSchedule) -> Iterable[tuple]:
    """(reader, department or None), each once however many posts they hold. Confidential lines have no board."""
    held = Posting.objects.staffed().filter(post__line="").select_related("officer", "post__department")
    if schedule.report == ReportSchedule.Report.STATE:
        held = held.filter(post__role=Role.CM_OFFICE)
        return dict.fromkeys((posting.officer, None) for posting in held.order_by("id"))
    held = held.filter(post__role=Role.OFFICER, post__level=HEADS_LEVEL)
    return dict.fromkeys((posting.officer, posting.post.department) for posting in held.order_by("id"))


def _values(reader, department, days: tuple, language: str) -> dict[str, str]:
    board = reverse("board_department", args=[department.code]) if department else reverse("boards")
    token = report_link.token_for(reader, board, days, language)
    with override(language):
        first, last = (ist_date(day) for day in days)
        return {
            "name": reader.get_full_name(),
            "board": department.name if department else _("Chief Minister's board"),
            "period": first if first == last else _("%(first)s to %(last)s") % {"first": first, "last": last},
            "until": ist_date(timezone.localdate() + report_link.GOOD_FOR),
            "link": f"{settings.BASE_URL}{reverse('board_mailed', args=[token])}",
            "state_name": settings.STATE_NAME[language],
        }
