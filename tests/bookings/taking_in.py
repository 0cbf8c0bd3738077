"""Short ways to take messages in and to look at what came of them."""

from datetime import UTC, datetime
from decimal import Decimal

from bookings.intake import Outcome, record_bookings
from bookings.messages import BookingMessage
from bookings.models import Booking, Property
from tests.factories import NOON


def at(hour: int) -> datetime:
    return datetime(2026, 6, 4, hour, tzinfo=UTC)


def record(*messages: BookingMessage) -> list[Outcome]:
    properties = {hotel.code: hotel for hotel in Property.objects.all()}
    return record_bookings(messages=messages, properties=properties, by="a test", at=NOON)


def outcomes(*messages: BookingMessage) -> list[tuple[str, int | None]]:
    return [(each.outcome, each.version) for each in record(*messages)]


def nights(booking: Booking) -> list[tuple[str, str, int, Decimal]]:
    rows = booking.nights.filter(version=booking.version).order_by("date")
    return [(f"{row.date:%d.%m.}", row.rate_plan_code, row.room_nights, row.amount) for row in rows]
