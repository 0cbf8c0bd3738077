"""The demo's people: generated names, e-mail at example.com, phones of a range kept free for fiction."""

from dataclasses import dataclass
from datetime import date, timedelta
from random import Random

from loyalty.demo.story import CARDS_FROM

FIRST_NAMES = (
    "Alba", "Anton", "Aris", "Bela", "Bruno", "Carla", "Clara", "Dario", "Dora", "Elias", "Ella",
    "Emil", "Erik", "Eva", "Felix", "Flora", "Greta", "Hanna", "Henry", "Ida", "Iris", "Ivan", "Jana",
    "Jonas", "Julia", "Karl", "Lara", "Lena", "Leo", "Lisa", "Luca", "Maja", "Marco", "Marta", "Max",
    "Mila", "Nina", "Noah", "Nora", "Oscar", "Otto", "Paul", "Rosa", "Sara", "Simon", "Sofia", "Theo",
    "Tina", "Tom", "Vera",
)  # fmt: skip
LAST_NAMES = (
    "Abbot", "Acker", "Alves", "Baker", "Bauer", "Becker", "Braun", "Brook", "Carter", "Castro",
    "Costa", "Cruz", "Dias", "Duarte", "Ebert", "Fields", "Fisher", "Forest", "Garcia", "Graham",
    "Gross", "Hahn", "Hill", "Hunter", "Jung", "Kaiser", "Keller", "Klein", "Lange", "Lopes", "Marsh",
    "Martin", "Mason", "Meyer", "Miller", "Moreno", "Neumann", "Nunes", "Olsen", "Parker", "Peters",
    "Pinto", "Porter", "Ramos", "Reis", "Richter", "Rivers", "Santos", "Schmidt", "Silva", "Stone",
    "Torres", "Vogel", "Wagner", "Walker", "Weber", "West", "Wolf", "Wood", "Young",
)  # fmt: skip
LANGUAGES = ("en", "de", "pt", "es")
BLOCKED = 6  # members, whose cards were reported lost
COUPLES = 3  # pairs of members with one phone between them
MOST_PEOPLE = 1000  # numbers in the range of phones


@dataclass(frozen=True, slots=True)
class Person:
    """``number`` counts from 1. ``joined_on`` None: not a member. ``home``: the hotel where most stays are.
    ``weight``: how often this person travels, beside the others."""

    number: int
    first_name: str
    last_name: str
    email: str
    phone: str
    birth_date: date
    language: str
    home: int
    weight: float
    joined_on: date | None = None
    is_blocked: bool = False


def people(*, members: int, others: int, today: date, rng: Random) -> list[Person]:
    """Members first. The first of them are couples, the next ones have their cards blocked."""
    names = rng.sample([(first, last) for first in FIRST_NAMES for last in LAST_NAMES], members + others)
    return [
        _person(number, name, is_member=number <= members, today=today, rng=rng)
        for number, name in enumerate(names, 1)
    ]


def _person(number: int, name: tuple[str, str], *, is_member: bool, today: date, rng: Random) -> Person:
    first, last = name
    of_couple = number <= 2 * COUPLES
    joined_on = today - timedelta(days=CARDS_FROM if rng.random() < 0.65 else rng.randrange(3, CARDS_FROM))
    birth_date = date(rng.randrange(1945, 2004), rng.randrange(1, 13), rng.randrange(1, 29))
    phone = (number + 1) // 2 * 2 if of_couple else number
    return Person(
        number=number,
        first_name=first,
        last_name=last,
        email=f"{first}.{last}@example.com".lower(),
        phone=f"+447700900{phone % MOST_PEOPLE:03}",
        birth_date=birth_date,
        language=rng.choice(LANGUAGES),
        home=rng.randrange(3),
        weight=rng.paretovariate(1.2) * (1 if is_member else 0.4),
        joined_on=joined_on if is_member else None,
        is_blocked=is_member and 0 < number - 2 * COUPLES <= BLOCKED,
    )
