"""An entry's stored explanation, put into words: a bill with amounts, one line a rule, and what was left out.

The one place for these words; a page of guests may say some of them differently by choosing other fields.
Pure: no database and no clock. What is stored is complete, so what a line came to before rounding is worked
out again from it.

| stored                                            | said                                                   |
|---------------------------------------------------|--------------------------------------------------------|
| percentage, rate 5, money 400, currency EUR       | 5 % of €400.00 = 20                                    |
| per night, rate 100, nights 3                     | 3 nights × 100 = 300                                   |
| per stay, rate 250                                | 250 per stay                                           |
| per revenue, rate 2, per amount 10, money 29      | 2 for every €10.00 of €29.00 = 5.8                     |
| the same, complete units only                     | 2 for every complete €10.00 of €29.00 = 4              |
| … multiplier 1.5                                  | … × 1.5 …                                              |
| … and it is no whole number                       | … rounded down to 5                                    |
"""

from collections.abc import Mapping
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

from babel.numbers import format_currency
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from bookings.money import display, smallest_unit


@dataclass(frozen=True, slots=True)
class AmountLine:
    """Money that counts: in the property's currency, and its worth in the programme's."""

    what: str
    amount: str
    exchange: str
    worth: str


@dataclass(frozen=True, slots=True)
class RuleLine:
    """``sum`` is the whole calculation in one line; ``points`` what it gave."""

    name: str
    kind: str
    sum: str
    points: str


@dataclass(frozen=True, slots=True)
class Bill:
    level: str
    stay: str
    amounts: tuple[AmountLine, ...]
    redeemed: str
    lines: tuple[RuleLine, ...]
    left_out: tuple[str, ...]


def bill(explanation: Mapping[str, Any], *, label: str) -> Bill:
    """``label`` is the programme's own word for points."""
    currency = explanation.get("currency", "")
    redeemed = explanation.get("redeemed_value")
    return Bill(
        level=_level(explanation),
        stay=_stay(explanation),
        amounts=tuple(_amount(amount, currency) for amount in explanation.get("amounts", ())),
        redeemed=_("%(worth)s was paid with %(label)s and earns nothing.")
        % {"worth": exact(Decimal(redeemed), currency), "label": label}
        if redeemed
        else "",
        lines=tuple(_line(line, explanation, label) for line in explanation.get("lines", ())),
        left_out=tuple(_left_out(part) for part in explanation.get("left_out", ())),
    )


def points(count: int, label: str) -> str:
    """ "1,200 Miles"."""
    return f"{count:,} {label}"


def number(value: Decimal) -> str:
    """1234.50 is "1,234.5"; what never ends is cut after six places."""
    text = f"{round(value, 6):,f}"
    return text.rstrip("0").rstrip(".") if "." in text else text


def exact(amount: Decimal, currency: str) -> str:
    """As people write it, and with every digit where the smallest coin is too coarse: €400.00, €399.9996."""
    if amount % smallest_unit(currency) == 0:
        return display(amount, currency)
    return str(format_currency(amount.normalize(), currency, locale="en", decimal_quantization=False))


def _level(explanation: Mapping[str, Any]) -> str:
    level = explanation.get("level")
    return _("Level held before the stay: %(level)s") % {"level": level["name"]} if level else ""


def _stay(explanation: Mapping[str, Any]) -> str:
    if "nights" not in explanation:
        return ""
    nights, length = explanation["nights"], explanation.get("length", 0)
    if not nights:
        return _("Day use: no night counts.")
    said = ngettext("%(count)s room night counts.", "%(count)s room nights count.", nights) % {
        "count": nights
    }
    if nights != length:
        said += " " + ngettext(
            "The stay is %(count)s night long.", "The stay is %(count)s nights long.", length
        ) % {"count": length}
    return said


def _amount(amount: Mapping[str, Any], currency: str) -> AmountLine:
    what = {"room": _("Room"), "extras": _("Extra services")}.get(amount["of"], amount["of"])
    foreign = amount["currency"] != currency
    return AmountLine(
        what=what,
        amount=exact(Decimal(amount["amount"]), amount["currency"]),
        exchange=f"1 {amount['currency']} = {amount['exchange_rate']} {currency}" if foreign else "",
        worth=exact(Decimal(amount["worth"]), currency),
    )


def _line(line: Mapping[str, Any], explanation: Mapping[str, Any], label: str) -> RuleLine:
    said, came_to = _basis(line, explanation.get("currency", ""))
    multiplier = line.get("multiplier")
    if multiplier:
        said, came_to = f"{said} × {multiplier}", round(came_to * Decimal(multiplier), 20)
    given = Decimal(line["points"])
    if multiplier or line["method"] != "per_stay":
        said += f" = {number(came_to)}"
    if came_to != given:
        said += ", " + _rounded(explanation.get("rounding", "")) % {"points": number(given)}
    return RuleLine(
        name=line["name"],
        kind={"base": _("Base"), "bonus": _("Bonus")}.get(line["kind"], line["kind"]),
        sum=said,
        points=points(line["points"], label),
    )


def _basis(line: Mapping[str, Any], currency: str) -> tuple[str, Decimal]:
    """What is counted, and what it comes to before multiplier and rounding."""
    rate, method = Decimal(line["rate"]), line["method"]
    if method == "per_stay":
        return _("%(rate)s per stay") % {"rate": number(rate)}, rate
    if method == "per_night":
        nights = line["nights"]
        said = ngettext("%(count)s night × %(rate)s", "%(count)s nights × %(rate)s", nights)
        return said % {"count": nights, "rate": number(rate)}, nights * rate
    money = Decimal(line["money"])
    if method == "percentage":
        said = _("%(rate)s %% of %(money)s") % {"rate": number(rate), "money": exact(money, currency)}
        return said, money * rate / 100
    per_amount = Decimal(line["per_amount"])
    complete = line.get("complete_units_only", False)
    said = (
        _("%(rate)s for every complete %(unit)s of %(money)s")
        if complete
        else _("%(rate)s for every %(unit)s of %(money)s")
    )
    came_to = money // per_amount * rate if complete else money * rate / per_amount
    words = {"rate": number(rate), "unit": exact(per_amount, currency), "money": exact(money, currency)}
    return said % words, came_to


def _rounded(rounding: str) -> str:
    return {
        "down": _("rounded down to %(points)s"),
        "half_up": _("rounded half up to %(points)s"),
        "up": _("rounded up to %(points)s"),
    }.get(rounding, _("rounded to %(points)s"))


def _left_out(part: Mapping[str, Any]) -> str:
    if part["what"] == "rule":
        return _("%(code)s: the stay is shorter than %(nights)s nights.") % part
    words = {"code": part.get("code", ""), "amount": exact(Decimal(part["amount"]), part["currency"])}
    if part["what"] == "nights":
        return _("%(amount)s for nights that were booked but not stayed.") % words
    if part["what"] == "extras":
        return _("%(amount)s of extra services: the rules count the room alone.") % words
    if part["what"] == "rate_plan":
        return _("%(amount)s for nights on %(code)s: the rate plan has no membership flag.") % words
    if part["what"] == "charge":
        return _("%(amount)s for %(code)s: the transaction code has no membership flag.") % words
    return f"{words['code']} {words['amount']}".strip()
