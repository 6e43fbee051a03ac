"""The portal's own work at one moment: what its Celery tasks do, by the same functions, in one process."""

from functools import partial

from channels import deliveries
from grievance import citizens_turn, handover, ladder, readers, warnings, workflow

# Each takes a batch and returns how many it took; what comes later follows from what came before.
AT_ONCE = (workflow.route_registered, warnings.warn_due)
# These wait for days, and a few hours make no difference to them.
IN_TIME = (handover.hand_over, citizens_turn.run_on_unanswered, citizens_turn.remind_of_verdict)
CLOSINGS = (citizens_turn.close_without_reply, citizens_turn.close_by_order, citizens_turn.let_orders_lapse,
            citizens_turn.put_away_call_backs)
# These take a batch, and only where it was full may there be more.
READERS = (
    *((partial(readers.follow, reader.name), reader.batch) for reader in readers.every()),
    (deliveries.send_waiting, deliveries.BATCH_TOGETHER),
)


def climb() -> bool:
    """Lets climb what is overdue now; whether anything did."""
    return sum(iter(ladder.climb_overdue, 0)) > 0


def work(*, all_of_it: bool = True) -> None:
    """Does what else is due now: all of it, or what follows at once from what people did."""
    for take in (*AT_ONCE, *IN_TIME) if all_of_it else AT_ONCE:
        while take():
            pass
    for close in CLOSINGS if all_of_it else ():
        close()
    for take, full in READERS:
        while take() >= full:
            pass
