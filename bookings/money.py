"""Currencies, and conversion at a date. Pure: no Django, no database, no clock.

Amounts are ``Decimal`` with a currency. Conversion takes the rate of the exchange type that is the latest on or before
the date, of the property where it has one of its own, else of the group. Rates are never inverted or chained, and the
product is not rounded: rounding happens once, where points are made.
"""

from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, Decimal
from functools import cache

from babel.numbers import format_currency as babel_format_currency
from babel.numbers import get_currency_precision, list_currencies

ZERO = Decimal(0)
ONE = Decimal(1)


@cache
def known_currencies() -> frozenset[str]:
    """The ISO 4217 codes, without XXX ("no currency") and XTS ("for tests")."""
    return frozenset(list_currencies()) - {"XXX", "XTS"}


@cache
def smallest_unit(currency: str) -> Decimal:
    """0.01 for EUR, 1 for JPY, 0.001 for KWD."""
    return ONE.scaleb(-get_currency_precision(currency))


def to_smallest_unit(amount: Decimal, currency: str) -> Decimal:
    return amount.quantize(smallest_unit(currency), ROUND_HALF_UP)


def display(amount: Decimal, currency: str, *, locale: str = "en") -> str:
    """ "€1,234.50", for people."""
    return str(babel_format_currency(amount, currency, locale=locale))


def spread(total: Decimal, parts: int, currency: str) -> list[Decimal]:
    """A total cut into equal parts of whole smallest units; the remainder is on the last, so that the sum is exact.

    100.00 EUR over 3: 33.33, 33.33, 33.34.
    """
    each = (total / parts).quantize(smallest_unit(currency), ROUND_DOWN)
    return [each] * (parts - 1) + [total - each * (parts - 1)]


@dataclass(frozen=True, slots=True)
class Rate:
    """One row of the exchange rate table: ``rate`` units of the programme's currency for one of ``currency``."""

    currency: str
    property_id: int | None
    valid_from: date
    rate: Decimal


class RateTable:
    """The rates of one exchange type into one currency, ready to be asked for a property and a day."""

    def __init__(self, into: str, rates: Iterable[Rate]) -> None:
        self.into = into
        self._rates: dict[tuple[str, int | None], list[Rate]] = {}
        for rate in sorted(rates, key=lambda rate: rate.valid_from, reverse=True):
            self._rates.setdefault((rate.currency, rate.property_id), []).append(rate)

    def rate(self, currency: str, *, property_id: int, on: date) -> Decimal | None:
        """Units of the programme's currency for one of ``currency``; None where nobody entered a rate."""
        if currency == self.into:
            return ONE
        for scope in (property_id, None):
            for rate in self._rates.get((currency, scope), ()):
                if rate.valid_from <= on:
                    return rate.rate
        return None


def total(amounts: Iterable[tuple[str, Decimal]]) -> Mapping[str, Decimal]:
    """Amounts added up by currency."""
    sums: dict[str, Decimal] = {}
    for currency, amount in amounts:
        sums[currency] = sums.get(currency, ZERO) + amount
    return sums
