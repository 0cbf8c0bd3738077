"""The demo's own database, and nobody else's.

The embedded database carries a comment that says whose it is and of which schema. Only a database with that
comment is ever dropped, only when the schema in it is not the code's any more, and only while it holds no
other property group. One behind ``DATABASE_URL`` never is: it is migrated, and takes the demo in where it
holds nothing else.
"""

import time
from collections.abc import Callable, Iterator
from contextlib import closing, contextmanager, suppress
from typing import Any

import psycopg
from django.conf import settings
from django.db import ProgrammingError, connection
from django.utils.translation import gettext as _
from psycopg import sql

from config import schema
from loyalty.demo.story import GROUP

LOCK = 5747
PATIENCE = 5.0  # seconds
MARK = "guest loyalty demo, schema "
Say = Callable[[str], object]


class RebuildError(Exception):
    """The database has to be rebuilt, and must not be dropped now. One sentence."""


@contextmanager
def one_at_a_time(*, say: Say) -> Iterator[psycopg.Connection]:
    """Two demos that start at once load it once: the second waits for the first."""
    with closing(_connect()) as admin:
        if not _value(admin, "SELECT pg_try_advisory_lock(%s)", LOCK):
            say(_("Another run of the demo is at work on this database: waiting for it."))
            admin.execute("SELECT pg_advisory_lock(%s)", [LOCK])
        yield admin


def make_ready(admin: psycopg.Connection, *, say: Say) -> None:
    """Before migrating: a demo of another schema goes, an empty database is marked as the demo's."""
    if settings.DATABASE is not None:
        say(_("The database behind DATABASE_URL is used: it is migrated, and never dropped."))
        return
    mark = _mark(admin)
    if mark is None and not connection.introspection.table_names():
        mark_as_ours(admin)
    elif mark is not None and mark != schema.fingerprint():
        say(_("The tables of the demo's database are of another version of the code: it is rebuilt."))
        _refuse_others_groups()
        _rebuild(admin)
        mark_as_ours(admin)


def mark_as_ours(admin: psycopg.Connection) -> None:
    """It holds the demo and nothing else, in the schema of this code."""
    if settings.DATABASE is None:
        comment = sql.Literal(MARK + schema.fingerprint())
        admin.execute(sql.SQL("COMMENT ON DATABASE {} IS {}").format(_name(), comment))


def _mark(admin: psycopg.Connection) -> str | None:
    """The schema of the demo in the database; None where it is not the demo's."""
    query = "SELECT shobj_description(oid, 'pg_database') FROM pg_database WHERE datname = %s"
    comment = _value(admin, query, connection.settings_dict["NAME"]) or ""
    return comment.removeprefix(MARK) if comment.startswith(MARK) else None


def _refuse_others_groups() -> None:
    """Somebody went on from the demo to work of their own. Plain SQL: the models are of another schema."""
    with connection.cursor() as cursor, suppress(ProgrammingError):
        cursor.execute("SELECT count(*) FROM bookings_propertygroup WHERE code <> %s", [GROUP])
        if cursor.fetchone()[0]:
            raise RebuildError(
                _("It is not: it holds another property group too. Migrate it, or move its data away.")
            )


def _rebuild(admin: psycopg.Connection) -> None:
    connection.close()
    _wait_for_others_to_leave(admin)
    admin.execute(sql.SQL("DROP DATABASE {}").format(_name()))
    admin.execute(sql.SQL("CREATE DATABASE {}").format(_name()))


def _wait_for_others_to_leave(admin: psycopg.Connection) -> None:
    """A connection that was closed, ours too, is gone a moment later."""
    others = "SELECT count(*) FROM pg_stat_activity WHERE datname = %s AND backend_type = 'client backend'"
    deadline = time.monotonic() + PATIENCE
    while _value(admin, others, connection.settings_dict["NAME"]):
        if time.monotonic() > deadline:
            raise RebuildError(
                _("Another program works with the demo's database: stop it, then run this again.")
            )
        time.sleep(0.05)


def _name() -> sql.Identifier:
    return sql.Identifier(connection.settings_dict["NAME"])


def _value(admin: psycopg.Connection, query: str, parameter: object) -> Any:
    row = admin.execute(query, [parameter]).fetchone()
    return row[0] if row else None


def _connect() -> psycopg.Connection:
    """A connection of its own, which can drop the demo's database; and whose lock ends with this process."""
    parameters = connection.get_connection_params()
    for ours in ("cursor_factory", "context"):
        parameters.pop(ours, None)
    if settings.DATABASE is None:
        parameters["dbname"] = "postgres"
    return psycopg.connect(**parameters, autocommit=True)
