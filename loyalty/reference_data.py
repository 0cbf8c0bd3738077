"""What every installation needs in its database, made idempotently after each migrate (and each test flush)."""

from typing import Any

from config import schedule


def make(**kwargs: Any) -> None:
    schedule.make_entries()
