#!/usr/bin/env python
"""Django's command line. On the machine where `script/server` runs it speaks to that installation."""

import os
import sys

NEEDED = ("SECRET_KEY", "LOG_KEY", "DATABASE_URL", "REDIS_URL")


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    from config.embedded import running_environment  # noqa: PLC0415 - after the default above

    running = running_environment()
    # Another database named by hand is another installation's: nothing of this one belongs to it.
    if os.environ.get("DATABASE_URL", running.get("DATABASE_URL")) == running.get("DATABASE_URL"):
        os.environ.update(running)
    if missing := [name for name in NEEDED if not os.environ.get(name)]:
        sys.exit(
            f"The portal does not run from this folder, and these are not set: {', '.join(missing)}. "
            "Start script/server first, or give them in the environment."
        )
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - to say what is missing
    except ImportError:
        sys.exit("Django is not installed here: run script/server or script/test once, or activate .venv.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
