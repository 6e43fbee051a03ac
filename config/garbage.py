"""What a process has loaded stays to its end: Python need not look through it for garbage at every turn.

Looking took a twentieth of a registration.
"""

import gc

# New objects between two looks: a request makes some thousands, and hardly any holds a circle.
BETWEEN_LOOKS = 10_000


def keep_what_is_loaded() -> None:
    """Called once a process, when all is loaded."""
    gc.collect()
    gc.freeze()
    gc.set_threshold(BETWEEN_LOOKS)
