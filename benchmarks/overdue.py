"""Puts overdue complaints in place: a history of the last week in which nothing is done yet, whose time just ran out.
Only their due dates are moved past the workflow, because only what comes next is measured."""

from .portal import Portal, psql

JUST_OVERDUE = """
    UPDATE grievance_complaint SET due_at = now() - random() * interval '1 hour', warn_at = NULL
    WHERE state IN ('assigned', 'in_progress') AND breached_at IS NULL
"""


def put_in_place(portal: Portal, wanted: int) -> None:
    """Makes about `wanted` complaints that are overdue (a few of them wait for their citizens instead)."""
    portal.run("django", "load_history", "--complaints", str(wanted), "--disposed", "0", "--satisfied", "0",
               "--years", "0.02")  # fmt: skip
    psql(portal.environment, JUST_OVERDUE)
