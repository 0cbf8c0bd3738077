"""From rows of the import format to bookings, each with its lines and either a message or its problems.

Pure: no Django, no database, no clock.
"""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, date, datetime
from decimal import Decimal
from functools import lru_cache
from itertools import groupby
from typing import Any, TypeVar
from zoneinfo import ZoneInfo

from bookings.csv_rows import BOOKING_COLUMNS, GUEST_COLUMNS, Row, RowProblem
from bookings.messages import BookingMessage, CardMessage, FolioLineMessage, GuestMessage
from bookings.money import ZERO

EXTRAS = "EXTRAS"
MOST_DECIMALS = 3
MOST_ROWS = 1000  # of one booking: it is held in memory
_DAY = re.compile(r"[0-9]{4}-[0-9]{2}-[0-9]{2}")
_WHOLE = re.compile(r"[0-9]{1,6}")
_AMOUNT = re.compile(r"-?[0-9]{1,20}(\.[0-9]{1,20})?")
V = TypeVar("V")


@dataclass(frozen=True, slots=True)
class FileBooking:
    """One booking of a file. Without a message it is refused, and ``problems`` say why."""

    number: str
    first_line: int
    rows: int
    message: BookingMessage | None
    problems: tuple[RowProblem, ...] = ()


def read_bookings(
    rows: Iterable[Row], *, property_code: str, source: str, time_zone: str
) -> Iterator[FileBooking]:
    """``time_zone`` is the property's: times without a zone are local there."""
    for _key, group in groupby(rows, key=_Grouping().key):
        held = _hold(group)
        first = held.rows[0]
        message = None
        if not any(row.problems for row in held.rows):
            message = _message(
                held.rows, property_code=property_code, source=source, zone=ZoneInfo(time_zone)
            )
        problems = tuple(problem for row in held.rows for problem in row.problems)
        yield FileBooking(first.number, first.line, held.count, None if problems else message, problems)


class _Grouping:
    """Rows of one number belong together. After an unreadable row another unreadable one (the second half of a line that
    was broken in two) does not end the booking: what follows under its number is refused with it."""

    def __init__(self) -> None:
        self.current: str | int = ""
        self.is_tainted = False

    def key(self, row: Row) -> str | int:
        own = row.number or row.line
        if not (row.problems and self.is_tainted):
            self.is_tainted = bool(row.problems) or (self.is_tainted and own == self.current)
            self.current = own
        return self.current


@dataclass(slots=True)
class _Held:
    rows: list[Row]
    count: int


def _hold(group: Iterator[Row]) -> _Held:
    held = _Held([], 0)
    for row in group:
        held.count += 1
        if held.count <= MOST_ROWS:
            held.rows.append(row)
        elif held.count == MOST_ROWS + 1:
            held.rows[-1].problem("number", f"has more than {MOST_ROWS} rows; accepted: one for each guest")
    return held


def _message(
    rows: Sequence[Row], *, property_code: str, source: str, zone: ZoneInfo
) -> BookingMessage | None:
    """None where a row turned out to be bad; its problems say so."""
    said = _booking(rows[0], zone)
    for row in rows[1:]:
        _agree(row, with_first=rows[0], said=said, zone=zone)
    guests = _guests(rows)
    if any(row.problems for row in rows):
        return None
    extras = said.pop("extras_revenue")
    if extras:
        posted = said["checked_out"] or said["departure"]
        said["folio_lines"] = (FolioLineMessage(EXTRAS, extras, said["currency"], posted),)
    if said["total"] is None:
        said["total"] = said["room_revenue"] + extras
    return BookingMessage(property_code=property_code, source=source, guests=guests, **said)


def _booking(row: Row, zone: ZoneInfo) -> dict[str, Any]:
    """The booking's columns as values; what cannot be read is a problem of the row."""
    said = row.said
    rooms = _read(row, "rooms", _whole)
    return {
        "number": _needed(row, "number", str),
        "status": _needed(row, "status", str),
        "arrival": _needed(row, "arrival", _day),
        "departure": _needed(row, "departure", _day),
        "checked_in": _read(row, "checked_in", _day),
        "checked_out": _read(row, "checked_out", _day),
        "rooms": 1 if rooms is None else rooms,
        "room_type": said.get("room_type", ""),
        "rate_plan": said.get("rate_plan", ""),
        "market": said.get("market", ""),
        "channel": said.get("channel", ""),
        "currency": _needed(row, "currency", str),
        "room_revenue": _read(row, "room_revenue", _amount) or ZERO,
        "extras_revenue": _read(row, "extras_revenue", _not_negative) or ZERO,
        "total": _read(row, "total", _amount),
        "booked_at": _read(row, "booked_at", lambda text: _instant(text, zone)),
        "updated_at": _read(row, "updated_at", lambda text: _instant(text, zone)),
    }


def _agree(row: Row, *, with_first: Row, said: dict[str, Any], zone: ZoneInfo) -> None:
    """Rows of one booking say the same of it; 100.0 and 100.00 are the same."""
    if all(row.said.get(column) == with_first.said.get(column) for column in BOOKING_COLUMNS):
        return
    here = _booking(row, zone)
    for column in BOOKING_COLUMNS:
        if not row.problems and here[column] != said[column]:
            ours, theirs = row.said.get(column), with_first.said.get(column)
            row.problem(
                column, f"{ours!r} differs from {theirs!r} in line {with_first.line}, the same booking"
            )


def _guests(rows: Sequence[Row]) -> tuple[GuestMessage, ...]:
    """The guests in their order. A row that says nothing of a guest brings none."""
    with_guest = [row for row in rows if any(row.said.get(column) for column in GUEST_COLUMNS)]
    orders = [_read(row, "guest_order", _whole) or place for place, row in enumerate(with_guest, start=1)]
    if sorted(orders) != list(range(1, len(orders) + 1)):
        listed = ", ".join(map(str, orders[:10]))
        with_guest[0].problem("guest_order", f"of the booking is {listed}; accepted: 1, 2, 3 … without a gap")
        return ()
    by_order = sorted(zip(orders, with_guest, strict=True), key=lambda pair: pair[0])
    return tuple(_guest(row.said) for _order, row in by_order)


def _guest(said: dict[str, str]) -> GuestMessage:
    card = said.get("card_number", "")
    return GuestMessage(
        first_name=said.get("guest_first_name", ""),
        last_name=said.get("guest_last_name", ""),
        email=said.get("email", ""),
        phone=said.get("phone", ""),
        cards=(CardMessage(card),) if card else (),
    )


def _read(row: Row, column: str, reader: Callable[[str], V]) -> V | None:
    text = row.said.get(column)
    if not text:
        return None
    try:
        return reader(text)
    except ValueError as error:
        row.problem(column, f"{text[:60]!r} {error}")
        return None


def _needed(row: Row, column: str, reader: Callable[[str], V]) -> V | None:
    if not row.said.get(column):
        row.problem(column, "is empty; a booking needs it")
    return _read(row, column, reader)


@lru_cache(maxsize=10_000)
def _day(text: str) -> date:
    if not _DAY.fullmatch(text):
        raise ValueError("is not a day; write YYYY-MM-DD")
    try:
        return date.fromisoformat(text)
    except ValueError:
        raise ValueError("is not a day of the calendar; write YYYY-MM-DD") from None


def _whole(text: str) -> int:
    if not _WHOLE.fullmatch(text):
        raise ValueError("is not a whole number")
    return int(text)


def _amount(text: str) -> Decimal:
    if not _AMOUNT.fullmatch(text):
        raise ValueError("is not an amount; write digits with a point, such as 1234.50")
    if len(text.partition(".")[2].rstrip("0")) > MOST_DECIMALS:
        raise ValueError("has more than three decimal places")
    return Decimal(text)


def _not_negative(text: str) -> Decimal:
    amount = _amount(text)
    if amount < 0:
        raise ValueError("is negative; zero or more is accepted")
    return amount


def _instant(text: str, zone: ZoneInfo) -> datetime:
    try:
        at = datetime.fromisoformat(text)
        return (at if at.tzinfo else at.replace(tzinfo=zone)).astimezone(UTC)
    except (ValueError, OverflowError):
        raise ValueError("is not a time; write ISO 8601, such as 2026-09-19T14:30:00+02:00") from None


_COLUMNS_OF_FIELDS = {
    "first_name": "guest_first_name",
    "last_name": "guest_last_name",
    "email": "email",
    "phone": "phone",
    "cards.number": "card_number",
}


def column_of(field: str) -> str:
    """The column that holds a message's field: "guests[0].last_name" is guest_last_name."""
    part, _, name = field.partition("].")
    if part.startswith("guests["):
        return _COLUMNS_OF_FIELDS.get(name, field)
    return "extras_revenue" if part.startswith("folio_lines[") and name == "amount" else field
