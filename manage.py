#!/usr/bin/env python
"""Django's command line. On the machine where `script/server` runs it speaks to that installation."""

import os
import sys


def main():
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if "DATABASE_URL" not in os.environ:
        from config.embedded import running_environment  # noqa: PLC0415 - only where no database is named

        os.environ.update(running_environment())
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - to say what is missing
    except ImportError:
        sys.exit("Django is not installed here: run script/server or script/test once, or activate .venv.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
