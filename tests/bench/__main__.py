"""``make bench``: prints medians and ratios beside hand-written floors, and writes bench.json.

    make bench                        everything, a few minutes
    make bench ARGS="--stays 20000"   another size
    make bench ARGS="--only import"   a part: calculation, loop, scale, import

Ratios mean something; seconds on a shared machine do not.
"""

import argparse
import json
import os
import sys
from typing import Any

import psycopg

from config import embedded

DATABASE = "bench"


def main() -> int:
    parser = argparse.ArgumentParser(prog="make bench")
    parser.add_argument("--stays", type=int, default=10_000)
    parser.add_argument("--scale", type=int, default=200_000)
    parser.add_argument("--rounds", type=int, default=5)
    parser.add_argument("--only", choices=["calculation", "loop", "scale", "import"], action="append")
    asked = parser.parse_args()
    _prepare_database()

    from tests.bench import calculation, import_bench, parts

    chosen = asked.only or ["calculation", "loop", "scale", "import"]
    results: dict[str, Any] = {}
    if {"calculation", "loop", "scale"} & set(chosen):
        results |= parts.calculation_parts(chosen, stays=asked.stays, scale=asked.scale, rounds=asked.rounds)
    if "import" in chosen:
        calculation.empty_database()
        results["import"] = import_bench.run(rounds=asked.rounds, bookings=asked.stays)
        parts.show("import / floor", results["import"]["ratio"], wanted=0.3)
    with open("bench.json", "w") as file:
        json.dump(results, file, indent=2)
    print("\nwritten to bench.json")
    return 0


def _prepare_database() -> None:
    """A database of its own, migrated, on the server that the settings name."""
    embedded.ensure()
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
    os.environ["DB_NAME"] = DATABASE
    import django
    from django.core.management import call_command

    django.setup()
    from django.db import connection

    parameters = {**connection.get_connection_params(), "dbname": "postgres"}
    for unused in ("cursor_factory", "context"):
        parameters.pop(unused, None)
    with psycopg.connect(**parameters, autocommit=True) as admin:
        admin.execute(f'DROP DATABASE IF EXISTS "{DATABASE}" WITH (FORCE)')
        admin.execute(f'CREATE DATABASE "{DATABASE}"')
    call_command("migrate", verbosity=0)


if __name__ == "__main__":
    sys.exit(main())
