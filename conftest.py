"""The test run's servers and database.

The embedded servers start once. Migrating an empty database takes seconds in every test process, so a template is
migrated once a fingerprint of the schema and copied from then on.
"""

import os
import subprocess
import sys
from pathlib import Path

import psycopg
import pytest
from django.conf import settings
from django.db import connections

from config import embedded, schema

embedded.ensure()

TEMPLATE_LOCK = 5746


@pytest.fixture(scope="session")
def django_db_modify_db_settings(django_db_modify_db_settings_parallel_suffix: None) -> None:
    settings.DATABASES["default"].setdefault("TEST", {})
    connections["default"].settings_dict["TEST"]["TEMPLATE"] = _template()


def _template() -> str:
    """The name of the migrated template; made where it is missing, while other test processes wait."""
    name = f"template_{schema.fingerprint()}"
    parameters = {**connections["default"].get_connection_params(), "dbname": "postgres"}
    parameters.pop("cursor_factory", None), parameters.pop("context", None)
    with psycopg.connect(**parameters, autocommit=True) as admin:
        admin.execute("SELECT pg_advisory_lock(%s)", [TEMPLATE_LOCK])
        rows = admin.execute("SELECT datname FROM pg_database WHERE datname LIKE 'template\\_%'").fetchall()
        if (name,) not in rows:
            for (old,) in rows:
                admin.execute(f'DROP DATABASE "{old}"')
            admin.execute(f'CREATE DATABASE "{name}_new"')
            subprocess.run(
                [sys.executable, "manage.py", "migrate", "--verbosity", "0"],
                cwd=Path(__file__).parent,
                env={**os.environ, "DB_NAME": f"{name}_new"},
                check=True,
            )
            admin.execute(f'ALTER DATABASE "{name}_new" RENAME TO "{name}"')
    return name
