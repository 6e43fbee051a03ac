"""What a state needs is what the code computes from named costs."""

from dataclasses import replace
from pathlib import Path

from benchmarks import scaling

DOCUMENT = Path(__file__).resolve().parents[2] / "docs" / "scaling.md"


def test_the_documents_table_is_what_the_costs_come_to():
    written = DOCUMENT.read_text().split("<!-- needs -->\n")[1].split("<!-- /needs -->")[0]
    assert written == scaling.table() + "\n"


def test_twice_the_complaints_need_twice_the_cores_and_disk():
    large = scaling.STATES[-1]
    once, twice = scaling.need(large), scaling.need(replace(large, complaints_a_day=2 * large.complaints_a_day))
    assert abs(twice.web_cores - 2 * once.web_cores) < 1e-9
    assert twice.database_gb in (2 * once.database_gb, 2 * once.database_gb - 1)
    assert twice.web_pods >= once.web_pods
