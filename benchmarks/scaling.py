"""What a state needs, from what things cost: the table of docs/scaling.md (`python -m benchmarks.written` writes it).

Costs are processor time on one core, measured by `script/bench` (docs/performance.md). Everything else is an assumption
about a state, named here so that another state puts in its own.
"""

import json
import math
from dataclasses import dataclass
from pathlib import Path

# How full a core may be at the busiest minute.
FULL = 0.6
CORES_A_POD, PROCESSES_A_POD = 2, 4


# The last run of `script/bench` that was written down.
MEASURED = Path(__file__).resolve().parents[1] / "docs" / "performance.json"
# What a registration is in the log: it comes in and is put on a desk.
EVENTS_OF_A_REGISTRATION = 2


@dataclass(frozen=True)
class Costs:
    """Milliseconds of one core for one of each; bytes on disk for one complaint with its history."""

    register_web: float
    page_web: float
    page_database: float
    event_workers: float
    event_database: float
    bytes_a_complaint: int


def measured() -> Costs:
    """The costs at the largest history of the last run that was written down."""
    sizes = json.loads(MEASURED.read_text())["sizes"]
    of = max(sizes.values(), key=lambda figures: figures["complaints"])
    workers = of["processor_ms_a_registration_worker"] + of["processor_ms_a_registration_messenger"]
    return Costs(
        register_web=of["processor_ms_a_registration_web"],
        page_web=of["processor_ms_a_page_web"],
        page_database=of["processor_ms_a_page_database"],
        event_workers=workers / EVENTS_OF_A_REGISTRATION,
        event_database=of["processor_ms_a_registration_database"] / EVENTS_OF_A_REGISTRATION,
        bytes_a_complaint=of["bytes_a_complaint"],
    )


@dataclass(frozen=True)
class State:
    """A state and how it complains. A quarter of an hour in which the monsoon is everyone's matter is `burst` times as
    busy as the busiest hour of a day."""

    name: str
    people: int
    complaints_a_day: int
    events_a_complaint: int = 6
    pages_a_complaint: int = 60
    busiest_hour: float = 0.14
    burst: float = 4.0
    years: int = 5
    files_a_complaint: float = 0.4
    file_kb: int = 350
    # The share of pages that are boards, figures and searches: these alone are read from a replica.
    read_apart: float = 0.33


# Himachal Pradesh took 6,04,557 complaints in four years and a quarter: 390 a day, 52 for each million people. The other
# state is taken to complain five times as readily, as the lines of large states are.
STATES = (
    State("Himachal Pradesh", 7_500_000, 390),
    State("Himachal Pradesh, five times as readily", 7_500_000, 1_950),
    State("A state of 7 crore", 70_000_000, 18_200),
)


@dataclass(frozen=True)
class Need:
    """What a state needs at its busiest."""

    registrations: float
    pages: float
    events: float
    web_cores: float
    worker_cores: float
    database_cores: float
    replica_cores: float
    database_gb: int
    files_gb: int

    @property
    def web_pods(self) -> int:
        return max(2, math.ceil(self.web_cores / CORES_A_POD))

    @property
    def worker_pods(self) -> int:
        return max(2, math.ceil(self.worker_cores / CORES_A_POD))


def need(state: State, costs: Costs | None = None) -> Need:
    """Rates are a second at the burst; cores are filled to 60 %."""
    costs = costs or measured()
    registrations = state.complaints_a_day * state.busiest_hour / 3600 * state.burst
    pages, events = registrations * state.pages_a_complaint, registrations * state.events_a_complaint
    database = pages * costs.page_database
    complaints = state.complaints_a_day * 365 * state.years
    return Need(
        registrations=registrations,
        pages=pages,
        events=events,
        web_cores=(registrations * costs.register_web + pages * costs.page_web) / 1000 / FULL,
        worker_cores=events * costs.event_workers / 1000 / FULL,
        database_cores=(events * costs.event_database + (1 - state.read_apart) * database) / 1000 / FULL,
        replica_cores=state.read_apart * database / 1000 / FULL,
        database_gb=math.ceil(complaints * costs.bytes_a_complaint / 1e9),
        files_gb=math.ceil(complaints * state.files_a_complaint * state.file_kb / 1e6),
    )


def table(states=STATES) -> str:
    """The needs as a table in Markdown."""
    needs = [need(state) for state in states]
    rows = [
        ("People", [f"{state.people:,}" for state in states]),
        ("Complaints a day", [f"{state.complaints_a_day:,}" for state in states]),
        ("Registered a second, at the burst", [f"{n.registrations:.1f}" for n in needs]),
        ("Pages a second, at the burst", [f"{n.pages:.0f}" for n in needs]),
        ("Events a second, at the burst", [f"{n.events:.0f}" for n in needs]),
        ("Web: cores", [f"{n.web_cores:.1f}" for n in needs]),
        ("Web: pods of 2 cores and 4 workers", [f"{n.web_pods}" for n in needs]),
        ("Workers: cores", [f"{n.worker_cores:.1f}" for n in needs]),
        ("Workers: pods of 2 cores and 4 processes", [f"{n.worker_pods}" for n in needs]),
        ("PostgreSQL, primary: cores", [f"{max(2, n.database_cores):.1f}" for n in needs]),
        ("PostgreSQL, replica: cores", [f"{max(1, n.replica_cores):.1f}" for n in needs]),
        ("Connections that PgBouncer takes from processes", [f"{(n.web_pods + 2 * n.worker_pods) * PROCESSES_A_POD}" for n in needs]),
        ("Database after five years, GB", [f"{n.database_gb:,}" for n in needs]),
        ("Files after five years, GB", [f"{n.files_gb:,}" for n in needs]),
    ]
    head = f"| | {' | '.join(state.name for state in states)} |"
    lines = [head, "|---" + "|---:" * len(states) + "|"]
    return "\n".join(lines + [f"| {name} | {' | '.join(values)} |" for name, values in rows])
