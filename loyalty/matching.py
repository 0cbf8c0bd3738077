"""Whose stay is it? Pure: no Django, no database, no clock.

| source of the booking   | how the member is found                                                                |
|-------------------------|----------------------------------------------------------------------------------------|
| channel manager         | by the card, where one came; else by the phone of the first guest who has one (289413) |
| every other             | by the card                                                                            |

With several members in a booking, the first guest, in guest order, who has an active card of the type earns (Exely
364918). Of a guest's cards loyalty picks one of the membership class: primary first, then in the order received.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal


@dataclass(frozen=True, slots=True)
class Card:
    """A card as received with a guest. ``number`` is normalised, ``type_code`` the source's own word, in capitals."""

    guest_order: int
    number: str
    type_code: str = ""
    primary: bool = False
    inactive: bool = False
    multiplier: Decimal = Decimal(1)


@dataclass(frozen=True, slots=True)
class Member:
    """A membership as matching sees it."""

    id: int
    type_id: int
    class_id: int
    active: bool
    joined_on: date


@dataclass(frozen=True, slots=True)
class MembershipTypeKey:
    """The type that asks, and the codes of all types of the group (a card of another type is not ours)."""

    id: int
    class_id: int
    code: str
    codes_of_group: frozenset[str]


@dataclass(frozen=True, slots=True)
class Match:
    """A member, or the reason why there is none (a ``Stay.Reason``)."""

    member: Member | None
    reason: str = ""
    multiplier: Decimal = Decimal(1)


def match(
    *,
    wanted: MembershipTypeKey,
    cards: Sequence[Card],
    members: Mapping[str, Member],
    phone_members: Sequence[Member] | None,
    departure: date,
) -> Match:
    """``members`` by card number; ``phone_members`` those with a guest's phone, None where the phone does not count."""
    refusals = []
    for order in sorted({card.guest_order for card in cards}):
        found = _of_guest(wanted, [card for card in cards if card.guest_order == order], members)
        if found.member and found.member.joined_on > departure:
            found = Match(None, "card_too_new")
        if found.member:
            return found
        refusals.append(found.reason)
    if phone_members is not None and not refusals:
        return _by_phone(wanted, phone_members, departure)
    return Match(None, refusals[0] if refusals else "no_card")


def _of_guest(wanted: MembershipTypeKey, cards: Sequence[Card], members: Mapping[str, Member]) -> Match:
    """The first active card of the class is the guest's; a card of another type of the class leaves none for ours."""
    reason = "unknown_card"
    for card in sorted(cards, key=lambda card: not card.primary):
        member = members.get(card.number)
        if member is None or member.class_id != wanted.class_id or not _may_be(card, member, wanted):
            continue
        if not member.active or card.inactive:
            reason = "card_not_active"
        elif member.type_id == wanted.id:
            return Match(member, multiplier=card.multiplier)
        else:
            return Match(None, "other_card_of_class")
    return Match(None, reason)


def _may_be(card: Card, member: Member, wanted: MembershipTypeKey) -> bool:
    """A card said to be of another type of the group is not ours, though the number fits."""
    said_another = card.type_code != wanted.code and card.type_code in wanted.codes_of_group
    return member.type_id != wanted.id or not said_another


def _by_phone(wanted: MembershipTypeKey, phone_members: Sequence[Member], departure: date) -> Match:
    of_type = [member for member in phone_members if member.type_id == wanted.id and member.active]
    if not of_type:
        return Match(None, "no_phone_match")
    if len(of_type) > 1:
        return Match(None, "several_phone_matches")
    if of_type[0].joined_on > departure:
        return Match(None, "card_too_new")
    return Match(of_type[0])
