"""What a stay earns, and why. Pure: a stay and a programme go in, points and the explanation come out. No database, no
clock, no Django. The calculation, the preview and every later simulation call ``points_for``.

A stay earns by the base rule and, beside it, the bonus rule that are in force on its departure date; a rule for the
property beats the main rule of its kind.

| method      | points of a line, before rounding                                            |
|-------------|------------------------------------------------------------------------------|
| percentage  | money that counts × rate ÷ 100                                               |
| per night   | room nights that count × rate                                                |
| per stay    | rate                                                                         |
| per revenue | money that counts × rate ÷ per amount; *complete units only*: whole amounts  |

Money that counts is room money, and counted extras where the rule includes extra services (Exely 289413 step 2), in the
programme's currency, less the worth of points used in proportion to room and extras, never below zero. The multiplier
of the booking applies to base lines. Each line is rounded once, at its end.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import ROUND_DOWN, ROUND_HALF_UP, ROUND_UP, Decimal
from typing import Any, NamedTuple

from bookings.money import ONE, ZERO, RateTable
from loyalty.levels import LevelStep

ROUNDING = {"down": ROUND_DOWN, "half_up": ROUND_HALF_UP, "up": ROUND_UP}
HUNDRED = Decimal(100)
THOUSANDTH = Decimal("0.001")


@dataclass(frozen=True, slots=True)
class Rule:
    """An earning rule. ``rate`` for all, or ``rates`` by level id; ``properties`` None: the main rule."""

    id: int
    name: str
    kind: str
    method: str
    valid_from: date
    valid_until: date | None = None
    rate: Decimal | None = None
    rates: Mapping[int, Decimal] | None = None
    including_extras: bool = False
    per_amount: Decimal | None = None
    complete_units_only: bool = False
    minimum_nights: int = 0
    properties: frozenset[int] | None = None

    def applies_on(self, day: date) -> bool:
        return self.valid_from <= day and (self.valid_until is None or day < self.valid_until)


@dataclass(frozen=True, slots=True)
class Programme:
    """A membership type as the calculation sees it. ``levels`` rise by rank."""

    membership_type_id: int
    currency: str
    rounding: str
    rules: Sequence[Rule]
    rates: RateTable
    levels: Sequence[LevelStep]
    measure: str = "nights"

    def rule(self, kind: str, *, property_id: int, on: date) -> Rule | None:
        """The rule of a kind for a property and day: the property's own, else the main one."""
        main = None
        for rule in self.rules:
            if rule.kind == kind and rule.applies_on(on):
                if rule.properties is None:
                    main = rule
                elif property_id in rule.properties:
                    return rule
        return main


class StayFacts(NamedTuple):
    """What counts of a stay, each amount in its own currency (``bookings.revenue`` decides what counts).

    ``nights`` are room nights, ``length`` nights of the calendar. ``redeemed_value``: the worth, in the programme's
    currency, of the points that paid for a part. ``left_out``: what does not count, for the explanation.
    """

    departure: date
    property_id: int
    nights: int
    length: int
    room: tuple[str, Decimal]
    extras: Mapping[str, Decimal]
    multiplier: Decimal = ONE
    redeemed_value: Decimal = ZERO
    left_out: Sequence[Mapping[str, Any]] = ()


class Earned(NamedTuple):
    """Whole points; ``money`` in the programme's currency, to three places."""

    points: int
    tier_points: int
    nights: int
    money: Decimal
    explanation: dict[str, Any]


@dataclass(frozen=True, slots=True)
class Nothing:
    """The stay gives nothing at all, and why: ``no_rule``, ``too_short`` or ``nothing_to_earn``."""

    reason: str


class NoExchangeRate(Exception):
    """Nobody entered a rate for this currency on or before the departure date. Never zero points instead."""


def points_for(stay: StayFacts, *, programme: Programme, level: LevelStep) -> Earned | Nothing:
    """What the stay earns at the level held before it. Raises ``NoExchangeRate``."""
    base = programme.rule("base", property_id=stay.property_id, on=stay.departure)
    bonus = programme.rule("bonus", property_id=stay.property_id, on=stay.departure)
    rules = [rule for rule in (base, bonus) if rule]
    if not rules:
        return Nothing("no_rule")
    long_enough = [rule for rule in rules if stay.length >= rule.minimum_nights]
    if not long_enough:
        return Nothing("too_short")

    room, extras, amounts = _worth(stay, programme)
    room, everything = _less_redeemed(room, extras, stay.redeemed_value)
    lines, points, tier_points = [], 0, 0
    for rule in long_enough:
        line = _line(rule, stay, programme, level, everything if rule.including_extras else room)
        lines.append(line)
        points += line["points"]
        tier_points += line["points"] if rule.kind == "base" else 0
    money = (everything if base and base.including_extras else room).quantize(THOUSANDTH, ROUND_HALF_UP)
    if not (points or stay.nights or money):
        return Nothing("nothing_to_earn")
    explanation = _explanation(stay, programme, level, amounts, lines)
    return Earned(points, tier_points, stay.nights, money, explanation)


def _worth(stay: StayFacts, programme: Programme) -> tuple[Decimal, Decimal, list[dict[str, str]]]:
    """Room and extras in the programme's currency, never below zero, and how each amount came to its worth."""
    worth = {"room": ZERO, "extras": ZERO}
    amounts = []
    for what, currency, amount in [
        ("room", *stay.room),
        *(("extras", *extra) for extra in stay.extras.items()),
    ]:
        if not amount:
            continue
        rate = programme.rates.rate(currency, property_id=stay.property_id, on=stay.departure)
        if rate is None:
            raise NoExchangeRate(f"{currency} to {programme.currency} on {stay.departure}")
        value = amount * rate
        worth[what] += value
        amounts.append(
            {
                "of": what,
                "amount": plain(amount),
                "currency": currency,
                "exchange_rate": plain(rate),
                "worth": plain(value),
            }
        )
    return max(worth["room"], ZERO), max(worth["extras"], ZERO), amounts


def _less_redeemed(room: Decimal, extras: Decimal, redeemed_value: Decimal) -> tuple[Decimal, Decimal]:
    """The room alone, and room and extras together: each less its share of what points paid, never below zero."""
    total = room + extras
    if not redeemed_value or not total:
        return room, total
    paid = max(total - redeemed_value, ZERO)
    return room * paid / total, paid


def _line(
    rule: Rule, stay: StayFacts, programme: Programme, level: LevelStep, money: Decimal
) -> dict[str, Any]:
    rate = (rule.rate if rule.rates is None else rule.rates.get(level.id)) or ZERO
    line: dict[str, Any] = {
        "rule": rule.id,
        "name": rule.name,
        "kind": rule.kind,
        "method": rule.method,
        "rate": plain(rate),
    }
    if rule.method == "per_stay":
        points = rate
    elif rule.method == "per_night":
        points = stay.nights * rate
        line["nights"] = stay.nights
    else:
        line["money"] = plain(money)
        if rule.including_extras:
            line["including_extras"] = True
        points = _points_of_money(money, rule, rate, line)
    if rule.kind == "base" and stay.multiplier != ONE:
        points *= stay.multiplier
        line["multiplier"] = plain(stay.multiplier)
    line["points"] = int(points.to_integral_value(ROUNDING[programme.rounding]))
    return line


def _points_of_money(money: Decimal, rule: Rule, rate: Decimal, line: dict[str, Any]) -> Decimal:
    if rule.method == "percentage":
        return money * rate / HUNDRED
    per_amount = rule.per_amount or ONE
    line["per_amount"] = plain(per_amount)
    if rule.complete_units_only:
        line["complete_units_only"] = True
        return (money // per_amount) * rate
    return money * rate / per_amount


def _explanation(
    stay: StayFacts,
    programme: Programme,
    level: LevelStep,
    amounts: list[dict[str, str]],
    lines: list[dict[str, Any]],
) -> dict[str, Any]:
    """How the numbers came about, complete enough to be worked out again from itself. Amounts are text."""
    explanation: dict[str, Any] = {
        "level": {"id": level.id, "name": level.name},
        "currency": programme.currency,
        "rounding": programme.rounding,
        "nights": stay.nights,
        "length": stay.length,
        "amounts": amounts,
        "lines": lines,
    }
    if stay.redeemed_value:
        explanation["redeemed_value"] = plain(stay.redeemed_value)
    if stay.left_out:
        explanation["left_out"] = list(stay.left_out)
    return explanation


def plain(number: Decimal) -> str:
    """A number as text, without needless zeros: 300.000 is "300", 1.20 is "1.2"."""
    normal = number.normalize()
    text = str(normal)
    return f"{normal:f}" if "E" in text else text
