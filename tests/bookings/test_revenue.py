"""Which charges count."""

from datetime import date
from decimal import Decimal

import pytest

from bookings.completion import Night
from bookings.revenue import Charge, counts_as_extra, room_money

NIGHTS = [
    Night(date(2026, 6, 1), "BAR", 2, Decimal("100.00")),
    Night(date(2026, 6, 2), "COMP", 2, Decimal("0.00")),
    Night(date(2026, 6, 3), "CORP", 2, Decimal("80.50")),
    Night(date(2026, 6, 4), "CORP", 2, Decimal("80.50")),
]


class TestRoomMoney:
    def test_with_the_membership_flag_asked_for_only_nights_on_such_plans_count(self) -> None:
        found = room_money(NIGHTS, membership_plans={"BAR", "bar", "COMP"})
        assert (found.amount, found.room_nights, found.length) == (Decimal(100), 4, 2)
        assert (found.left_out_amount, found.left_out_plans) == (Decimal(161), ("CORP",))

    def test_codes_are_case_sensitive_and_an_unknown_one_has_no_flag(self) -> None:
        assert room_money(NIGHTS, membership_plans={"bar", "Comp", "XYZ"}).amount == 0

    def test_where_nobody_asks_every_night_counts(self) -> None:
        found = room_money(NIGHTS, membership_plans=None)
        assert (found.amount, found.room_nights, found.length) == (Decimal(261), 8, 4)
        assert (found.left_out_amount, found.left_out_plans) == (0, ())

    def test_day_use_has_money_and_no_night(self) -> None:
        found = room_money([Night(date(2026, 6, 1), "DAY", 0, Decimal(60))], membership_plans={"DAY"})
        assert (found.amount, found.room_nights, found.length) == (60, 0, 0)


@pytest.mark.parametrize(
    ("kind", "code", "counts"),
    [
        ("paid_extra", "SPA", True),
        ("paid_extra", "spa", False),
        ("paid_extra", "UNKNOWN", False),
        *((kind, "SPA", False) for kind in ("room", "inclusive", "tax", "payment", "rebate")),
    ],
)
def test_paid_extras_with_the_membership_flag_count(kind: str, code: str, counts: bool) -> None:
    charge = Charge(code=code, kind=kind, amount=Decimal(10), currency="EUR")
    assert counts_as_extra(charge, membership_codes={"SPA"}) is counts
