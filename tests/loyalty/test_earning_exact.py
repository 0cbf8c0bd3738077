"""What a stay earns is exact: properties over random amounts, what is beyond reason, and what the rules leave out."""

from decimal import Decimal
from fractions import Fraction
from math import ceil, floor

import pytest
from hypothesis import given
from hypothesis import strategies as st

from loyalty.earning import AmountTooLarge, Earned, plain, points_for
from tests.loyalty.test_earning import BASE, earned, programme, rule, stay


@given(
    money=st.integers(1, 99_999),
    rate=st.integers(1, 20),
    per_amount=st.sampled_from([3, 6, 7, 10, 15, 30]),
    multiplier=st.sampled_from(["1", "1.5", "3", "0.33"]),
    redeemed=st.integers(0, 500),
    rounding=st.sampled_from(["down", "half_up", "up"]),
)
def test_points_are_exact_however_the_division_ends(
    money: int, rate: int, per_amount: int, multiplier: str, redeemed: int, rounding: str
) -> None:
    """Against fractions: 10 ÷ 3 × 3 is 10 points, not 9 of 9.999…"""
    using = programme(rule("per_revenue", str(rate), per_amount=Decimal(per_amount)), rounding=rounding)
    facts = stay(str(money), multiplier=Decimal(multiplier), redeemed_value=Decimal(redeemed))

    result = points_for(facts, programme=using, level=BASE)

    exact = Fraction(max(money - redeemed, 0)) * rate / per_amount * Fraction(multiplier)
    rounded = {"down": floor(exact), "half_up": floor(exact + Fraction(1, 2)), "up": ceil(exact)}[rounding]
    assert isinstance(result, Earned)
    assert result.points == rounded


def test_an_amount_beyond_reason_is_no_points_but_an_exception() -> None:
    with pytest.raises(AmountTooLarge):
        points_for(stay("999999999999.99", multiplier=Decimal(9000)), programme=programme(rule()), level=BASE)


def test_extras_that_no_rule_counts_need_no_exchange_rate_and_are_told() -> None:
    facts = stay("400")._replace(extras={"USD": Decimal(50)})

    result = earned(facts, programme(rule()))

    assert result.points == 20
    assert result.explanation["left_out"] == [{"what": "extras", "amount": "50", "currency": "USD"}]


def test_a_bonus_for_longer_stays_is_told() -> None:
    long_stay_bonus = rule("per_stay", "50", kind="bonus", id=2, name="Long stays", minimum_nights=3)

    result = earned(stay("400"), programme(rule(), long_stay_bonus))

    assert result.points == 20
    assert result.explanation["left_out"] == [{"what": "rule", "code": "Long stays", "nights": "3"}]


AMOUNTS = st.decimals(min_value=0, max_value=100_000, places=2)


@given(room=AMOUNTS, extras=AMOUNTS, rate=st.decimals(min_value=0, max_value=100, places=2))
def test_points_are_the_exact_product_rounded_down_once(
    room: Decimal, extras: Decimal, rate: Decimal
) -> None:
    using = programme(rule(rate=str(rate), including_extras=True))
    facts = stay(str(room), str(extras))

    result = earned(facts, using)

    cents = int((room + extras) * 100) * int(rate * 100)
    assert result.points == cents // 1_000_000
    assert result.money == room + extras


@given(AMOUNTS, AMOUNTS, AMOUNTS)
def test_using_more_points_never_earns_more(room: Decimal, less: Decimal, more: Decimal) -> None:
    less, more = sorted((less, more))
    using = programme(rule())

    assert (
        earned(stay(str(room), redeemed_value=more), using).points
        <= earned(stay(str(room), redeemed_value=less), using).points
    )


@pytest.mark.parametrize(
    ("number", "text"), [("300.000", "300"), ("1.20", "1.2"), ("0.000", "0"), ("1200", "1200")]
)
def test_numbers_as_text_have_no_needless_zeros(number: str, text: str) -> None:
    assert plain(Decimal(number)) == text
