"""The floor of the import: one file, one transaction, set-based SQL, nothing checked."""

import csv
from datetime import datetime
from pathlib import Path
from typing import Any

from django.db import connection

from bookings.models import Property

STEPS = Path(__file__).with_suffix(".sql").read_text(encoding="utf-8").split(";")
RAW = """
CREATE TEMP TABLE raw (
    number text, status text, arrival date, departure date, rooms int, room_type text, rate_plan text,
    market text, channel text, currency text, room_revenue numeric, extras_revenue numeric, total numeric,
    guest_first_name text, guest_last_name text, email text, phone text, card_number text,
    booked_at timestamptz, updated_at timestamptz
) ON COMMIT DROP
"""


def floor_import(path: Path, at_property: Property, *, at: datetime) -> None:
    """All tables that a file of new bookings with one guest each touches."""
    names: dict[str, Any] = {
        "code": at_property.code,
        "property": at_property.pk,
        "group": at_property.group_id,
        "at": at,
    }
    with connection.cursor() as cursor:
        cursor.execute(RAW)
        with path.open(newline="", encoding="utf-8") as file, cursor.copy("COPY raw FROM STDIN") as copy:
            rows = csv.reader(file)
            next(rows)
            for row in rows:
                copy.write_row(row)
        for step in STEPS:
            if step.strip():
                cursor.execute(step, names)
