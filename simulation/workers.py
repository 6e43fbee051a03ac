"""Lets the workers of a running portal stand still while virtual time passes.

They live in the present: to them all that is played would be long overdue. A worker that is started meanwhile works,
so nothing stays still for ever, however the play ends.
"""

import time
from collections.abc import Iterator
from contextlib import contextmanager

from celery import current_app
from kombu.exceptions import OperationalError

ANSWER_SECONDS = 2
LONGEST_TASK_SECONDS = 60


@contextmanager
def standing_still() -> Iterator[int]:
    """Yields how many workers stand still. They take up work again at the end."""
    control = current_app.control
    try:
        queues = control.inspect(timeout=ANSWER_SECONDS).active_queues() or {}
    except OperationalError:
        # Without a broker no worker hears anything.
        queues = {}
    taken = [(worker, queue["name"]) for worker, its_own in queues.items() for queue in its_own]
    try:
        for worker, queue in taken:
            control.cancel_consumer(queue, destination=[worker], reply=True, timeout=ANSWER_SECONDS)
        deadline = time.monotonic() + LONGEST_TASK_SECONDS
        while queues and _busy(control) and time.monotonic() < deadline:
            time.sleep(0.2)
        yield len(queues)
    finally:
        for worker, queue in taken:
            control.add_consumer(queue, destination=[worker], reply=True, timeout=ANSWER_SECONDS)


def _busy(control) -> bool:
    return any((control.inspect(timeout=ANSWER_SECONDS).active() or {}).values())
