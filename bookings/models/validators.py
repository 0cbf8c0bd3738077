"""What a currency, a time zone and a country may be. The lists are those of the standards, kept by libraries."""

from functools import cache
from zoneinfo import available_timezones

import phonenumbers
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from bookings.money import known_currencies


@cache
def time_zones() -> frozenset[str]:
    return frozenset(available_timezones())


def validate_currency(value: str) -> None:
    if value not in known_currencies():
        raise ValidationError(
            _("“%(value)s” is not an ISO 4217 currency code. Write three capitals, such as EUR."),
            params={"value": value},
        )


def validate_time_zone(value: str) -> None:
    if value not in time_zones():
        raise ValidationError(
            _("“%(value)s” is not an IANA time zone. Write a name such as Europe/Berlin."),
            params={"value": value},
        )


def validate_country(value: str) -> None:
    if value not in phonenumbers.SUPPORTED_REGIONS:
        raise ValidationError(
            _("“%(value)s” is not an ISO 3166 country code. Write two capitals, such as DE."),
            params={"value": value},
        )
