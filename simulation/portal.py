"""The portal's own work at one moment: what its Celery tasks do, by the same functions, in one process."""

from channels import deliveries, notices
from dashboards import folding
from grievance import citizens_turn, handover, ladder, warnings, workflow

# Each takes a batch and returns how many it took; what comes later follows from what came before.
SWEEPS = (
    workflow.route_registered, handover.hand_over, warnings.warn_due, citizens_turn.run_on_unanswered,
    citizens_turn.remind_of_verdict,
)  # fmt: skip
CLOSINGS = (citizens_turn.close_without_reply, citizens_turn.close_by_order, citizens_turn.put_away_call_backs)
READERS = (notices.follow, deliveries.send_waiting, folding.fold)


def climb() -> bool:
    """Lets climb what is overdue now; whether anything did."""
    return sum(iter(ladder.climb_overdue, 0)) > 0


def work() -> None:
    """Does all else that is due now."""
    for take in SWEEPS:
        while take():
            pass
    for close in CLOSINGS:
        close()
    for take in READERS:
        while take():
            pass
