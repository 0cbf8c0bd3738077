"""What a stay earns: tables that a reader can check by hand."""

from datetime import date
from decimal import Decimal

import pytest

from bookings.money import Rate, RateTable
from loyalty.earning import (
    Earned,
    NoExchangeRate,
    Nothing,
    Programme,
    Rule,
    StayFacts,
    points_for,
)
from loyalty.levels import LevelStep

BASE, SILVER = LevelStep(1, 1, "Base"), LevelStep(2, 2, "Silver", threshold_nights=5)
HOTEL, OTHER_HOTEL = 7, 8
DEPARTURE = date(2026, 6, 3)


def rule(method: str = "percentage", rate: str | None = "5", **values: object) -> Rule:
    fields = {"id": 1, "name": "Rule", "kind": "base", "valid_from": date(2026, 1, 1)}
    return Rule(**{**fields, "method": method, "rate": rate and Decimal(rate), **values})


def programme(*rules: Rule, rounding: str = "down", rates: list[Rate] | None = None) -> Programme:
    return Programme(
        membership_type_id=1,
        currency="EUR",
        rounding=rounding,
        rules=rules,
        rates=RateTable("EUR", rates or []),
        levels=(BASE, SILVER),
    )


def stay(room: str = "400", extras: str = "0", *, currency: str = "EUR", **values: object) -> StayFacts:
    facts = StayFacts(
        departure=DEPARTURE,
        property_id=HOTEL,
        nights=2,
        length=2,
        room=(currency, Decimal(room)),
        extras={currency: Decimal(extras)},
    )
    return facts._replace(**values)


def earned(facts: StayFacts, using: Programme, level: LevelStep = BASE) -> Earned:
    result = points_for(facts, programme=using, level=level)
    assert isinstance(result, Earned)
    return result


class TestMethods:
    @pytest.mark.parametrize(
        ("using", "room", "extras", "points"),
        [
            (rule("percentage", "5"), "400", "0", 20),
            (rule("percentage", "5"), "306", "0", 15),  # 15.30
            (rule("percentage", "5"), "400", "100", 20),  # the room only
            (rule("percentage", "5", including_extras=True), "400", "100", 25),
            (rule("percentage", "2.5"), "100", "0", 2),  # 2.5
            (rule("per_night", "100"), "400", "0", 200),
            (rule("per_stay", "500"), "400", "0", 500),
            (rule("per_revenue", "2", per_amount=Decimal(10)), "29", "0", 5),  # 29 × 2 ÷ 10 = 5.8
            (
                rule("per_revenue", "2", per_amount=Decimal(10), complete_units_only=True),
                "29",
                "0",
                4,
            ),  # 2 units
            (rule("per_revenue", "1", per_amount=Decimal(3)), "10", "0", 3),  # 3.33
            (rule("per_revenue", "1", per_amount=Decimal(10), including_extras=True), "95", "5", 10),
        ],
    )
    def test_points(self, using: Rule, room: str, extras: str, points: int) -> None:
        assert earned(stay(room, extras), programme(using)).points == points

    def test_by_level_takes_the_rate_of_the_level_held(self) -> None:
        using = programme(rule(rate=None, rates={1: Decimal(5), 2: Decimal(7)}))

        assert earned(stay("400"), using, BASE).points == 20
        assert earned(stay("400"), using, SILVER).points == 28

    def test_a_level_without_a_rate_earns_no_points_but_its_nights_and_money_count(self) -> None:
        result = earned(stay("400"), programme(rule(rate=None, rates={1: Decimal(5)})), SILVER)

        assert (result.points, result.nights, result.money) == (0, 2, Decimal(400))


class TestRounding:
    @pytest.mark.parametrize(
        ("rounding", "room", "points"),
        [
            ("down", "59.80", 2),  # 2.99
            ("half_up", "49.80", 2),  # 2.49
            ("half_up", "50.00", 3),  # 2.50
            ("up", "40.20", 3),  # 2.01
            ("up", "40.00", 2),  # 2.00 exactly
        ],
    )
    def test_whole_points(self, rounding: str, room: str, points: int) -> None:
        assert earned(stay(room), programme(rule(), rounding=rounding)).points == points

    def test_once_a_rule_line_at_its_end(self) -> None:
        """Two lines of 0.9 are 0 + 0, not 1."""
        using = programme(rule(rate="1"), rule(rate="1", kind="bonus", id=2))

        assert earned(stay("90"), using).points == 0


class TestRules:
    def test_a_rule_for_the_property_beats_the_main_one_of_its_kind(self) -> None:
        own = rule(rate="10", id=2, properties=frozenset({HOTEL}))
        using = programme(rule(rate="5"), own)

        assert earned(stay("400"), using).points == 40
        assert earned(stay("400", property_id=OTHER_HOTEL), using).points == 20

    def test_a_bonus_is_added_and_is_no_tier_point(self) -> None:
        result = earned(stay("400"), programme(rule(), rule("per_stay", "50", kind="bonus", id=2)))

        assert (result.points, result.tier_points) == (70, 20)

    @pytest.mark.parametrize(
        ("departure", "rate"),
        [
            (date(2025, 12, 31), None),
            (date(2026, 1, 1), 20),
            (date(2026, 5, 31), 20),
            (date(2026, 6, 1), 40),  # half-open: the new rule from its first day on
        ],
    )
    def test_chosen_by_departure_date(self, departure: date, rate: int | None) -> None:
        first = rule(valid_from=date(2026, 1, 1), valid_until=date(2026, 6, 1))
        second = rule(rate="10", id=2, valid_from=date(2026, 6, 1))

        result = points_for(stay("400", departure=departure), programme=programme(first, second), level=BASE)

        assert result == Nothing("no_rule") if rate is None else result.points == rate

    @pytest.mark.parametrize(("length", "points"), [(1, None), (2, 20), (3, 20)])
    def test_minimum_nights(self, length: int, points: int | None) -> None:
        result = points_for(
            stay("400", length=length), programme=programme(rule(minimum_nights=2)), level=BASE
        )

        assert result == Nothing("too_short") if points is None else result.points == points

    def test_several_rooms_for_one_night_are_no_long_stay(self) -> None:
        result = points_for(
            stay("400", nights=3, length=1), programme=programme(rule(minimum_nights=2)), level=BASE
        )

        assert result == Nothing("too_short")

    def test_nothing_paid_and_no_night_is_nothing(self) -> None:
        assert points_for(stay("0", nights=0, length=0), programme=programme(rule()), level=BASE) == Nothing(
            "nothing_to_earn"
        )


class TestMultiplier:
    def test_on_base_lines_only_before_rounding(self) -> None:
        using = programme(rule(), rule("per_stay", "50", kind="bonus", id=2))

        result = earned(stay("306", multiplier=Decimal("1.5")), using)

        assert [line["points"] for line in result.explanation["lines"]] == [22, 50]  # 15.30 × 1.5 = 22.95


class TestWhatWasReallyPaid:
    """Exely 375776: new points on final cost = original - discount - redeemed points."""

    @pytest.mark.parametrize(
        ("room", "extras", "redeemed", "including_extras", "points"),
        [
            ("360", "0", "54", False, 15),  # bank card: 306 paid, 15.30
            ("360", "0", "100", False, 13),  # at check-in: 260 paid
            ("300", "100", "40", False, 13),  # the room bears 30 of the 40: 270
            ("300", "100", "40", True, 18),  # 360
            ("300", "0", "300", False, 0),
            ("300", "0", "999", False, 0),  # never below zero
        ],
    )
    def test_points_used_reduce_room_and_extras_in_proportion(
        self, room: str, extras: str, redeemed: str, including_extras: bool, points: int
    ) -> None:
        using = programme(rule(including_extras=including_extras))

        assert earned(stay(room, extras, redeemed_value=Decimal(redeemed)), using).points == points


class TestCurrencies:
    RATES = (
        Rate("GBP", None, date(2026, 1, 1), Decimal("1.15")),
        Rate("GBP", None, date(2026, 6, 3), Decimal("1.20")),
        Rate("GBP", OTHER_HOTEL, date(2026, 1, 1), Decimal("1.00")),
    )

    @pytest.mark.parametrize(
        ("departure", "hotel", "points"),
        [
            (date(2026, 6, 2), HOTEL, 23),  # 400 × 1.15 = 460
            (date(2026, 6, 3), HOTEL, 24),  # the latest on or before: 480
            (date(2026, 6, 3), OTHER_HOTEL, 20),  # a property's own rate wins
        ],
    )
    def test_the_latest_rate_on_or_before_departure(self, departure: date, hotel: int, points: int) -> None:
        facts = stay("400", currency="GBP", departure=departure, property_id=hotel)

        assert earned(facts, programme(rule(), rates=list(self.RATES))).points == points

    def test_no_rate_is_an_exception_never_zero_points(self) -> None:
        with pytest.raises(NoExchangeRate, match="USD to EUR on 2026-06-03"):
            points_for(stay("1", currency="USD"), programme=programme(rule()), level=BASE)

    def test_not_rounded_before_points(self) -> None:
        """99.99 at 1.0001 is 99.999999: 99 points at 100 %. Rounded to the cent first it would have been 100."""
        rates = [Rate("GBP", None, date(2026, 1, 1), Decimal("1.0001"))]
        facts = stay("99.99", currency="GBP")

        assert earned(facts, programme(rule(rate="100"), rates=rates)).points == 99

    def test_extras_in_another_currency(self) -> None:
        facts = stay("100")._replace(extras={"GBP": Decimal(100), "EUR": Decimal(10)})

        result = earned(facts, programme(rule(including_extras=True), rates=list(self.RATES)))

        assert (result.points, result.money) == (11, Decimal("230.000"))  # 100 + 120 + 10


def test_the_explanation_says_how_it_came_about() -> None:
    rates = [Rate("GBP", None, date(2026, 1, 1), Decimal("1.17"))]
    facts = stay("300.00", currency="GBP", left_out=[{"what": "charge", "code": "MINIBAR"}])

    result = earned(facts, programme(rule(), rates=rates), SILVER)

    assert result.explanation == {
        "level": {"id": 2, "name": "Silver"},
        "currency": "EUR",
        "rounding": "down",
        "nights": 2,
        "length": 2,
        "amounts": [
            {"of": "room", "amount": "300", "currency": "GBP", "exchange_rate": "1.17", "worth": "351"},
        ],
        "lines": [
            {
                "rule": 1,
                "name": "Rule",
                "kind": "base",
                "method": "percentage",
                "rate": "5",
                "money": "351",
                "points": 17,
            }
        ],
        "left_out": [{"what": "charge", "code": "MINIBAR"}],
    }
