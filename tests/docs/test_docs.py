"""The documents tell the truth about the code."""

import re
from pathlib import Path

import pytest

from grievance import workflow_docs

ROOT = Path(__file__).resolve().parents[2]


def test_the_workflow_page_is_current():
    assert workflow_docs.TARGET.read_text(encoding="utf-8") == workflow_docs.render(), (
        "python -m grievance.workflow_docs"
    )


def never() -> dict[str, list[str]]:
    """What must never happen → the tests that hold it, as the page on reliability says."""
    page = (ROOT / "docs" / "reliability.md").read_text(encoding="utf-8")
    rows = page.split("## What must never happen")[1].split("## ")[0].strip().splitlines()[2:]
    cells = [row.strip("| ").split(" | ") for row in rows]
    return {row[0]: re.findall(r"`([^`]+)`", row[2]) for row in cells}


def test_everything_that_must_never_happen_has_a_test():
    assert len(never()) == 14
    for what, tests in never().items():
        assert tests, what


@pytest.mark.parametrize("what", never())
def test_the_tests_that_hold_it_are_there(what):
    for named in never()[what]:
        path, name = named.split("::")
        assert re.search(rf"^def {name}\(", (ROOT / path).read_text(encoding="utf-8"), re.MULTILINE), named


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda path: path.name)
def test_every_file_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    links = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    named = re.findall(
        r"`((?:tests|config|departments|citizens|grievance|channels|dashboards|templates|static|script|docs|locale)/[\w./-]+)`",
        text,
    )

    missing = [t for t in links if not (page.parent / t).exists()] + [n for n in named if not (ROOT / n).exists()]

    assert missing == []
