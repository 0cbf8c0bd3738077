"""9,999 real reservations of a resort hotel, turned into the import format.

The file is published research data with columns as its authors named them; it lies beside the repository
and is never committed. It knows no guests, numbers or currency, so, by rules of our own: the number is the
line; guests are ``members`` people in turn, each with a card; amounts are euros; the meal is the rate plan.
Room revenue is the average daily rate times the nights, of a day use the rate itself. A guest who left on
another day than booked has that day in ``checked_out``.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest

FILE = Path(__file__).resolve().parents[3] / "shared" / "data" / "resort_hotel_bookings.csv"
STATUS = {"Check-Out": "checked_out", "Canceled": "cancelled", "No-Show": "no_show"}

needs_resort_hotel = pytest.mark.skipif(
    not FILE.exists(), reason=f"the real reservations are not here: {FILE.name} is expected in ../shared/data"
)


@dataclass(frozen=True)
class Reservation:
    number: str
    member: int
    status: str
    arrival: date
    nights: int
    status_date: date
    daily_rate: Decimal
    said: dict[str, str]

    @property
    def departure(self) -> date:
        return self.arrival + timedelta(days=self.nights)

    @property
    def room_revenue(self) -> Decimal:
        return self.daily_rate * max(self.nights, 1)


def reservations(*, members: int = 500) -> Iterator[Reservation]:
    with FILE.open(newline="", encoding="utf-8") as file:
        for line, said in enumerate(csv.DictReader(file), start=2):
            month = f"{said['arrival_date_year']} {said['arrival_date_month']}"
            yield Reservation(
                number=f"R{line:05}",
                member=line % members,
                status=STATUS[said["reservation_status"]],
                arrival=datetime.strptime(f"{month} {said['arrival_date_day_of_month']}", "%Y %B %d").date(),
                nights=int(said["stays_in_weekend_nights"]) + int(said["stays_in_week_nights"]),
                status_date=datetime.strptime(said["reservation_status_date"], "%m/%d/%Y").date(),
                daily_rate=Decimal(said["adr"]),
                said=said,
            )


def write_import_file(
    path: Path, *, members: int = 500, card_number: Callable[[int], str] = "RESORT{:04}".format
) -> None:
    """``card_number`` gives the card of a member (0, 1, 2 … below ``members``)."""
    with path.open("w", newline="", encoding="utf-8") as file:
        rows = [_row(each, card_number(each.member)) for each in reservations(members=members)]
        writer = csv.DictWriter(file, rows[0])
        writer.writeheader()
        writer.writerows(rows)


def _row(each: Reservation, card: str) -> dict[str, object]:
    stayed = each.status == "checked_out"
    return {
        "number": each.number,
        "status": each.status,
        "arrival": each.arrival,
        "departure": each.departure,
        "checked_in": each.arrival if stayed else "",
        "checked_out": each.status_date if stayed else "",
        "rooms": 1,
        "room_type": each.said["assigned_room_type"],
        "rate_plan": each.said["meal"],
        "market": each.said["market_segment"],
        "channel": each.said["distribution_channel"],
        "currency": "EUR",
        "room_revenue": each.room_revenue,
        "guest_first_name": "Resort",
        "guest_last_name": f"Member {each.member}",
        "email": f"member{each.member}@example.com",
        "card_number": card,
        "booked_at": f"{each.arrival - timedelta(days=int(each.said['lead_time']))}T12:00:00Z",
        "updated_at": f"{each.status_date}T12:00:00Z",
    }
