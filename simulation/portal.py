"""The portal's own work at one moment: what its Celery tasks do, by the same functions, in one process."""

import datetime
from contextlib import suppress

from django.utils import timezone

from channels import deliveries, notices
from dashboards import folding
from grievance import ladder, workflow
from grievance.errors import ChangeRefused
from grievance.models import Complaint, State
from grievance.table import CITIZEN_ANSWER_DAYS, NO_REPLY_DAYS

# What follows from new events. Each takes a batch and returns how many it took.
FOLLOWING = (workflow.route_registered, notices.follow, deliveries.send_waiting, folding.fold)


def climb() -> bool:
    """Lets climb what is overdue now; whether anything did."""
    return sum(iter(ladder.climb_overdue, 0)) > 0


def work() -> None:
    """Does all else that is due now."""
    _time_outs()
    for take in FOLLOWING:
        while take():
            pass


def _time_outs() -> None:
    """What happens because somebody did nothing: the clock runs on, no verdict came, an order takes effect."""
    now = timezone.now()
    answer_by, judge_by = (now - datetime.timedelta(days=days) for days in (CITIZEN_ANSWER_DAYS, NO_REPLY_DAYS))
    due = {
        "run_on": Complaint.objects.filter(state=State.AWAITING_CITIZEN, paused_at__lt=answer_by),
        "no_reply": Complaint.objects.filter(state=State.RESOLVED, resolved_at__lt=judge_by),
        "special_close": Complaint.objects.filter(close_after__lte=now),
    }
    for action, complaints in due.items():
        for complaint in complaints.order_by("pk"):
            with suppress(ChangeRefused):
                workflow.change(complaint, action)
