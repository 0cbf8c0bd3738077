"""Card numbers: how they are compared and how they are made. Pure: no Django, no database, no clock."""

from stdnum import luhn

from bookings.messages import card_key


class CardNumbersUsedUp(Exception):
    """The sequence has no number left of the type's length."""


def normalise(number: str) -> str:
    """Capitals, without spaces and hyphens: "ab 12-3" is "AB123"."""
    return card_key(number)


def generate(*, prefix: str, length: int, running_number: int) -> str:
    """Prefix, running number filled with zeros, and the Luhn check digit: ``length`` digits in all.

    Prefix 77, length 10, number 1: 7700000016.
    """
    room = length - len(prefix) - 1
    digits = str(running_number).zfill(room)
    if room < 1 or len(digits) > room:
        raise CardNumbersUsedUp(
            f"No card number of {length} digits with the prefix “{prefix}” is left. Make the card number longer."
        )
    return prefix + digits + luhn.calc_check_digit(prefix + digits)


def fits(number: str, *, prefix: str, length: int) -> bool:
    """Is it a number that this prefix, length and the Luhn check digit could have made?"""
    return number.isascii() and len(number) == length and number.startswith(prefix) and luhn.is_valid(number)
