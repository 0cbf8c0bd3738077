"""Whose row is it? A property group is the tenant: rows that belong together belong to one group."""

from collections.abc import Iterable
from typing import Any

from django.db.models import Model


def group_id(row: Model) -> int | None:
    """The property group of a row, by its model's ``GROUP_PATH``; None where it has none (yet)."""
    path = getattr(row, "GROUP_PATH", None)
    if path is None:
        return None
    value: Any = row
    for name in path.split("__"):
        value = getattr(value, name, None)
        if value is None:
            return None
    return value.pk if isinstance(value, Model) else value


def in_one_group(rows: Iterable[Model]) -> bool:
    """Rows without a group (users, schedules) go with any."""
    return len({found for row in rows if (found := group_id(row)) is not None}) <= 1
