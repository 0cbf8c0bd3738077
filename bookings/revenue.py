"""Which charges count. Pure: no Django, no database, no clock.

Room money comes from the nights (``completion.stayed_nights``): with a booking from the PMS only those whose rate plan
has the membership flag (Exely 364918: "if the attribute is not set, bookings made under this rate plan will not be
accumulated"); from every other source, all of them. Extras are the paid extras whose transaction code has the membership
flag; what is included in the rate, tax, payments, rebates and room lines never count. An unknown code has no flag.
"""

from collections.abc import Collection, Iterable
from decimal import Decimal
from typing import NamedTuple

from bookings.completion import Night
from bookings.money import ZERO


class Charge(NamedTuple):
    """One folio line of the booking's version."""

    code: str
    kind: str
    amount: Decimal
    currency: str


class RoomMoney(NamedTuple):
    """What the nights that count add up to, and what was left out."""

    amount: Decimal
    room_nights: int
    length: int
    left_out_amount: Decimal
    left_out_plans: tuple[str, ...]


EXTRA_KINDS = ("paid_extra",)


def room_money(nights: Iterable[Night], *, membership_plans: Collection[str] | None) -> RoomMoney:
    """``membership_plans`` is None where the flag is not asked for. ``length`` counts nights of the calendar, not of
    rooms: three rooms for one night are three room nights and a stay of length 1."""
    amount = left_out = ZERO
    room_nights = length = 0
    plans: list[str] = []
    for night in nights:
        if membership_plans is None or night.rate_plan in membership_plans:
            amount += night.amount
            room_nights += night.room_nights
            length += 1 if night.room_nights else 0
        else:
            left_out += night.amount
            if night.rate_plan not in plans:
                plans.append(night.rate_plan)
    return RoomMoney(amount, room_nights, length, left_out, tuple(plans))


def counts_as_extra(charge: Charge, *, membership_codes: Collection[str]) -> bool:
    return charge.kind in EXTRA_KINDS and charge.code in membership_codes
