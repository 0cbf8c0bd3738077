"""What is impossible in a message: it is refused with the field and the reason, and the others go in.

Pure: no Django, no database, no clock. Only what no booking can be is refused. Codes that nobody knows, a
phone that cannot be read, nights outside the stay are kept as they came.
"""

import re
from collections.abc import Iterator
from datetime import datetime
from decimal import Decimal
from typing import Any

from bookings.messages import (
    FOLIO_KINDS,
    PROFILE_KINDS,
    SOURCES,
    STATUSES,
    BookingMessage,
    CardMessage,
    FolioLineMessage,
    GuestMessage,
    NightMessage,
    Problem,
    ProfileMessage,
)
from bookings.money import known_currencies

LARGEST_AMOUNT = Decimal("999999999999.999")
LONGEST_STAY = 1000  # nights; longer is a mistyped year
YEARS = range(1900, 2201)
MOST_ROOMS = 1000
MOST_GUESTS = 1000


def problems(message: BookingMessage) -> Iterator[Problem]:
    """What is impossible in a message; nothing for a good one."""
    yield from _impossible_words(message)
    yield from _impossible_texts(message)
    yield from _impossible_dates(message)
    yield from _impossible_amounts(message)


def _impossible_words(message: BookingMessage) -> Iterator[Problem]:
    if not message.number:
        yield Problem("number", "is empty; the source's own booking number is needed")
    yield from _unknown("source", message.source, SOURCES)
    yield from _unknown("status", message.status, STATUSES)
    yield from _unknown_currency("currency", message.currency)
    for i, line in enumerate(message.folio_lines):
        yield from _unknown_currency(f"folio_lines[{i}].currency", line.currency)
        yield from _unknown(f"folio_lines[{i}].kind", line.kind, FOLIO_KINDS)
        if not 1 <= line.window <= 8:
            yield Problem(f"folio_lines[{i}].window", f"{line.window} is no folio window; accepted: 1 to 8")
    for i, profile in enumerate(message.profiles):
        yield from _unknown(f"profiles[{i}].role", profile.role, PROFILE_KINDS)
    if len(message.guests) > MOST_GUESTS:
        yield Problem("guests", f"are {len(message.guests)}; at most {MOST_GUESTS} are accepted")


def _unknown(name: str, word: str, accepted: tuple[str, ...]) -> Iterator[Problem]:
    if word not in accepted:
        yield Problem(name, f"{word!r} is unknown; accepted: {', '.join(accepted)}")


def _unknown_currency(name: str, currency: str) -> Iterator[Problem]:
    if currency not in known_currencies():
        yield Problem(name, f"{currency!r} is not an ISO 4217 currency; write three capitals, such as EUR")


# The longest text that is kept of each field. A phone, an e-mail address and a language that a guest's
# profile cannot take stay in the message alone, so they are limited only against nonsense.
_LONGEST: dict[type, dict[str, int]] = {
    BookingMessage: {"number": 80, "leg": 20, "room_type": 40, "rate_plan": 40, "market": 80, "channel": 80}
    | {"payment_method": 80},
    GuestMessage: {"first_name": 150, "last_name": 150, "external_id": 80, "share": 20}
    | {"email": 1000, "phone": 1000, "language": 1000},
    CardMessage: {"number": 100, "type_code": 40, "level_code": 40},
    ProfileMessage: {"name": 150, "external_id": 80},
    NightMessage: {"rate_plan": 40},
    FolioLineMessage: {"transaction_code": 40},
}
_UNSTORABLE = re.compile("[\x00\ud800-\udfff]")


def _impossible_texts(message: BookingMessage) -> Iterator[Problem]:
    yield from _impossible_text(message, "")
    for name in ("guests", "profiles", "nights", "folio_lines"):
        for i, part in enumerate(getattr(message, name)):
            yield from _impossible_text(part, f"{name}[{i}].")
    for i, guest in enumerate(message.guests):
        for card in guest.cards:
            yield from _impossible_text(card, f"guests[{i}].cards.")


def _impossible_text(part: Any, path: str) -> Iterator[Problem]:
    for name, longest in _LONGEST[type(part)].items():
        text = getattr(part, name)
        if len(text) > longest:
            yield Problem(path + name, f"is {len(text)} characters long; at most {longest} are accepted")
        elif not text.isprintable() and _UNSTORABLE.search(text):
            yield Problem(path + name, f"{text!r} holds characters that are not text")


def _impossible_dates(message: BookingMessage) -> Iterator[Problem]:
    for name in ("arrival", "departure", "checked_in", "checked_out", "booked_at", "updated_at"):
        when = getattr(message, name)
        if when is not None and when.year not in YEARS:
            yield Problem(name, f"{when} is out of time; accepted: the years 1900 to 2200")
        elif isinstance(when, datetime) and when.utcoffset() is None:
            yield Problem(name, f"{when} has no time zone")
    if message.departure < message.arrival:
        yield Problem("departure", f"{message.departure} is before the arrival {message.arrival}")
    elif (message.departure - message.arrival).days > LONGEST_STAY:
        yield Problem("departure", f"{message.departure} is over {LONGEST_STAY} nights after the arrival")
    if message.checked_out and message.checked_out < message.arrival:
        yield Problem("checked_out", f"{message.checked_out} is before the arrival {message.arrival}")
    dates = [night.date for night in message.nights]
    if len(set(dates)) != len(dates):
        yield Problem("nights", "the same date comes twice; accepted: one row a night, for all rooms")


def _impossible_amounts(message: BookingMessage) -> Iterator[Problem]:
    if not 1 <= message.rooms <= MOST_ROOMS:
        yield Problem("rooms", f"{message.rooms} is not a number of rooms; accepted: 1 to {MOST_ROOMS}")
    for name in ("room_revenue", "total", "prepayment"):
        amount = getattr(message, name)
        yield from _impossible_amount(name, amount)
        if amount.is_finite() and amount < 0:
            yield Problem(name, f"{amount} is negative; zero or more is accepted")
    for i, night in enumerate(message.nights):
        yield from _impossible_amount(f"nights[{i}].amount", night.amount)
    for i, line in enumerate(message.folio_lines):
        yield from _impossible_amount(f"folio_lines[{i}].amount", line.amount)
    for i, guest in enumerate(message.guests):
        for card in guest.cards:
            if not _is_multiplier(card.multiplier):
                reason = (
                    f"{card.multiplier} is no multiplier; accepted: above 0, below 10000, two decimal places"
                )
                yield Problem(f"guests[{i}].cards.multiplier", reason)


def _is_multiplier(value: Decimal) -> bool:
    return value.is_finite() and 0 < value < 10_000 and value == round(value, 2)


def _impossible_amount(name: str, amount: Decimal) -> Iterator[Problem]:
    if not amount.is_finite() or abs(amount) > LARGEST_AMOUNT:
        yield Problem(name, f"{amount} is not an amount; accepted: up to {LARGEST_AMOUNT}")
    elif amount != round(amount, 3):
        yield Problem(name, f"{amount} has more than three decimal places")
