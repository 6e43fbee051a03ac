"""Every figure has its one definition here; pages show it, folding and recounting follow it.

A figure says which complaints it counts, by state and outcome. Each event of the log keeps how its
complaint stood before and after (`moved`); the difference is what the event adds to the figures. A
page adds the daily roll-ups to the events not yet folded, in one statement, so figures are exact at once.
"""

import json
from collections import Counter
from dataclasses import dataclass

from django.db import connection
from django.db.models import Count, Q
from django.utils.translation import gettext_lazy as _

from departments.remembered import for_half_a_minute
from grievance.models import Complaint, Outcome, ReaderPosition, State

# The reader whose position says which events the roll-ups hold (`dashboards.folding`).
READER = "figures"


@dataclass(frozen=True)
class Figure:
    """What is counted. Without `states` or `outcomes` any will do."""

    name: str
    label: object
    definition: object
    states: frozenset = frozenset()
    outcomes: frozenset = frozenset()

    def counts(self, state: str, outcome: str) -> bool:
        """Whether a complaint that stands like this is counted."""
        return (not self.states or state in self.states) and (not self.outcomes or outcome in self.outcomes)

    def condition(self) -> Q:
        """The same as a database condition, for recounting."""
        found = Q()
        if self.states:
            found &= Q(state__in=self.states)
        if self.outcomes:
            found &= Q(outcome__in=self.outcomes)
        return found


FIGURES = {
    figure.name: figure
    for figure in (
        Figure("registered", _("Registered"), _("Every complaint, demand, suggestion and enquiry ever registered.")),
        Figure(
            "disposed",
            _("Disposed"),
            _("Resolved by an officer or closed in any way. A complaint that is reopened is not disposed any more."),
            states=frozenset({State.RESOLVED, State.CLOSED}),
        ),
        Figure(
            "satisfied",
            _("Satisfied"),
            _("Closed because the citizen said so: satisfied. Nothing else counts, no silence and no order."),
            states=frozenset({State.CLOSED}),
            outcomes=frozenset({Outcome.SATISFIED}),
        ),
        Figure(
            "rejected",
            _("Rejected"),
            _("Closed because it cannot be taken up here: one person proposed it with a reason, another approved."),
            states=frozenset({State.CLOSED}),
            outcomes=frozenset({Outcome.REJECTED}),
        ),
        Figure(
            "no_reply",
            _("Closed without a reply"),
            _("Closed because the citizen gave no verdict: 15 days after the resolution, and after they were asked on "
              "three days over two channels. Their word of the next 30 days still counts."),
            states=frozenset({State.CLOSED}),
            outcomes=frozenset({Outcome.NO_REPLY}),
        ),
        Figure(
            "special_close",
            _("Closed by order"),
            _("Closed by a reasoned order that the Chief Minister's office approved. The citizen was told 3 days "
              "before and did not object."),
            states=frozenset({State.CLOSED}),
            outcomes=frozenset({Outcome.UNSATISFIED}),
        ),
    )
}


@dataclass(frozen=True)
class Standing:
    """How a complaint stands, as an event's `moved` keeps it."""

    department: int
    district: int | None
    category: int
    level: int
    channel: str
    state: str
    outcome: str
    area: int | None = None
    assignee: int | None = None
    breached: bool = False

    def dimensions(self) -> tuple:
        return self.department, self.district, self.category, self.level, self.channel


def differences(moved: list) -> Counter:
    """What an event changes: (figure, *dimensions) → −1, 0 or +1."""
    counter = Counter()
    for sign, values in zip((-1, 1), moved, strict=True):
        if values is not None:
            standing = Standing(*values)
            for figure in FIGURES.values():
                if figure.counts(standing.state, standing.outcome):
                    counter[figure.name, *standing.dimensions()] += sign
    return counter


NOW = """
    WITH position AS (
        SELECT coalesce(max(xid), %s) AS xid, coalesce(max(event_id), 0) AS event_id
        FROM grievance_readerposition WHERE name = %s
    )
    SELECT figure, department_id, district_id, sum(count)::bigint, NULL::jsonb
    FROM dashboards_dailycount GROUP BY 1, 2, 3
    UNION ALL
    SELECT NULL, NULL, NULL, NULL, event.data -> 'moved'
    FROM grievance_event AS event, position
    WHERE (event.xid, event.id) > (position.xid, position.event_id) AND event.data ? 'moved'
"""


def now() -> Counter:
    """All figures as of this moment: (figure, department, district) → count."""
    counts = Counter()
    with connection.cursor() as cursor:
        cursor.execute(NOW, [ReaderPosition.BEGINNING, READER])
        for figure, department, district, count, moved in cursor.fetchall():
            if figure is not None:
                counts[figure, department, district] += count
            else:
                for key, difference in differences(_decoded(moved)).items():
                    counts[key[:3]] += difference
    return counts


@for_half_a_minute
def of_the_state() -> Counter:
    """The state's totals by figure, for the first page: everyone opens it, so it may lag half a minute behind.
    The page of figures itself is exact."""
    totals = Counter()
    for (figure, _department, _district), count in now().items():
        totals[figure] += count
    return totals


def share(part: int, whole: int) -> int | None:
    """Percent of the whole, or None where there is no whole."""
    return round(100 * part / whole) if whole else None


# The three by which the line is known.
LEADING = ("registered", "disposed", "satisfied")


def cards(totals, names=tuple(FIGURES)) -> list[dict]:
    """Each of these figures with its count and, of the registered, its share."""
    registered = totals["registered"]
    return [
        {
            "figure": figure,
            "count": totals[figure.name],
            "share": share(totals[figure.name], registered) if figure.name != "registered" else None,
        }
        for figure in map(FIGURES.get, names)
    ]


def _decoded(moved) -> list:
    return json.loads(moved) if isinstance(moved, str) else moved


def recount() -> Counter:
    """The same from the complaints themselves: (figure, *dimensions) → count. Reads every complaint."""
    counts = Counter()
    for figure in FIGURES.values():
        rows = (
            Complaint.objects.filter(figure.condition())
            .order_by()
            .values_list("department", "district", "category", "level", "channel")
            .annotate(n=Count("id"))
        )
        counts.update({(figure.name, *row[:-1]): row[-1] for row in rows})
    return counts
