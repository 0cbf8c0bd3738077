"""Who a message speaks of, in the words that profiles are kept in and compared by. Pure: no database, no
clock."""

import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date
from functools import lru_cache
from typing import NamedTuple

import phonenumbers

from bookings.messages import GuestMessage, ProfileMessage

INDIVIDUAL = "individual"
LONGEST_EMAIL = 254
LONGEST_LANGUAGE = 10
_E164 = re.compile(r"\+[1-9][0-9]{5,14}")  # as the database's constraint on profiles
_EMAIL = re.compile(r"[^@\s]+@[^@\s]+\.[^@\s]+")


@dataclass(frozen=True, slots=True)
class Person:
    """A guest or an attached profile. ``phone`` is E.164 or empty; ``last_name`` of a company is its name."""

    group_id: int
    source: str
    kind: str = INDIVIDUAL
    external_id: str = ""
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    language: str = ""

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


class Clue(NamedTuple):
    """One way to find a profile. Names and e-mail addresses are compared without regard to capitals."""

    by: str
    group_id: int
    kind: str
    name: str
    detail: str


def clues(person: Person) -> Iterator[Clue]:
    """The ways to find a person, the surest first: the source's id; full name and e-mail; full name and
    phone. A company, travel agent, source or group: the source's id; its name."""
    if person.external_id:
        yield Clue("external_id", person.group_id, "", person.source, person.external_id)
    name = person.full_name.lower()
    if not name:
        return
    if person.kind != INDIVIDUAL:
        yield Clue("name", person.group_id, person.kind, name, "")
        return
    if person.email:
        yield Clue("email", person.group_id, person.kind, name, person.email.lower())
    if person.phone:
        yield Clue("phone", person.group_id, person.kind, name, person.phone)


@dataclass(slots=True)
class KnownGuest:
    """A profile as it stands, or is about to stand. ``id`` is 0 until it is made; ``filled`` names what this
    batch added to a profile that existed."""

    id: int = 0
    first_name: str = ""
    last_name: str = ""
    email: str = ""
    phone: str = ""
    birth_date: date | None = None
    language: str = ""
    filled: set[str] = field(default_factory=set)

    @property
    def full_name(self) -> str:
        return f"{self.first_name} {self.last_name}".strip()


def guest_person(guest: GuestMessage, *, group_id: int, source: str, country: str) -> Person:
    return Person(
        group_id=group_id,
        source=source,
        external_id=guest.external_id,
        first_name=guest.first_name.strip(),
        last_name=guest.last_name.strip(),
        email=readable_email(guest.email),
        phone=e164(guest.phone, country) if guest.phone else "",
        birth_date=guest.birth_date,
        language=guest.language if len(guest.language) <= LONGEST_LANGUAGE else "",
    )


def profile_person(profile: ProfileMessage, *, group_id: int, source: str) -> Person:
    return Person(
        group_id=group_id,
        source=source,
        kind=profile.role,
        external_id=profile.external_id,
        last_name=profile.name.strip(),
    )


@lru_cache(maxsize=10_000)
def e164(raw: str, country: str) -> str:
    """ "0151 2345678" at a German property is "+491512345678"; what is no phone number is nothing."""
    try:
        number = phonenumbers.parse(raw, country)
    except phonenumbers.NumberParseException:
        return ""
    if not phonenumbers.is_possible_number(number):
        return ""
    text = str(phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.E164))
    return text if _E164.fullmatch(text) else ""


def readable_email(raw: str) -> str:
    return raw if len(raw) <= LONGEST_EMAIL and _EMAIL.fullmatch(raw) else ""
