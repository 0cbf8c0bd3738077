#!/usr/bin/env python
"""The command line: ``./manage.py help`` lists the commands."""

import os
import sys

from config import embedded


def main() -> None:
    """A wrong setting or a server that does not start is one sentence, without a traceback."""
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    try:
        from django.core.exceptions import ImproperlyConfigured
        from django.core.management import execute_from_command_line
    except ImportError as error:
        sys.exit(f"{error}. Run `make install` first, then use .venv/bin/python manage.py.")
    try:
        if embedded.needs_data(sys.argv):
            if sys.argv[1] == "demo" and (ours := embedded.ours()):  # a person watches: this takes longest
                names = " and ".join(embedded.SPOKEN[name] for name in ours)
                sys.stdout.write(f"Starting {names} … (the first start takes about a minute)\n")
                sys.stdout.flush()
            embedded.ensure()
        execute_from_command_line(sys.argv)
    except (ImproperlyConfigured, embedded.ServerError) as error:
        sys.exit(str(error))


if __name__ == "__main__":
    main()
