"""What a state needs is what the code computes from measured costs; the documents hold what was measured."""

import json
from dataclasses import replace

from benchmarks import scaling, written


def between(document: str, mark: str) -> str:
    return (written.DOCS / document).read_text().split(f"<!-- {mark} -->\n")[1].split(f"\n<!-- /{mark} -->")[0]


def test_the_documents_table_is_what_the_costs_come_to():
    assert between("scaling.md", "needs") == scaling.table(), "python -m benchmarks.written"


def test_the_documents_figures_are_those_of_the_last_run_written_down():
    found = json.loads(scaling.MEASURED.read_text())
    assert between("performance.md", "measured") == written.table(found), "python -m benchmarks.written"


def test_twice_the_complaints_need_twice_the_cores_and_disk():
    large = scaling.STATES[-1]
    once, twice = scaling.need(large), scaling.need(replace(large, complaints_a_day=2 * large.complaints_a_day))
    assert abs(twice.web_cores - 2 * once.web_cores) < 1e-9
    assert twice.database_gb in (2 * once.database_gb, 2 * once.database_gb - 1)
    assert twice.web_pods >= once.web_pods
