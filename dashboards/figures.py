"""Every figure has its one definition here: a name, a sentence and a formula, in both languages.

Pages, API, exports, reports and open data show them from here; folding (`dashboards.changes`), reading
(`dashboards.reading`) and recounting (`dashboards.recount`) follow them.

Three kinds: a `Count` says which complaints are counted by how they stand; a `Happening` says which events are
counted; a `Rate` is one figure as a share of another. Days are `Days`, read from a histogram.
"""

from dataclasses import dataclass

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from grievance.models import BREACHED, UNDISPOSED, Outcome, State

DISPOSED = (State.RESOLVED, State.CLOSED)


@dataclass(frozen=True)
class Figure:
    """What all figures have. `name` is also the column of the roll-ups, where it has one."""

    name: str
    label: object
    definition: object
    formula: object = ""


@dataclass(frozen=True)
class Count(Figure):
    """Complaints that stand so. Without `states` or `outcomes` any will do. A complaint that stands otherwise
    again is taken off, on the day when that happens."""

    states: tuple = ()
    outcomes: tuple = ()
    breached: bool = False

    def condition(self) -> Q:
        """For recounting the complaints themselves."""
        found = Q()
        if self.states:
            found &= Q(state__in=self.states)
        if self.outcomes:
            found &= Q(outcome__in=self.outcomes)
        if self.breached:
            found &= BREACHED
        return found

    def sql(self) -> str:
        """The same for one side of an event: how the complaint stood before it or after."""
        parts = []
        if self.states:
            parts.append(f"state IN ({_quoted(self.states)})")
        if self.outcomes:
            parts.append(f"outcome IN ({_quoted(self.outcomes)})")
        if self.breached:
            parts.append("breached")
        return " AND ".join(parts) or "true"


@dataclass(frozen=True)
class Happening(Figure):
    """Events of these actions, counted on their day where the complaint stood before them; `also` is one more
    condition on the event, in SQL."""

    actions: tuple = ()
    also: str = ""

    def sql(self) -> str:
        return f"action IN ({_quoted(self.actions)})" + (f" AND {self.also}" if self.also else "")


@dataclass(frozen=True)
class Rate(Figure):
    """One figure as a share of another, in percent. `less` is taken off the part; `good` says whether more is
    better (None: neither)."""

    part: str = ""
    whole: str = ""
    less: str = ""
    good: bool | None = None

    def of(self, counts) -> float | None:
        """Percent, or None where there is no whole. `counts` maps names of figures to numbers."""
        whole = counts[self.whole]
        return 100 * self.cases(counts) / whole if whole else None

    def cases(self, counts) -> int:
        return counts[self.part] - (counts[self.less] if self.less else 0)


@dataclass(frozen=True)
class Days(Figure):
    """Days from registration until something happened: a quantile of the durations of `measure`."""

    measure: str = ""
    quantile: float = 0.5


def _quoted(names) -> str:
    return ", ".join(f"'{name!s}'" for name in names)


COUNTS = (
    Count(
        "registered",
        _("Registered"),
        _("Every complaint, demand, suggestion and enquiry ever registered."),
        _("Number of complaints registered"),
    ),
    Count(
        "disposed",
        _("Disposed"),
        _(
            "Resolved by an officer or closed in any way. A complaint that is reopened is not disposed any more: it is "
            "taken off on that day, which can so come out below zero."
        ),
        _("Number of complaints that are resolved or closed"),
        states=DISPOSED,
    ),
    Count(
        "satisfied",
        _("Satisfied"),
        _("Closed because the citizen said so: satisfied. Nothing else counts, no silence and no order."),
        _("Number of complaints closed on a satisfied verdict"),
        states=(State.CLOSED,),
        outcomes=(Outcome.SATISFIED,),
    ),
    Count(
        "rejected",
        _("Rejected"),
        _("Closed because it cannot be taken up here: one person proposed it with a reason, another approved."),
        _("Number of complaints closed as rejected"),
        states=(State.CLOSED,),
        outcomes=(Outcome.REJECTED,),
    ),
    Count(
        "no_reply",
        _("Closed without a reply"),
        _(
            "Closed because the citizen gave no verdict: 15 days after the resolution, and after they were asked on "
            "three days over two channels. Their word of the next 30 days still counts."
        ),
        _("Number of complaints closed without a verdict"),
        states=(State.CLOSED,),
        outcomes=(Outcome.NO_REPLY,),
    ),
    Count(
        "special_close",
        _("Closed by order"),
        _(
            "Closed by a reasoned order that the Chief Minister's office approved. The citizen was told 3 days "
            "before and did not object."
        ),
        _("Number of complaints closed by order"),
        states=(State.CLOSED,),
        outcomes=(Outcome.UNSATISFIED,),
    ),
    Count(
        "withdrawn",
        _("Withdrawn or joined"),
        _("Closed because the citizen took it back, or because it says the same as another one that goes on."),
        _("Number of complaints withdrawn, plus those joined with another"),
        states=(State.CLOSED,),
        outcomes=(Outcome.WITHDRAWN, Outcome.DUPLICATE),
    ),
    Count(
        "breached",
        _("Breached"),
        _("Open, and even the time of the highest level has run out."),
        _("Number of open complaints whose time at the fourth level ran out"),
        states=UNDISPOSED,
        breached=True,
    ),
)

HAPPENINGS = (
    Happening(
        "asked",
        _("Asked for the verdict"),
        _(
            "An officer reported that it is done, and the citizen was asked whether that is so. A complaint that is "
            "reopened and resolved again counts again."
        ),
        _("Number of resolutions"),
        actions=("resolve",),
    ),
    Happening(
        "late",
        _("Resolved late"),
        _("Resolved after the time of any level had run out, since it was registered, transferred or reopened."),
        _("Number of resolutions after a deadline"),
        actions=("resolve",),
        also="data @> '{\"late\": true}'",
    ),
    Happening(
        "answered",
        _("Verdicts"),
        _("The citizen said whether they are satisfied, by any channel."),
        _("Number of verdicts, satisfied and not"),
        actions=("satisfied", "not_satisfied"),
    ),
    Happening(
        "praised",
        _("Satisfied verdicts"),
        _("The citizen said: satisfied. A complaint that is judged twice counts twice."),
        _("Number of satisfied verdicts"),
        actions=("satisfied",),
    ),
    Happening(
        "reopened",
        _("Reopened"),
        _("Came back to an officer because the citizen was not satisfied, or asked for it after it was closed."),
        _("Number of times complaints were reopened"),
        actions=("not_satisfied", "reopen"),
    ),
    Happening(
        "transferred",
        _("Transferred"),
        _("Given on to another department or place, counted where it was given away."),
        _("Number of transfers"),
        actions=("transfer",),
    ),
    Happening(
        "escalated",
        _("Climbed"),
        _("Climbed a level because the time had run out, counted where it ran out."),
        _("Number of climbs"),
        actions=("escalate",),
    ),
    Happening(
        "ran_out",
        _("Last deadline missed"),
        _("The time of the highest level ran out."),
        _("Number of times the time of the fourth level ran out"),
        actions=("breach",),
    ),
    Happening(
        "lapsed",
        _("Orders that lapsed"),
        _("An order to close had no effect, because no notice could be sent to the citizen within 7 days."),
        _("Number of orders that lapsed"),
        actions=("lapse",),
    ),
    Happening(
        "called",
        _("Calls back"),
        _("The 1100 desk called the citizen back for the verdict, whether they were reached or not."),
        _("Number of calls back"),
        actions=("call",),
    ),
)

# Made of the counts, so that it needs no column.
OPEN = Figure(
    "open",
    _("Open"),
    _("Registered and neither resolved nor closed."),
    _("Registered − disposed"),
)

RATES = (
    Rate(
        "disposed_share",
        _("Disposed, of registered"),
        _("How much of what was registered is disposed of."),
        _("Disposed ÷ registered"),
        part="disposed",
        whole="registered",
        good=True,
    ),
    Rate(
        "satisfied_share",
        _("Satisfied, of registered"),
        _("How much of what was registered ended with a satisfied citizen."),
        _("Satisfied ÷ registered"),
        part="satisfied",
        whole="registered",
        good=True,
    ),
    Rate(
        "satisfied_of_disposed",
        _("Satisfied, of disposed"),
        _("How much of what is disposed of was closed on a satisfied verdict."),
        _("Satisfied ÷ disposed"),
        part="satisfied",
        whole="disposed",
        good=True,
    ),
    Rate(
        "praised_of_asked",
        _("Satisfied, of those asked"),
        _("Satisfied verdicts beside the resolutions of the same days. Verdicts on earlier resolutions count too."),
        _("Satisfied verdicts ÷ resolutions"),
        part="praised",
        whole="asked",
        good=True,
    ),
    Rate(
        "praised_of_answered",
        _("Satisfied, of those who answered"),
        _("Of the verdicts given: how many say satisfied."),
        _("Satisfied verdicts ÷ verdicts"),
        part="praised",
        whole="answered",
        good=True,
    ),
    Rate(
        "answered_of_asked",
        _("Answered, of those asked"),
        _(
            "Verdicts beside the resolutions of the same days. Verdicts on earlier resolutions count too, so that in a "
            "few days it can exceed one hundred per cent."
        ),
        _("Verdicts ÷ resolutions"),
        part="answered",
        whole="asked",
        good=True,
    ),
    Rate(
        "on_time",
        _("Within the deadline"),
        _("Of the resolutions: those before the time of any level had run out."),
        _("(Resolutions − resolved late) ÷ resolutions"),
        part="asked",
        less="late",
        whole="asked",
        good=True,
    ),
    Rate(
        "reopened_share",
        _("Reopened, of resolved"),
        _("How often a complaint came back after it was resolved."),
        _("Times reopened ÷ resolutions"),
        part="reopened",
        whole="asked",
        good=False,
    ),
    Rate(
        "transferred_share",
        _("Transferred, of registered"),
        _("How often a complaint was given on to another department or place."),
        _("Transfers ÷ registered"),
        part="transferred",
        whole="registered",
        good=False,
    ),
)

DAYS = (
    Days(
        "median_days",
        _("Median days to dispose"),
        _("Half of the disposals took no longer than this, from the day of registration. Within 2%."),
        _("50th percentile of days from registration to each disposal"),
        measure="disposed",
        quantile=0.5,
    ),
    Days(
        "p90_days",
        _("Days to dispose, nine of ten"),
        _("Nine of ten disposals took no longer than this, from the day of registration. Within 2%."),
        _("90th percentile of days from registration to each disposal"),
        measure="disposed",
        quantile=0.9,
    ),
    Days(
        "days_to_level_2",
        _("Median days to level 2"),
        _("Half of the complaints that climbed to level 2 took no longer than this to get there. Within 2%."),
        _("50th percentile of days from registration to the climb to level 2"),
        measure="level2",
    ),
    Days(
        "p90_days_to_level_2",
        _("Days to level 2, nine of ten"),
        _("Nine of ten complaints that climbed to level 2 took no longer than this to get there. Within 2%."),
        _("90th percentile of days from registration to the climb to level 2"),
        measure="level2",
        quantile=0.9,
    ),
    Days(
        "days_to_level_3",
        _("Median days to level 3"),
        _("Half of the complaints that climbed to level 3 took no longer than this to get there. Within 2%."),
        _("50th percentile of days from registration to the climb to level 3"),
        measure="level3",
    ),
    Days(
        "p90_days_to_level_3",
        _("Days to level 3, nine of ten"),
        _("Nine of ten complaints that climbed to level 3 took no longer than this to get there. Within 2%."),
        _("90th percentile of days from registration to the climb to level 3"),
        measure="level3",
        quantile=0.9,
    ),
    Days(
        "days_to_level_4",
        _("Median days to level 4"),
        _("Half of the complaints that climbed to level 4 took no longer than this to get there. Within 2%."),
        _("50th percentile of days from registration to the climb to level 4"),
        measure="level4",
    ),
    Days(
        "p90_days_to_level_4",
        _("Days to level 4, nine of ten"),
        _("Nine of ten complaints that climbed to level 4 took no longer than this to get there. Within 2%."),
        _("90th percentile of days from registration to the climb to level 4"),
        measure="level4",
        quantile=0.9,
    ),
)

# What the 1100 desk's board alone shows.
DESK = (
    Figure(
        "registered_by_phone",
        _("Registered by phone"),
        _("Complaints that an agent registered while the citizen was on the phone."),
        _("Number of complaints registered over the channel phone"),
    ),
    Figure(
        "calls",
        _("Calls taken and made"),
        _("Complaints registered on the phone, and calls back for the verdict."),
        _("Registered by phone + calls back"),
    ),
    Figure(
        "to_call",
        _("Waiting for a call"),
        _("Citizens whom the desk may call today for their verdict."),
        _("Number of open tasks to call back, due today or before"),
    ),
)

OPEN_BY_AGE = Figure(
    "open_by_age",
    _("Open by age"),
    _(
        "How many of those that are open today were registered so many days ago. The age runs from the day of "
        "registration, also where a complaint was given on or reopened."
    ),
    _("Number of open complaints, by days from the day of registration to today"),
)

# What the categories are told by that bring more than their season does.
RISING = (
    Figure(
        "risen",
        _("Registered in four weeks"),
        _("Registered in the four weeks until today."),
        _("Number of complaints registered in the last 28 days"),
    ),
    Figure(
        "expected",
        _("Expected"),
        _(
            "What the same four weeks of last year brought, scaled by how much all that is chosen here grew since then."
            " Where fewer than 10 were registered then: what the four weeks before brought."
        ),
        _("Registered then × all registered in the four weeks ÷ all registered then"),
    ),
    Rate(
        "rise",
        _("More"),
        _(
            "How much more came than expected. Only categories stand here with so much more that it is hardly chance: "
            "at least 10 complaints, and at least twice the square root of what was expected above it."
        ),
        _("(Registered in four weeks − expected) ÷ expected"),
        part="risen",
        less="expected",
        whole="expected",
    ),
)

# Complaints of the open ones by how long ago they were registered: (at least so many days, label).
AGES = (
    (0, _("Up to 7 days")),
    (8, _("8 to 30 days")),
    (31, _("31 to 90 days")),
    (91, _("91 days to a year")),
    (366, _("More than a year")),
)

# What the roll-ups have a column for.
COLUMNS = tuple(figure.name for figure in (*COUNTS, *HAPPENINGS))
FIGURES = {figure.name: figure for figure in (*COUNTS, OPEN, OPEN_BY_AGE, *HAPPENINGS, *RATES, *DAYS, *DESK, *RISING)}

# The three by which the line is known.
LEADING = ("registered", "disposed", "satisfied")
# How it was closed, beside the satisfied ones.
CLOSINGS = ("rejected", "no_reply", "special_close", "withdrawn")


def share(part: int, whole: int) -> int | None:
    """Percent of the whole, or None where there is no whole."""
    return round(100 * part / whole) if whole else None


def cards(counts, names) -> list[dict]:
    """Each of these figures with its count and, of the registered, its share."""
    return [
        {
            "figure": FIGURES[name],
            "count": counts[name],
            "share": share(counts[name], counts["registered"]) if name != "registered" else None,
        }
        for name in names
    ]
