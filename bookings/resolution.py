"""What the storage holds of a booking, made of what its sources said. Pure: no Django, no database, no clock.

One source is enough for now: its last word stands. Where several report on one booking, which of them wins,
field by field, is decided here and nowhere else.

| of a message           | the booking holds                                                                 |
|------------------------|-----------------------------------------------------------------------------------|
| nights                 | these, each on its own rate plan, else on the booking's                           |
| no nights              | the room revenue spread evenly over arrival to booked departure                   |
| day use                | one row dated arrival that counts no room night and carries plan and money        |
| cards of a guest       | one for each type code: the primary one, else the first; none without a number    |
| attached profiles      | the first of each role that has a name or an external id                          |
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from datetime import timedelta

from bookings.completion import Night
from bookings.messages import BookingMessage, CardMessage, GuestMessage, ProfileMessage
from bookings.money import spread
from bookings.versions import Record


@dataclass(frozen=True, slots=True)
class ResolvedBooking:
    """``said`` is the message whose words stand; ``cards`` are with the order of the guest who showed
    them."""

    content_hash: str
    said: BookingMessage
    nights: tuple[Night, ...]
    cards: tuple[tuple[int, CardMessage], ...]
    profiles: tuple[ProfileMessage, ...]


def resolve(records: Sequence[Record]) -> ResolvedBooking:
    """``records``: the standing message of each source, the one that decides last."""
    record = records[-1]
    said = record.message
    return ResolvedBooking(
        content_hash=record.stamp.content_hash,
        said=said,
        nights=tuple(_nights(said)),
        cards=tuple(
            (order, card) for order, guest in enumerate(said.guests, start=1) for card in _one_per_type(guest)
        ),
        profiles=tuple(_one_per_role(said)),
    )


def _nights(said: BookingMessage) -> Iterator[Night]:
    """As sent; without nights in the message the room revenue is spread over those up to the actual departure."""
    if said.nights:
        room_nights = said.rooms if said.departure > said.arrival else 0
        for night in said.nights:
            yield Night(night.date, night.rate_plan or said.rate_plan, room_nights, night.amount)
        return
    length = (said.actual_departure - said.arrival).days
    room_nights = said.rooms if length else 0
    for day, amount in enumerate(spread(said.room_revenue, max(length, 1), said.currency)):
        yield Night(said.arrival + timedelta(days=day), said.rate_plan, room_nights, amount)


def _one_per_type(guest: GuestMessage) -> list[CardMessage]:
    chosen: dict[str, CardMessage] = {}
    for card in guest.cards:
        before = chosen.get(card.type_code)
        if card.number and (before is None or (card.primary and not before.primary)):
            chosen[card.type_code] = card
    return list(chosen.values())


def _one_per_role(said: BookingMessage) -> list[ProfileMessage]:
    chosen: dict[str, ProfileMessage] = {}
    for profile in said.profiles:
        if profile.name or profile.external_id:
            chosen.setdefault(profile.role, profile)
    return list(chosen.values())
