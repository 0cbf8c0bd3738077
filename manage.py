#!/usr/bin/env python
"""The command line: ``./manage.py help`` lists the commands."""

import os
import sys

from config import embedded


def main() -> None:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    if embedded.needs_data(sys.argv):
        embedded.ensure()
    try:
        from django.core.management import execute_from_command_line
    except ImportError as error:
        raise SystemExit(f"{error}. Run `make install` first, then use .venv/bin/python manage.py.") from error
    execute_from_command_line(sys.argv)


if __name__ == "__main__":
    main()
