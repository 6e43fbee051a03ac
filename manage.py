#!/usr/bin/env python
"""Django's command line. On the machine where `script/server` runs it speaks to that installation."""

import sys


def main():
    from config.command_line import adopt_running_portal  # noqa: PLC0415 - so that what is missing can be said

    adopt_running_portal()
    try:
        from django.core.management import execute_from_command_line  # noqa: PLC0415 - to say what is missing
    except ImportError:
        sys.exit("Django is not installed here: run script/server or script/test once, or activate .venv.")
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
