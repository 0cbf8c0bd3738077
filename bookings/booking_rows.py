"""A new version of many bookings, written at once: the bookings, then the rows of their parts."""

import json
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import connection

from bookings.messages import card_key
from bookings.models import Property
from bookings.resolution import ResolvedBooking
from bookings.staging import copy_rows

_COLUMNS = (
    "id",
    "property_id",
    "version",
    "content_hash",
    "source",
    "number",
    "status",
    "arrival_date",
    "departure_date",
    "booked_departure_date",
    "checked_in_date",
    "checked_out_date",
    "rooms",
    "room_type",
    "market",
    "channel",
    "currency",
    "room_revenue",
    "total",
    "payment_method",
    "prepayment",
    "booked_at",
    "received_at",
)
_CARD_COLUMNS = (
    "booking_id",
    "version",
    "guest_order",
    "number",
    "number_key",
    "type_code",
    "level_code",
    "primary",
    "inactive",
    "multiplier",
)
_UPDATE = f"""
UPDATE bookings_booking AS b
   SET ({", ".join(_COLUMNS[1:])})
     = ROW({", ".join(f"i.{name}" for name in _COLUMNS[1:])})
  FROM jsonb_populate_recordset(NULL::bookings_booking, %s::jsonb) AS i WHERE b.id = i.id
"""  # noqa: S608 — column names of ours


@dataclass(slots=True)
class BookingVersion:
    """One version of one booking, with the profiles of its guests and of its attached companies, in their
    order."""

    booking_id: int
    version: int
    property: Property
    resolved: ResolvedBooking
    guest_ids: Sequence[int] = ()
    profile_ids: Sequence[int] = ()


def write(versions: Sequence[BookingVersion], *, at: datetime) -> None:
    copy_rows("bookings_booking", _COLUMNS, (_booking(each, at) for each in versions if each.version == 1))
    _update([_booking(each, at) for each in versions if each.version > 1])
    copy_rows(
        "bookings_bookingnight",
        ("booking_id", "version", "date", "rate_plan_code", "room_nights", "amount"),
        _nights(versions),
    )
    copy_rows(
        "bookings_bookingguest", ("booking_id", "version", "order", "guest_id", "share"), _guests(versions)
    )
    copy_rows(
        "bookings_bookingguestcard",
        _CARD_COLUMNS,
        _cards(versions),
    )
    copy_rows("bookings_bookingprofile", ("booking_id", "version", "role", "guest_id"), _profiles(versions))
    copy_rows(
        "bookings_folioline",
        ("booking_id", "version", "window", "transaction_code", "kind", "amount", "currency", "posting_date"),
        _folio_lines(versions),
    )


def _booking(each: BookingVersion, at: datetime) -> tuple[Any, ...]:
    said = each.resolved.said
    return (
        each.booking_id,
        each.property.pk,
        each.version,
        each.resolved.content_hash,
        said.source,
        said.number,
        said.status,
        said.arrival,
        said.actual_departure,
        said.departure,
        said.checked_in,
        said.checked_out,
        said.rooms,
        said.room_type,
        said.market,
        said.channel,
        said.currency,
        said.room_revenue,
        said.total,
        said.payment_method,
        said.prepayment,
        said.booked_at,
        at,
    )


def _update(bookings: Sequence[tuple[Any, ...]]) -> None:
    if not bookings:
        return
    rows = [dict(zip(_COLUMNS, booking, strict=True)) for booking in bookings]
    with connection.cursor() as cursor:
        cursor.execute(_UPDATE, [json.dumps(rows, default=str)])


def _nights(versions: Iterable[BookingVersion]) -> Iterator[tuple[Any, ...]]:
    for each in versions:
        for night in each.resolved.nights:
            yield (
                each.booking_id,
                each.version,
                night.date,
                night.rate_plan,
                night.room_nights,
                night.amount,
            )


def _guests(versions: Iterable[BookingVersion]) -> Iterator[tuple[Any, ...]]:
    for each in versions:
        for order, (guest_id, guest) in enumerate(
            zip(each.guest_ids, each.resolved.said.guests, strict=True), 1
        ):
            yield each.booking_id, each.version, order, guest_id, guest.share


def _cards(versions: Iterable[BookingVersion]) -> Iterator[tuple[Any, ...]]:
    for each in versions:
        for order, card in each.resolved.cards:
            yield (
                each.booking_id,
                each.version,
                order,
                card.number,
                card_key(card.number),
                card.type_code,
                card.level_code,
                card.primary,
                card.inactive,
                card.multiplier,
            )


def _profiles(versions: Iterable[BookingVersion]) -> Iterator[tuple[Any, ...]]:
    for each in versions:
        for profile, guest_id in zip(each.resolved.profiles, each.profile_ids, strict=True):
            yield each.booking_id, each.version, profile.role, guest_id


def _folio_lines(versions: Iterable[BookingVersion]) -> Iterator[tuple[Any, ...]]:
    for each in versions:
        for line in each.resolved.said.folio_lines:
            yield (
                each.booking_id,
                each.version,
                line.window,
                line.transaction_code,
                line.kind,
                line.amount,
                line.currency,
                line.posting_date,
            )
