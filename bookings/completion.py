"""Is the stay completed, and which of its nights were stayed? Pure: no Django, no database, no clock.

| status        | the PMS reports on it | completed                                          |
|---------------|-----------------------|----------------------------------------------------|
| checked out   | either                | yes                                                |
| cancelled     | either                | never                                              |
| no-show       | either                | never                                              |
| reserved, in house | yes              | not yet: the PMS will say when the guest leaves    |
| reserved, in house | no               | once the departure date has passed at the property |
"""

from collections.abc import Iterable
from datetime import date
from decimal import Decimal
from enum import Enum
from typing import NamedTuple


class Completion(Enum):
    COMPLETED = "completed"
    NOT_YET = "not yet"
    NEVER = "never"


def completion(*, status: str, pms_reports: bool, departure: date, today: date) -> Completion:
    """``departure`` is the actual date once known; ``today`` is the day at the property."""
    if status == "checked_out":
        return Completion.COMPLETED
    if status in ("cancelled", "no_show"):
        return Completion.NEVER
    if pms_reports or today <= departure:
        return Completion.NOT_YET
    return Completion.COMPLETED


class Night(NamedTuple):
    """One stored night of all rooms: ``room_nights`` is rooms × 1, and 0 for day use. ``amount`` after tax."""

    date: date
    rate_plan: str
    room_nights: int
    amount: Decimal


def stayed_nights(nights: Iterable[Night], *, arrival: date, departure: date) -> list[Night]:
    """The nights before the actual departure. A night that was booked but not stayed counts neither as a night nor with
    its money. Who leaves on the day of arrival has a day use, booked as such or not: its money counts, and no night."""
    if departure <= arrival:
        return [night._replace(room_nights=0) for night in nights if night.date <= arrival]
    return [night for night in nights if arrival <= night.date < departure]
