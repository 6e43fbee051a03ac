"""Writes docs/workflow.md from the workflow's table: `python -m grievance.workflow_docs`."""

import sys
from pathlib import Path

import django
from django.utils.translation import override

TARGET = Path(__file__).resolve().parent.parent / "docs" / "workflow.md"
WHO = {"l3": "officer of level 3 or 4", "l4": "officer of level 4", "staff": "anyone of the staff who sees it",
       "cm_office": "Chief Minister's office", "nodal": "nodal officer", "agent": "call agent on the phone",
       "assignee": "assignee or stand-in"}  # fmt: skip


def render() -> str:
    """The document's text, as the code now is."""
    from .models import State  # noqa: PLC0415 - needs Django set up
    from .table import TABLE  # noqa: PLC0415

    with override("en"):
        lines = [
            "# Workflow",
            "",
            "Made from `grievance/table.py` by `python -m grievance.workflow_docs`; a test holds it current.",
            "",
            "```mermaid",
            "stateDiagram-v2",
            "    [*] --> registered: register",
        ]
        for rule in TABLE.values():
            if rule.to is not None:
                lines += [
                    f"    {state} --> {rule.to}: {rule.name}" for state in State.values if state in rule.from_states
                ]
        lines += [
            "    closed --> [*]",
            "```",
            "",
            "| action | from | to | who | needs | what it does |",
            "|---|---|---|---|---|---|",
        ]
        for rule in TABLE.values():
            states = [state for state in State.values if state in rule.from_states]
            come_from = "any" if len(states) == len(State.values) else ", ".join(states)
            who = ", ".join(WHO.get(role, role) for role in rule.who)
            needs = ", ".join(rule.needs) or "–"
            lines.append(f"| {rule.name} | {come_from} | {rule.to or 'stays'} | {who} | {needs} | {rule.effect} |")
    lines += [
        "",
        "Conditions beyond the table's columns (`grievance/access.py`): after the second transfer only triage",
        "transfers; another person decides on a proposal than the one who made it; reopening is possible for 30",
        "days and never after withdrawal. A complaint about an officer never reaches that officer or one below. A",
        "verdict on a closed complaint is possible for 30 days where it was closed without a reply. What must be shown",
        "before a complaint is closed over its citizen's head (`grievance/turn_effects.py`): attempts on three days",
        "over two channels, of which a reminder counts only when it was sent; a notice that was sent three days ago.",
        "An order whose notice could not be sent (nothing is sent or waits seven days after the approval) lapses.",
        "",
    ]
    return "\n".join(lines)


if __name__ == "__main__":
    django.setup()
    TARGET.write_text(render(), encoding="utf-8")
    sys.stdout.write(f"{TARGET.name} written\n")
