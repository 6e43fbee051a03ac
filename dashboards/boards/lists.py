"""The list behind a number: the desk's own list of complaints, narrowed to what was counted. Who may not see some of
the complaints finds them missing there, as everywhere."""

from django.utils.http import urlencode

from grievance.models import UNDISPOSED, Outcome

from .asking import Asked
from .period import Period

OPEN = [state.value for state in UNDISPOSED]
# Figures of how complaints stand, in the list's words.
STANDING = {
    "open": {"state": OPEN},
    "disposed": {"state": ["resolved", "closed"]},
    "satisfied": {"outcome": "satisfied"},
    "rejected": {"outcome": "rejected"},
    "no_reply": {"outcome": "no_reply"},
    "special_close": {"outcome": Outcome.UNSATISFIED.value},
    "withdrawn": {"outcome": ["withdrawn", "duplicate"]},
    "breached": {"breached": "true"},
}
# What happened, by its events. A figure of how complaints stand, in a period: what brought them there.
HAPPENED = {
    "disposed": ["resolve", "withdraw", "approve_reject", "special_close", "merge"],
    "satisfied": ["satisfied"],
    "rejected": ["approve_reject"],
    "no_reply": ["no_reply"],
    "special_close": ["special_close"],
    "withdrawn": ["withdraw", "merge"],
    "asked": ["resolve"],
    "answered": ["satisfied", "not_satisfied"],
    "praised": ["satisfied"],
    "reopened": ["not_satisfied", "reopen"],
    "transferred": ["transfer"],
    "escalated": ["escalate"],
    "ran_out": ["breach"],
    "called": ["call"],
}
# A rate leads to the cases it is made of.
RATES = {"on_time": "asked", "praised_of_asked": "asked", "praised_of_answered": "answered",
         "reopened_share": "reopened", "answered_of_asked": "asked", "transferred_share": "transferred",
         "disposed_share": "disposed", "satisfied_share": "satisfied",
         "satisfied_of_disposed": "satisfied"}  # fmt: skip

# What happened may take a complaint away from where it was counted: a list narrowed by these, which holds what stands
# there now, lacks it. So no number leads there.
LEAVES = {
    "transferred": {"department", "category", "group", "level", "posting"},
    "escalated": {"level", "posting"},
    "reopened": {"level", "posting"},
    "answered": {"level", "posting"},
}


def address(asked: Asked, **narrowed) -> str:
    """The list of complaints narrowed so; empty for call agents, who have no list."""
    if not asked.inbox:
        return ""
    return f"{asked.inbox}?{urlencode({'view': 'all'} | asked.listed | narrowed, doseq=True)}"


def behind(asked: Asked, name: str, days: Period | None = None, **narrowed) -> str:
    """The list behind a figure, of all days or of a period; empty where there is no such list."""
    name = RATES.get(name, name)
    days = days or asked.so_far()
    if name == "registered":
        return address(asked, **_days("since", "until", days, asked.today), **narrowed)
    if name in STANDING and days.last == asked.today and (days.first is None or name in ("open", "breached")):
        return address(asked, **STANDING[name], **narrowed)
    narrowed_by = {*asked.listed, *narrowed}
    if name in HAPPENED and not LEAVES.get(name, set()) & narrowed_by:
        return address(asked, did=HAPPENED[name], **_days("did_since", "did_until", days, None), **narrowed)
    return ""


def _days(since: str, until: str, days: Period, today) -> dict:
    first = {since: days.first.isoformat()} if days.first else {}
    return first | ({until: days.last.isoformat()} if days.last != today else {})
