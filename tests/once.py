"""A state that takes a second to make is made once for a file; each test works on a copy and leaves it as it was."""

import copy
import sys
from collections.abc import Callable, Iterator

from django.db import transaction

from departments import remembered
from grievance import doorbell


def once(make: Callable, blocker) -> Iterator[Callable]:
    """For a fixture of a module's scope: gives a function that says what was made. All is in a transaction around those
    of the tests, which roll back to here; so only for files whose tests do not commit."""
    remembered.forget()
    doorbell.forget()
    around = transaction.atomic()
    with blocker.unblock():
        around.__enter__()
        try:
            made = make()
        except BaseException:
            around.__exit__(*sys.exc_info())
            raise
    # What a test writes to the objects at hand is no more than its own either.
    yield lambda: copy.deepcopy(made)
    with blocker.unblock():
        transaction.set_rollback(True)
        around.__exit__(None, None, None)
