"""What every installation needs in its database, made idempotently after each migrate (and each test
flush)."""

from typing import Any

import bookings.staff_groups
import loyalty.staff_groups
from config import schedule


def make(**kwargs: Any) -> None:
    schedule.make_entries()
    bookings.staff_groups.make(app_label="bookings", table=bookings.staff_groups.TABLE)
    bookings.staff_groups.make(app_label="loyalty", table=loyalty.staff_groups.TABLE)
