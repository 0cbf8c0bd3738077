"""Levels by lifetime nights, money, or either (exely-points-programme.txt, step 1)."""

from decimal import Decimal

import pytest

from loyalty.levels import LevelStep, level_reached, next_level

BASE = LevelStep(1, 1, "Base")
SILVER = LevelStep(2, 2, "Silver", 10, Decimal(1000))
GOLD = LevelStep(3, 3, "Gold", 20, Decimal(1500))
LEVELS = (BASE, SILVER, GOLD)


@pytest.mark.parametrize(
    ("measure", "nights", "money", "reached"),
    [
        ("nights", 9, 99_999, BASE),
        ("nights", 10, 0, SILVER),
        ("nights", 25, 0, GOLD),
        ("money", 99, 999, BASE),
        ("money", 0, 1000, SILVER),
        ("either", 10, 0, SILVER),  # the three-star guest: 10 nights for little money
        ("either", 3, 1500, GOLD),  # the five-star guest: 3 nights at 500
        ("either", 9, 999, BASE),
    ],
)
def test_the_highest_level_that_the_earnings_reach(
    measure: str, nights: int, money: int, reached: LevelStep
) -> None:
    assert level_reached(LEVELS, measure=measure, held=BASE, nights=nights, money=Decimal(money)) is reached


def test_levels_never_fall_by_themselves() -> None:
    assert level_reached(LEVELS, measure="nights", held=GOLD, nights=0, money=Decimal(0)) is GOLD


def test_a_level_without_a_threshold_in_the_measure_is_passed_over() -> None:
    by_money_only = LevelStep(2, 2, "Silver", None, Decimal(1000))

    reached = level_reached(
        (BASE, by_money_only, GOLD), measure="nights", held=BASE, nights=20, money=Decimal(0)
    )

    assert reached is GOLD


@pytest.mark.parametrize(
    ("measure", "held", "nights", "money", "expected"),
    [
        ("nights", BASE, 7, 0, ("Silver", 3, None, 70)),
        ("money", BASE, 0, 250, ("Silver", None, 750, 25)),
        ("either", BASE, 7, 250, ("Silver", 3, 750, 70)),  # the nearer of the two shows
        ("nights", SILVER, 19, 0, ("Gold", 1, None, 95)),
        ("nights", BASE, 15, 0, ("Silver", 0, None, 99)),  # reached, but not evaluated yet
    ],
)
def test_what_is_missing_to_the_next_level(
    measure: str, held: LevelStep, nights: int, money: int, expected: tuple[object, ...]
) -> None:
    found = next_level(LEVELS, measure=measure, held=held, nights=nights, money=Decimal(money))

    assert found is not None
    assert (found.level.name, found.missing_nights, found.missing_money, found.percent) == expected


def test_above_the_highest_level_there_is_none() -> None:
    assert next_level(LEVELS, measure="nights", held=GOLD, nights=99, money=Decimal(0)) is None
