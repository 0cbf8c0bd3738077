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
from decimal import ROUND_HALF_UP, Context, Decimal, localcontext
from typing import Any, NamedTuple

from bookings.money import ONE, ZERO, RateTable
from loyalty.levels import LevelStep

EXACT = Context(prec=100)  # every product of amounts, rates and multipliers fits without rounding
MOST = 10**12  # of points, and of money in the programme's currency: more is a mistyped amount or rate
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


class AmountTooLarge(Exception):
    """The money or the points are beyond what the ledger can hold: a mistyped amount or rate."""


def points_for(stay: StayFacts, *, programme: Programme, level: LevelStep) -> Earned | Nothing:
    """What the stay earns at the level held before it. Raises ``NoExchangeRate`` or ``AmountTooLarge``."""
    base = programme.rule("base", property_id=stay.property_id, on=stay.departure)
    bonus = programme.rule("bonus", property_id=stay.property_id, on=stay.departure)
    rules = [rule for rule in (base, bonus) if rule]
    if not rules:
        return Nothing("no_rule")
    long_enough = [rule for rule in rules if stay.length >= rule.minimum_nights]
    if not long_enough:
        return Nothing("too_short")
    with localcontext(EXACT):
        return _earned(stay, programme, level, rules, long_enough)


def _earned(
    stay: StayFacts,
    programme: Programme,
    level: LevelStep,
    rules: Sequence[Rule],
    long_enough: Sequence[Rule],
) -> Earned | Nothing:
    counts_extras = any(rule.including_extras for rule in rules)
    worth, amounts = _worth(stay, programme, counts_extras)
    room, everything = _less_redeemed(worth["room"], worth["extras"], stay.redeemed_value)
    lines, points, tier_points = [], 0, 0
    for rule in long_enough:
        line = _line(rule, stay, programme, level, everything if rule.including_extras else room)
        lines.append(line)
        points += line["points"]
        tier_points += line["points"] if rule.kind == "base" else 0
    counted = everything if rules[0].kind == "base" and rules[0].including_extras else room
    money = (counted.amount / counted.parts).quantize(THOUSANDTH, ROUND_HALF_UP)
    if money > MOST or points > MOST:
        raise AmountTooLarge(f"{points} points, {money} {programme.currency}")
    if not (points or stay.nights or money):
        return Nothing("nothing_to_earn")
    explanation = _explanation(stay, programme, level, amounts, lines)
    if left_out := [*stay.left_out, *_left_out(stay, rules, long_enough, counts_extras)]:
        explanation["left_out"] = left_out
    return Earned(points, tier_points, stay.nights, money, explanation)


class Money(NamedTuple):
    """``amount`` ÷ ``parts``: divided once, at the end of a line, so that no point is lost to a quotient that never ends."""

    amount: Decimal
    parts: Decimal = ONE


def _worth(
    stay: StayFacts, programme: Programme, counts_extras: bool
) -> tuple[dict[str, Decimal], list[dict[str, str]]]:
    """Room and extras in the programme's currency, never below zero, and how each amount came to its worth. Extras that
    no rule counts need no exchange rate."""
    worth = {"room": ZERO, "extras": ZERO}
    amounts = []
    extras = stay.extras.items() if counts_extras else ()
    for what, currency, amount in [("room", *stay.room), *(("extras", *extra) for extra in extras)]:
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
    return {what: max(value, ZERO) for what, value in worth.items()}, amounts


def _less_redeemed(room: Decimal, extras: Decimal, redeemed_value: Decimal) -> tuple[Money, Money]:
    """The room alone, and room and extras together: each less its share of what points paid, never below zero."""
    total = room + extras
    if not redeemed_value or not total:
        return Money(room), Money(total)
    paid = max(total - redeemed_value, ZERO)
    return Money(room * paid, total), Money(paid)


def _line(
    rule: Rule, stay: StayFacts, programme: Programme, level: LevelStep, money: Money
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
        points = Money(rate)
    elif rule.method == "per_night":
        points = Money(stay.nights * rate)
        line["nights"] = stay.nights
    else:
        line["money"] = plain(money.amount / money.parts)
        if rule.including_extras:
            line["including_extras"] = True
        points = _points_of_money(money, rule, rate, line)
    if rule.kind == "base" and stay.multiplier != ONE:
        points = Money(points.amount * stay.multiplier, points.parts)
        line["multiplier"] = plain(stay.multiplier)
    line["points"] = whole(points, programme.rounding)
    return line


def _points_of_money(money: Money, rule: Rule, rate: Decimal, line: dict[str, Any]) -> Money:
    if rule.method == "percentage":
        return Money(money.amount * rate, money.parts * HUNDRED)
    per_amount = rule.per_amount or ONE
    line["per_amount"] = plain(per_amount)
    if rule.complete_units_only:
        line["complete_units_only"] = True
        return Money((money.amount // (money.parts * per_amount)) * rate)
    return Money(money.amount * rate, money.parts * per_amount)


def whole(points: Money, rounding: str) -> int:
    """Whole points of an exact quotient: 10 × 3 ÷ 3 is 10, and not 9 of 9.999…"""
    count, rest = divmod(points.amount, points.parts)
    if rest and (rounding == "up" or (rounding == "half_up" and rest * 2 >= points.parts)):
        count += 1
    return int(count)


def _left_out(
    stay: StayFacts, rules: Sequence[Rule], long_enough: Sequence[Rule], counts_extras: bool
) -> list[dict[str, str]]:
    """What the rules themselves left out: extras that none of them counts, and rules for longer stays."""
    short = [rule for rule in rules if rule not in long_enough] if len(rules) > len(long_enough) else ()
    parts = [{"what": "rule", "code": rule.name, "nights": str(rule.minimum_nights)} for rule in short]
    if not counts_extras:
        parts += [
            {"what": "extras", "amount": plain(amount), "currency": currency}
            for currency, amount in stay.extras.items()
            if amount
        ]
    return parts


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
    return explanation


def plain(number: Decimal) -> str:
    """A number as text, without needless zeros: 300.000 is "300", 1.20 is "1.2"."""
    normal = number.normalize()
    text = str(normal)
    return f"{normal:f}" if "E" in text else text
