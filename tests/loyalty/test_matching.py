"""Whose stay is it? A table of cards on a booking, and who earns."""

from datetime import date
from decimal import Decimal

import pytest

from loyalty.matching import Card, Member, MembershipTypeKey, match

OURS, OTHER_OF_CLASS, OTHER_CLASS = 1, 2, 3
WANTED = MembershipTypeKey(
    OURS, class_id=10, code="STAY", codes_of_group=frozenset({"STAY", "CLUB", "MILES"})
)
JOINED = date(2026, 1, 1)
DEPARTURE = date(2026, 6, 3)


def member(
    id: int, *, type_id: int = OURS, class_id: int = 10, active: bool = True, joined: date = JOINED
) -> Member:
    return Member(id, type_id, class_id, active, joined)


MEMBERS = {
    "A": member(1),
    "B": member(2),
    "BLOCKED": member(3, active=False),
    "CLUB1": member(4, type_id=OTHER_OF_CLASS),
    "MILES1": member(5, type_id=OTHER_CLASS, class_id=11),
    "NEW": member(6, joined=date(2026, 6, 4)),
    "TODAY": member(7, joined=DEPARTURE),
}


@pytest.mark.parametrize(
    ("cards", "member_id", "reason"),
    [
        ([], None, "no_card"),
        ([Card(1, "A")], 1, ""),
        ([Card(1, "A", "STAY")], 1, ""),
        ([Card(1, "A", "their own word")], 1, ""),  # an unknown type code: the number decides
        ([Card(1, "A", "MILES")], None, "unknown_card"),  # another programme's card with the same number
        ([Card(1, "X")], None, "unknown_card"),
        ([Card(1, "BLOCKED")], None, "card_not_active"),
        ([Card(1, "A", inactive=True)], None, "card_not_active"),
        ([Card(1, "NEW")], None, "card_too_new"),
        ([Card(1, "TODAY")], 7, ""),
        ([Card(1, "A"), Card(2, "B")], 1, ""),  # the first guest's card only
        ([Card(2, "B"), Card(1, "A")], 1, ""),  # in guest order, however they were sent
        ([Card(1, "BLOCKED"), Card(2, "B")], 2, ""),  # the first who has an active card
        ([Card(1, "X"), Card(2, "Y")], None, "unknown_card"),
        ([Card(1, "A"), Card(1, "B", primary=True)], 2, ""),  # of a guest's cards the primary one
        ([Card(1, "MILES1"), Card(1, "A")], 1, ""),  # another class beside ours
        ([Card(1, "CLUB1", primary=True), Card(1, "A")], None, "other_card_of_class"),  # one of a class
        ([Card(1, "CLUB1"), Card(1, "A", primary=True)], 1, ""),
        ([Card(1, "CLUB1", primary=True, inactive=True), Card(1, "A")], 1, ""),
    ],
)
def test_by_card(cards: list[Card], member_id: int | None, reason: str) -> None:
    found = match(wanted=WANTED, cards=cards, members=MEMBERS, phone_members=None, departure=DEPARTURE)

    assert (found.member and found.member.id, found.reason) == (member_id, reason)


@pytest.mark.parametrize(
    ("cards", "phone_members", "member_id", "reason"),
    [
        ([], [member(1)], 1, ""),
        ([], [], None, "no_phone_match"),
        ([], [member(1), member(2)], None, "several_phone_matches"),
        ([], [member(1), member(4, type_id=OTHER_OF_CLASS)], 1, ""),
        ([], [member(1, active=False)], None, "no_phone_match"),
        ([], [MEMBERS["NEW"]], None, "card_too_new"),
        ([Card(1, "B")], [member(1)], 2, ""),  # a card that came beats the phone
    ],
)
def test_by_phone_for_a_booking_from_a_channel(
    cards: list[Card], phone_members: list[Member], member_id: int | None, reason: str
) -> None:
    found = match(
        wanted=WANTED, cards=cards, members=MEMBERS, phone_members=phone_members, departure=DEPARTURE
    )

    assert (found.member and found.member.id, found.reason) == (member_id, reason)


def test_the_multiplier_comes_with_the_card_that_earns() -> None:
    cards = [Card(1, "X", multiplier=Decimal(9)), Card(2, "B", multiplier=Decimal("1.5"))]

    found = match(wanted=WANTED, cards=cards, members=MEMBERS, phone_members=None, departure=DEPARTURE)

    assert found.multiplier == Decimal("1.5")
