"""For commands run by hand: which installation they speak to."""

import os
import sys

from .embedded import running_environment

NEEDED = ("SECRET_KEY", "LOG_KEY", "DATABASE_URL", "REDIS_URL")


def adopt_running_portal() -> None:
    """Takes over the environment of the portal that runs from this folder, unless another database is named by hand.

    Ends the program with a sentence where what is needed is still missing.
    """
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    running = running_environment()
    # Another database named by hand is another installation's: nothing of this one belongs to it.
    if os.environ.get("DATABASE_URL", running.get("DATABASE_URL")) == running.get("DATABASE_URL"):
        os.environ.update(running)
    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        sys.exit(
            f"The portal does not run from this folder, and these are not set: {', '.join(missing)}. "
            "Start script/server first, or give them in the environment."
        )
