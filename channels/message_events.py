"""What messages are sent for, in words: templates and deliveries name it by its key."""

from django.utils.translation import gettext_lazy as _

EVENT_NAMES = {
    "registered": _("registered"),
    "assigned": _("came to an officer"),
    "transferred": _("went to another department"),
    "warning": _("deadline near"),
    "escalated": _("went up a level"),
    "breached": _("final deadline passed"),
    "update": _("news of it"),
    "asked": _("question to the citizen"),
    "answered": _("citizen answered or added something"),
    "answer_overdue": _("no answer, work goes on (to the citizen)"),
    "runs_on": _("no answer, work goes on"),
    "resolved": _("resolved"),
    "verdict_reminder": _("reminder to judge the result"),
    "satisfied": _("judged satisfied"),
    "disposed_verdict": _("verdict on one's work"),
    "reopened": _("reopened"),
    "closed": _("closed"),
    "closed_no_reply": _("closed without a reply"),
    "withdrawn": _("withdrawn"),
    "rejected": _("rejected"),
    "objection_notice": _("special closing announced"),
    "objected": _("citizen objected to the special closing"),
    "order_lapsed": _("order to close lapsed"),
    "merged": _("joined with another complaint"),
    "digest": _("the day's work"),
    "triage_digest": _("the day's triage"),
    "triage_late": _("triage is late"),
    "breach_reminder": _("reminder of passed deadlines"),
    "weekly_digest": _("the department's week"),
    "daily_report": _("board by e-mail, daily"),
    "weekly_report": _("board by e-mail, weekly"),
}


def event_name(event: str):
    """What an event's message is sent for, in the reader's language; an unknown one as it stands."""
    return EVENT_NAMES.get(event, event)
