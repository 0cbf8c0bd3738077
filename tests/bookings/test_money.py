"""Amounts keep their currency; sums stay exact; conversion takes the rate of the day."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from bookings import money
from bookings.money import Rate, RateTable, spread


class TestSpread:
    @pytest.mark.parametrize(
        ("total", "parts", "currency", "each"),
        [
            ("100", 3, "EUR", ["33.33", "33.33", "33.34"]),
            ("100", 3, "JPY", ["33", "33", "34"]),
            ("100", 3, "KWD", ["33.333", "33.333", "33.334"]),
            ("0.02", 3, "EUR", ["0", "0", "0.02"]),
            ("99.99", 1, "EUR", ["99.99"]),
            ("0", 2, "EUR", ["0", "0"]),
            ("100.001", 2, "EUR", ["50.00", "50.001"]),
        ],
    )
    def test_equal_parts_the_remainder_on_the_last(
        self, total: str, parts: int, currency: str, each: list[str]
    ) -> None:
        assert spread(Decimal(total), parts, currency) == [Decimal(part) for part in each]

    @given(
        total=st.decimals(0, 999_999_999_999, places=3),
        parts=st.integers(1, 1000),
        currency=st.sampled_from(["EUR", "JPY", "KWD"]),
    )
    def test_the_sum_is_exact(self, total: Decimal, parts: int, currency: str) -> None:
        cut = spread(total, parts, currency)
        assert len(cut) == parts
        assert sum(cut) == total
        assert set(cut[:-1]) <= {cut[0]}
        assert 0 <= cut[-1] - cut[0] < parts * money.smallest_unit(currency) + Decimal("0.001") or parts == 1


class TestRates:
    MAY, JUNE, JULY = date(2026, 5, 1), date(2026, 6, 1), date(2026, 7, 1)
    TABLE = RateTable(
        "EUR",
        [
            Rate("USD", None, MAY, Decimal("0.90")),
            Rate("USD", None, JULY, Decimal("0.80")),
            Rate("USD", 1, JUNE, Decimal("0.95")),
        ],
    )

    @pytest.mark.parametrize(
        ("currency", "property_id", "on", "rate"),
        [
            pytest.param("USD", 2, MAY, "0.90", id="from its first day on"),
            pytest.param("USD", 2, date(2026, 6, 30), "0.90", id="until the next one"),
            pytest.param("USD", 2, JULY, "0.80", id="the latest on or before the day"),
            pytest.param("USD", 1, JULY, "0.95", id="the property's own wins, even where older"),
            pytest.param("USD", 1, MAY, "0.90", id="the group's before the property's own begins"),
            pytest.param("EUR", 1, MAY, "1", id="the same currency"),
            pytest.param("USD", 2, date(2026, 4, 30), None, id="nobody entered one: none"),
            pytest.param("GBP", 2, MAY, None, id="no such pair: none"),
        ],
    )
    def test_rate(self, currency: str, property_id: int, on: date, rate: str | None) -> None:
        found = self.TABLE.rate(currency, property_id=property_id, on=on)
        assert found == (Decimal(rate) if rate else None)

    def test_rates_are_never_inverted(self) -> None:
        table = RateTable("USD", [Rate("EUR", None, self.MAY, Decimal("1.10"))])
        assert table.rate("USD", property_id=1, on=self.JUNE) == 1
        assert RateTable("EUR", []).rate("USD", property_id=1, on=self.JUNE) is None


def test_currencies_are_those_of_iso_4217() -> None:
    assert {"EUR", "USD", "JPY"} <= money.known_currencies()
    assert not {"XXX", "XTS", "EURO", "eur", ""} & money.known_currencies()


def test_smallest_unit_half_up() -> None:
    assert money.to_smallest_unit(Decimal("1.005"), "EUR") == Decimal("1.01")
    assert money.to_smallest_unit(Decimal("1.5"), "JPY") == Decimal(2)


def test_for_people() -> None:
    assert money.display(Decimal("1234.5"), "EUR") == "€1,234.50"


def test_total_by_currency() -> None:
    assert money.total([("EUR", Decimal(1)), ("USD", Decimal(2)), ("EUR", Decimal(3))]) == {
        "EUR": 4,
        "USD": 2,
    }
