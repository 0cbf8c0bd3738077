"""Many rows at once: COPY into a table, ids taken from its sequence beforehand.

COPY is five times faster than arrays in parameters, and ids known beforehand let the rows of a parent and
of its children go in without asking the database what it called them (foreign keys are checked at commit).
"""

from collections.abc import Iterable, Sequence
from itertools import chain
from typing import Any

from django.db import connection


def copy_rows(table: str, columns: Sequence[str], rows: Iterable[Sequence[Any]]) -> int:
    """How many rows were added. No rows: no statement."""
    waiting = iter(rows)
    first = next(waiting, None)
    if first is None:
        return 0
    names = ", ".join(connection.ops.quote_name(column) for column in columns)
    statement = f"COPY {connection.ops.quote_name(table)} ({names}) FROM STDIN"
    count = 0
    with connection.wrap_database_errors, connection.cursor() as cursor, cursor.copy(statement) as copy:
        for row in chain((first,), waiting):
            copy.write_row(row)
            count += 1
    return count


def next_ids(table: str, count: int) -> list[int]:
    """Ids that nobody else will get."""
    if not count:
        return []
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT nextval(sequence)"
            " FROM (SELECT pg_get_serial_sequence(%s, 'id')::regclass AS sequence OFFSET 0) AS named,"
            " generate_series(1, %s)",
            [table, count],
        )
        return [number for (number,) in cursor.fetchall()]


def array(values: Iterable[Any]) -> str:
    """Numbers, dates or code words as PostgreSQL's text of an array (``%s::bigint[]``): the driver's own way
    quotes each element by itself, which takes longer than the query. None is NULL; other text does not belong
    here."""
    return "{" + ",".join(["NULL" if value is None else str(value) or '""' for value in values]) + "}"
