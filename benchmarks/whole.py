"""All measurements in one run, at several sizes of history: `script/bench`.

Each size has a portal of its own, as shipped (web, worker, messenger, beat, readers), in a folder that is kept: its history
is loaded once. Rates and times at one size come from real HTTP with concurrent clients on the same machine; ratios to
`pgbench`, to a bare view and to bare SQL come from the same run, those of the largest size to the smallest from both
running at once (`benchmarks.growth`). Budgets stand in `benchmarks.budgets`: what is past its
budget is marked, and the exit code is 1.
"""

import argparse
import json
import os
import platform
import re
import shutil
import statistics
import sys
import threading
import time
from collections import Counter
from pathlib import Path
from urllib.parse import urlencode

from config import embedded
from config.supervisor import ROOT, say

from . import browsers, budgets, exports, growth, history, lifecycle, pages, processors, sweep
from .clients import Result, failed, run
from .portal import Portal, let_it_tidy_up, psql, running_portal, settle

# What people look for: a word of either script, two words, a place with one, a name, a typing error, a phone number
# (of whom the forms filed for), words that stand together nowhere.
SEARCHES = ("पानी", "paani sadak", "Theog bijli", "negi", "handpmup", "9500000001", "bill handpump bijli sadak")
SEARCHERS = ("cm_office", "nodal", "officer")
# The last but one of so many is the 95th percentile.
SEARCHED = 21


# The size at which all complaints are taken out as one list.
LISTED = "M"


def main() -> int:
    """Runs everything, prints the table, writes JSON; 1 where a figure is past its budget."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--sizes", default="S,M,L", help="letters, parted by commas (S,M,L)")
    parser.add_argument("--xl", action="store_true", help="XL too: 60 lakh complaints, 45 GB and some hours")
    parser.add_argument("--seconds", type=float, default=10, help="how long each load lasts (10)")
    parser.add_argument("--clients", type=int, default=4, help="how many at once (4)")
    parser.add_argument(
        "--sweep", type=int, default=100_000, help="how many overdue the sweep is measured with (100000)"
    )
    parser.add_argument(
        "--history", type=int, default=100_000, help="how many the history's load is measured with (100000)"
    )
    parser.add_argument("--fresh", action="store_true", help="make the folders of all sizes anew")
    parser.add_argument("--json", type=Path, help="also write the figures to this file")
    options = parser.parse_args()
    sizes = options.sizes.split(",") + (["XL"] if options.xl else [])
    if options.fresh:
        forget(*(f"bench-{size}" for size in sizes))
    found = {"machine": machine(), "sizes": {size: at_size(size, options) for size in sizes}}
    found["whole"] = growth.measure(sizes[0], sizes[-1], options) if len(sizes) > 1 else {}
    found["whole"] |= most_memory(found["sizes"]) | once(options)
    found["whole"] |= at_reference_speed(found["sizes"], found["whole"])
    if options.json:
        options.json.write_text(json.dumps(found, indent=1))
    late = show(found)
    return 1 if late else 0


def forget(*names: str) -> None:
    for name in names:
        folder = ROOT / "var" / name
        if folder.exists():
            shutil.rmtree(embedded.data_folder(folder), ignore_errors=True)
            shutil.rmtree(folder, ignore_errors=True)


def machine() -> dict:
    memory = re.search(r"MemTotal:\s+(\d+)", Path("/proc/meminfo").read_text()).group(1)
    return {"cores": os.cpu_count(), "memory_gb": round(int(memory) / 1e6), "python": platform.python_version(),
            "on": time.strftime("%Y-%m-%d")}  # fmt: skip


def at_size(size: str, options) -> dict:
    """All that is measured with so much history in place."""
    say(f"== {size}: {budgets.SIZES[size]:,} complaints")
    with running_portal(f"bench-{size}") as portal:
        history.fill(portal, budgets.SIZES[size])
        let_it_tidy_up(portal)
        actors, people = lifecycle.people(portal.var), browsers.People(portal)
        one = lifecycle.Lifecycle(portal.base, actors)
        loads = {"clients": options.clients, "seconds": options.seconds}
        figures = disk(portal)
        figures |= rates("lifecycle", run(one, **loads), plural="lifecycles")
        with Lag(portal) as lag:
            figures |= rates("registration", run(one.create, **loads), plural="registrations")
        figures["readers_lag_seconds"] = round(lag.most, 1)
        figures |= rates("filing_by_forms", run(browsers.file_a_complaint(people), **loads))
        settle(portal)
        figures |= rates("desk_turn", run(browsers.work_at_the_desk(people), **loads))
        figures |= processors.memory(portal)
        settle(portal)
        figures |= milliseconds_of_pages(portal, people)
        figures |= slowest_search(people)
        figures |= processor_time(portal, one)
        if size == LISTED:
            figures |= exports.measure(portal, people)
    figures = {name: value for name, value in figures.items() if value is not None}
    # At once: what comes after may take an hour, or fail.
    say(json.dumps(figures))
    return figures


def rates(name: str, result: Result, plural: str = "") -> dict:
    return {
        f"{plural or name}_a_second": round(result.rate, 1),
        **{f"{name}_p{p}_ms": round(result.percentile(p / 100)) for p in (50, 95, 99) if result.done},
        **failed(name, result),
    }


class Lag:
    """The greatest lag of any reader while something goes on, looked at twice a second."""

    def __init__(self, portal: Portal):
        self.portal, self.most, self._over = portal, 0.0, threading.Event()
        self._failed: SystemExit | None = None
        self._thread = threading.Thread(target=self._watch)

    def __enter__(self):
        self._thread.start()
        return self

    def __exit__(self, *_error):
        self._over.set()
        self._thread.join()
        if self._failed:
            raise self._failed

    def _watch(self) -> None:
        try:
            self._look()
        except SystemExit as failed:
            # A thread ends with it and says nothing: the lag would stay what it was.
            self._failed = failed

    def _look(self) -> None:
        while not self._over.wait(0.5):
            age = psql(self.portal.environment, """
                SELECT coalesce(max(extract(epoch FROM now() - oldest.at)), 0) FROM grievance_readerposition AS reader,
                LATERAL (SELECT e.at FROM grievance_event e WHERE (e.xid, e.id) > (reader.xid, reader.event_id)
                         ORDER BY e.xid, e.id LIMIT 1) AS oldest
            """)  # fmt: skip
            self.most = max(self.most, float(age))


def milliseconds_of_pages(portal: Portal, people: browsers.People) -> dict:
    """Milliseconds of each page for one person alone, and of a core for a page of this mixture."""
    wanted, figures = pages.wanted(portal, people), {}

    def open_all():
        for name, page in wanted.items():
            pages.seconds(page)
            times = [pages.seconds(page) for _time in range(pages.REPEATS)]
            figures.update({f"{name}_p50_ms": round(1000 * statistics.median(times)),
                            f"{name}_p95_ms": round(1000 * pages.percentile_95(times))})  # fmt: skip

    spent = taken(portal, open_all)
    return figures | milliseconds("page", spent, len(wanted) * (pages.REPEATS + 1))


def slowest_search(people: browsers.People) -> dict:
    """Milliseconds that the slowest of all searches by each of the searchers stays within; which one, it says."""
    found = {}
    for role in SEARCHERS:
        browser = people.of_staff(role)
        for words in SEARCHES:
            path = f"/desk/search/?{urlencode({'q': words})}"
            pages.seconds((browser, path))
            found[role, words] = pages.percentile_95([pages.seconds((browser, path)) for _time in range(SEARCHED)])
    slowest = max(found, key=found.get)
    say(f"   the slowest search: {' for '.join(slowest)}")
    return {"slowest_search_p95_ms": round(1000 * found[slowest])}


def disk(portal: Portal) -> dict:
    size, complaints = psql(
        portal.environment, "SELECT pg_database_size(current_database()), (SELECT count(*) FROM grievance_complaint)"
    ).split("|")
    size, complaints = int(size), int(complaints)
    return {
        "complaints": complaints,
        "database_mb": size // 1_000_000,
        "bytes_a_complaint": size // max(1, complaints),
    }


def processor_time(portal: Portal, one: lifecycle.Lifecycle, registrations: int = 200) -> dict:
    """Milliseconds of a core that one registration takes until all that follows from it is done, by kind of process."""

    def register():
        for number in range(registrations):
            one.create(number)
        settle(portal)

    settle(portal)
    return milliseconds("registration", taken(portal, register), registrations)


def taken(portal: Portal, work) -> Counter:
    """Seconds of a core that each kind of process takes meanwhile."""
    before = processors.spent(portal)
    work()
    return processors.spent(portal) - before


def milliseconds(of: str, seconds: Counter, count: int) -> dict:
    return {f"processor_ms_a_{of}_{kind}": round(1000 * seconds[kind] / count, 1)
            for kind in ("web", "worker", "messenger", "database") if seconds[kind]}  # fmt: skip


def most_memory(by_size: dict) -> dict:
    """The most that a process of either kind took at any size."""
    return {name: max(figures[name] for figures in by_size.values()) for name in ("web_worker_mb", "celery_process_mb")}


def at_reference_speed(by_size: dict, whole: dict) -> dict:
    """The lifecycles at M as the design's machine would do them, by what a bare view did there and here."""
    if "M" not in by_size:
        return {}
    faster = budgets.REFERENCE_BARE_VIEWS_A_SECOND / whole["bare_view_a_second"]
    return {"lifecycles_at_reference_speed": round(by_size["M"]["lifecycles_a_second"] * faster, 1)}


def once(options) -> dict:
    """Next to the bare view and pgbench, the history's load and the sweep: each once, in a folder made anew."""
    forget("bench-once")
    with running_portal("bench-once") as portal:
        found = {"first_start_seconds": portal.start_seconds}
    with running_portal("bench-once") as portal:
        found["start_seconds"] = portal.start_seconds
        say("== the history's load beside COPY")
        portal.pause_workers()
        found |= history.load_beside_copy(portal, options.history)
        portal.go_on()
        say("== registering beside a bare view in turns, then pgbench")
        let_it_tidy_up(portal)
        found |= lifecycle.beside_bare(portal, options)
        found["pgbench_a_second"] = round(lifecycle.measure_pgbench(portal.environment, options), 1)
        found["registration_to_pgbench"] = round(found["registrations_alone_a_second"] / found["pgbench_a_second"], 2)
    if options.sweep:
        forget("bench-once")
        with running_portal("bench-once") as portal:
            say("== the sweep beside bare statements")
            portal.pause_workers()
            found |= sweep.measure(portal, options.sweep)
    forget("bench-once")
    return found


def show(found: dict) -> int:
    """Prints the table; returns how many figures are past their budget."""
    by_size, late = found["sizes"], 0
    names = list(dict.fromkeys(name for figures in by_size.values() for name in figures))
    width = max(map(len, [*names, *found["whole"]])) + 2
    say(f"{'':<{width}}" + "".join(f"{size:>14}" for size in by_size))
    for name in names:
        cells = []
        for size, figures in by_size.items():
            is_late = name in budgets.past(figures, size)
            late += is_late
            cells.append(f"{figures.get(name, '–')}{' !' if is_late else ''}")
        say(f"{name.replace('_', ' '):<{width}}" + "".join(f"{cell:>14}" for cell in cells))
    past = budgets.past(found["whole"])
    for name, value in found["whole"].items():
        mark = f"  ! budget {past[name]}" if name in past else ""
        say(f"{name.replace('_', ' '):<{width}}{value!s:>14}{mark}")
    late += len(past)
    say(f"{late} figures are past their budget (marked !)." if late else "All figures are within their budgets.")
    return late


if __name__ == "__main__":
    sys.exit(main())
