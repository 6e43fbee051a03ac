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


@pytest.mark.parametrize("page", [*ROOT.glob("*.md"), *ROOT.glob("docs/*.md")], ids=lambda path: path.name)
def test_every_file_a_page_names_is_there(page):
    text = page.read_text(encoding="utf-8")
    links = [target for target in re.findall(r"\]\(([^)#]+)\)", text) if "://" not in target]
    named = re.findall(
        r"`((?:config|departments|citizens|grievance|channels|dashboards|templates|static|script|docs|locale)/[\w./-]+)`",
        text,
    )

    missing = [t for t in links if not (page.parent / t).exists()] + [n for n in named if not (ROOT / n).exists()]

    assert missing == []
