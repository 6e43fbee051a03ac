"""The demo's clock can be put ahead: `script/chaos` jumps a whole portal by a week.

A file `clock-ahead` in the portal's folder holds seconds; each process reads it once, when it starts. Outside the
demo it is not looked at.
"""

import time
from pathlib import Path

NAME = "clock-ahead"


def apply(var: Path) -> None:
    """Lets this process live so much later, if the file says so."""
    try:
        seconds = float((var / NAME).read_text())
    except FileNotFoundError:
        return
    import time_machine  # noqa: PLC0415 - only where it is asked for

    # Waiting is measured by the monotonic clock, which is left alone: time-outs stay as long as they are.
    time_machine.travel(time.time() + seconds, tick=True).start()
