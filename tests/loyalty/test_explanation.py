"""What an entry's stored explanation says, in words. Every line can be checked by hand."""

from decimal import Decimal
from typing import Any

import pytest

from loyalty.explanation import AmountLine, RuleLine, bill, exact, number, points


def line(**values: Any) -> dict[str, Any]:
    return {
        "rule": 1,
        "name": "Rule",
        "kind": "base",
        "method": "percentage",
        "rate": "5",
        "money": "400",
        **values,
    }


def said(rounding: str = "down", **values: Any) -> RuleLine:
    stored = {"currency": "EUR", "rounding": rounding, "lines": [line(**values)]}
    return bill(stored, label="Miles").lines[0]


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({"points": 20}, "5 % of €400.00 = 20"),
        ({"rate": "7.5", "money": "399.9996", "points": 29}, "7.5 % of €399.9996 = 29.99997, rounded down to 29"),
        ({"multiplier": "1.5", "points": 30}, "5 % of €400.00 × 1.5 = 30"),
        ({"method": "per_night", "rate": "100", "nights": 3, "points": 300}, "3 nights × 100 = 300"),
        ({"method": "per_night", "rate": "12.5", "nights": 1, "points": 12}, "1 night × 12.5 = 12.5, rounded down to 12"),
        ({"method": "per_stay", "rate": "250", "points": 250}, "250 per stay"),
        ({"method": "per_stay", "rate": "250", "multiplier": "2", "points": 500}, "250 per stay × 2 = 500"),
        ({"method": "per_stay", "rate": "2.5", "points": 2}, "2.5 per stay, rounded down to 2"),
        (
            {"method": "per_revenue", "rate": "2", "per_amount": "10", "money": "29", "points": 5},
            "2 for every €10.00 of €29.00 = 5.8, rounded down to 5",
        ),
        (
            {"method": "per_revenue", "rate": "2", "per_amount": "10", "money": "29", "points": 4,
             "complete_units_only": True},
            "2 for every complete €10.00 of €29.00 = 4",
        ),
        ({"rate": "5", "money": "1234567", "points": 61728}, "5 % of €1,234,567.00 = 61,728.35, rounded down to 61,728"),
    ],
)  # fmt: skip
def test_the_calculation_of_a_line(stored: dict[str, Any], words: str) -> None:
    assert said(**stored).sum == words


@pytest.mark.parametrize(
    ("rounding", "given", "words"),
    [("down", 4, "rounded down to 4"), ("half_up", 5, "rounded half up to 5"), ("up", 5, "rounded up to 5")],
)
def test_the_rounding(rounding: str, given: int, words: str) -> None:
    assert said(rounding, money="90", points=given).sum == f"5 % of €90.00 = 4.5, {words}"


def test_a_whole_bill() -> None:
    """A stay of two nights in London for £200 and a spa bill of £50, with a minibar bill and a night on COMP."""
    stored = {
        "level": {"id": 2, "name": "Silver"},
        "currency": "EUR",
        "rounding": "down",
        "nights": 2,
        "length": 1,
        "amounts": [
            {"of": "room", "amount": "200", "currency": "GBP", "exchange_rate": "1.2", "worth": "240"},
            {"of": "extras", "amount": "50", "currency": "EUR", "exchange_rate": "1", "worth": "50"},
        ],
        "redeemed_value": "90",
        "lines": [line(money="200", points=10), line(name="Welcome", kind="bonus", method="per_stay", rate="30", points=30)],
        "left_out": [
            {"what": "rate_plan", "code": "COMP", "amount": "80", "currency": "GBP"},
            {"what": "charge", "code": "MINIBAR", "amount": "12.5", "currency": "GBP"},
        ],
    }  # fmt: skip

    told = bill(stored, label="Miles")

    assert told.level == "Level held before the stay: Silver"
    assert told.stay == "2 room nights count. The stay is 1 night long."
    assert told.amounts == (
        AmountLine("Room", "£200.00", "1 GBP = 1.2 EUR", "€240.00"),
        AmountLine("Extra services", "€50.00", "", "€50.00"),
    )
    assert told.redeemed == "€90.00 was paid with Miles and earns nothing."
    assert told.lines == (
        RuleLine("Rule", "Base", "5 % of €200.00 = 10", "10 Miles"),
        RuleLine("Welcome", "Bonus", "30 per stay", "30 Miles"),
    )
    assert told.left_out == (
        "£80.00 for nights on COMP: the rate plan has no membership flag.",
        "£12.50 for MINIBAR: the transaction code has no membership flag.",
    )


@pytest.mark.parametrize(
    ("stored", "words"),
    [
        ({"nights": 1, "length": 1}, "1 room night counts."),
        ({"nights": 6, "length": 2}, "6 room nights count. The stay is 2 nights long."),
        ({"nights": 0, "length": 0}, "Day use: no night counts."),
        ({}, ""),
    ],
)
def test_the_nights(stored: dict[str, Any], words: str) -> None:
    assert bill(stored, label="points").stay == words


def test_an_explanation_without_parts_says_nothing() -> None:
    told = bill({}, label="points")
    assert (told.level, told.amounts, told.lines, told.left_out, told.redeemed) == ("", (), (), (), "")


def test_numbers() -> None:
    assert points(1200, "Miles") == "1,200 Miles"
    assert number(Decimal("1234.50")) == "1,234.5"
    assert number(Decimal(100)) == "100"
    assert exact(Decimal("400"), "EUR") == "€400.00"
    assert exact(Decimal("399.9996"), "EUR") == "€399.9996"
    assert exact(Decimal("1000"), "JPY") == "¥1,000"
