"""The neutral shape into which every source is turned before anything is decided: ``BookingMessage``.

Pure: no Django, no database, no clock. An adapter (CSV, API, PMS) fills it; ``impossible.problems`` says what
is impossible in it; ``intake.record_bookings`` takes it in. Unknown codes are no problem: they are kept as
they came.
"""

import hashlib
import json
import re
from collections.abc import Callable
from dataclasses import dataclass, fields
from datetime import UTC, date, datetime
from decimal import Decimal
from typing import Any, NamedTuple

SOURCES = ("pms", "booking_engine", "channel_manager", "manual")
STATUSES = ("reserved", "in_house", "checked_out", "cancelled", "no_show")
FOLIO_KINDS = ("room", "paid_extra", "inclusive", "tax", "payment", "rebate")
PROFILE_KINDS = ("company", "travel_agent", "source", "group")


@dataclass(frozen=True, slots=True)
class Problem:
    """One impossible value: the field's name, and a sentence: what was wrong, what is accepted."""

    field: str
    reason: str

    def __str__(self) -> str:
        return f"{self.field}: {self.reason}"


@dataclass(frozen=True, slots=True)
class CardMessage:
    """A card as it was received. ``type_code`` and ``level_code`` are the source's own words."""

    number: str
    type_code: str = ""
    level_code: str = ""
    primary: bool = False
    inactive: bool = False
    multiplier: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class GuestMessage:
    """A guest, in the order of the booking; ``external_id`` is the profile's id at the source."""

    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    external_id: str = ""
    birth_date: date | None = None
    language: str = ""
    share: str = ""
    cards: tuple[CardMessage, ...] = ()


@dataclass(frozen=True, slots=True)
class ProfileMessage:
    """A company, travel agent, source or group attached to the booking."""

    role: str
    name: str
    external_id: str = ""


@dataclass(frozen=True, slots=True)
class NightMessage:
    """One night of all the rooms: ``amount`` after tax, in the booking's currency."""

    date: date
    amount: Decimal
    rate_plan: str = ""


@dataclass(frozen=True, slots=True)
class FolioLineMessage:
    transaction_code: str
    amount: Decimal
    currency: str
    posting_date: date
    kind: str = "paid_extra"
    window: int = 1


@dataclass(frozen=True, slots=True)
class BookingMessage:
    """What a source says of a booking: the whole of it, not a change.

    ``departure`` is the booked day; ``checked_out`` the actual one, which decides once it is known. Without
    ``nights`` the room revenue is spread evenly over them on ``rate_plan``. ``updated_at`` orders the
    versions; without it they are ordered by arrival.
    """

    property_code: str
    source: str
    number: str
    status: str
    arrival: date
    departure: date
    currency: str
    leg: str = ""
    updated_at: datetime | None = None
    booked_at: datetime | None = None
    checked_in: date | None = None
    checked_out: date | None = None
    rooms: int = 1
    room_type: str = ""
    rate_plan: str = ""
    market: str = ""
    channel: str = ""
    room_revenue: Decimal = Decimal(0)
    total: Decimal = Decimal(0)
    payment_method: str = ""
    prepayment: Decimal = Decimal(0)
    nights: tuple[NightMessage, ...] = ()
    guests: tuple[GuestMessage, ...] = ()
    profiles: tuple[ProfileMessage, ...] = ()
    folio_lines: tuple[FolioLineMessage, ...] = ()

    @property
    def key(self) -> tuple[str, str, str, str]:
        """Property, source, number, leg: what leads to one booking for ever."""
        return (self.property_code, self.source, self.number, self.leg)

    @property
    def actual_departure(self) -> date:
        return self.checked_out or self.departure

    def as_json(self) -> dict[str, Any]:
        """The message as it is stored: dates in ISO 8601, instants in UTC, amounts as text. What stands at
        its default is left out, so that a field added later changes neither what is stored nor its hash."""
        return _said(self)

    def stored(self) -> "StoredMessage":
        """The stored form as text, and the SHA-256 of what is said, without when it was said: equal contents
        are no change."""
        said = self.as_json()
        said_at = said.pop("updated_at", None)
        text = json.dumps(said, sort_keys=True)
        content_hash = hashlib.sha256(text.encode()).hexdigest()
        payload = f'{text[:-1]}, "updated_at": "{said_at}"}}' if said_at else text
        return StoredMessage(payload, content_hash)

    def content_hash(self) -> str:
        return self.stored().content_hash


class StoredMessage(NamedTuple):
    payload: str
    content_hash: str


def _said(part: Any) -> dict[str, Any]:
    said = {}
    for name, default in _DEFAULTS[type(part)]:
        value = getattr(part, name)
        if value != default:
            plain = _PLAIN.get(type(value))
            said[name] = plain(value) if plain else value
    return said


def _plain_amount(amount: Decimal) -> str:
    return f"{amount.normalize():f}" if amount else "0"


_PLAIN: dict[type, Callable[[Any], Any]] = {
    Decimal: _plain_amount,
    date: date.isoformat,
    datetime: lambda at: at.astimezone(UTC).isoformat(),
    tuple: lambda parts: [_said(part) for part in parts],
}
# A field without a default has the default MISSING, which equals no value: such a field is always said.
_DEFAULTS: dict[type, list[tuple[str, Any]]] = {
    of: [(each.name, each.default) for each in fields(of)]
    for of in (CardMessage, GuestMessage, ProfileMessage, NightMessage, FolioLineMessage, BookingMessage)
}


def card_key(number: str) -> str:
    """A card number as it is compared: capitals, without spaces and hyphens. "ab 12-3" is "AB123"."""
    return re.sub(r"[\s\-]", "", number).upper()
