"""What happens in the demo, stay by stay: who goes where, when, on which rate, and how it ends.

Most stays are drawn at random. Some are placed on purpose, a few of each kind, so that everything that can
become of a stay is there to be seen: ``KINDS`` is the list.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from datetime import date, timedelta
from decimal import Decimal
from itertools import accumulate
from random import Random

from loyalty.demo.guests import COUPLES, Person
from loyalty.demo.story import BY_LEVEL_FROM, CARDS_FROM, HOTELS, POINTS_FROM, Hotel

SOURCES, SHARES = ("pms", "booking_engine", "channel_manager", "manual"), (60, 20, 13, 7)
PLANS, PLAN_SHARES = ("BAR", "MEMBER", "CORP", "PROMO", "GROUP"), (45, 25, 15, 10, 5)
LENGTHS, LENGTH_SHARES = (1, 2, 3, 4, 5, 7, 14), (30, 28, 18, 10, 7, 5, 2)
ENDS, END_SHARES = ("stays", "cancelled", "no_show"), (86, 11, 3)
ROOM_TYPES = {"STD": Decimal(1), "SUP": Decimal("1.25"), "STE": Decimal(2)}
HORIZON = 60  # days ahead that are booked
SETTLED = 10  # days ago: calculated in any case, whatever the delay


@dataclass(frozen=True, slots=True)
class Draft:
    """One booking. ``price`` is for a room and night; ``card`` replaces the person's own, None: none is
    shown. ``left_early`` in nights; ``last_plan``: another rate plan for the last night; ``changed_late``:
    after its points were calculated."""

    number: int
    person: Person
    hotel: Hotel
    source: str
    arrival: date
    nights: int
    plan: str
    room_type: str
    price: Decimal
    booked_days_before: int
    rooms: int = 1
    extras: Decimal = Decimal(0)
    parking: Decimal = Decimal(0)
    end: str = "stays"
    companion: Person | None = None
    card: str | None = ""
    multiplier: Decimal = Decimal(1)
    currency: str = ""
    left_early: int = 0
    last_plan: str = ""
    changed_late: bool = False

    @property
    def booked_departure(self) -> date:
        return self.arrival + timedelta(days=self.nights)

    @property
    def departure(self) -> date:
        return self.booked_departure - timedelta(days=self.left_early)


class Writer:
    """Draws stays from one source of chance."""

    def __init__(self, *, people: Sequence[Person], today: date, rng: Random) -> None:
        self.people, self.today, self.rng = people, today, rng
        self.members = [person for person in people if person.joined_on and not person.is_blocked]
        self.loyal = [person for person in self.members if person.joined_on == self._ago(CARDS_FROM)]
        self._weights = list(accumulate(person.weight for person in people))

    def write(self, bookings: int) -> list[Draft]:
        drafts = [kind(self, self.ordinary(0)) for kind, times in KINDS for _ in range(times)]
        drafts += [self.ordinary(0) for _ in range(bookings - len(drafts))]
        self.rng.shuffle(drafts)
        return [replace(draft, number=number) for number, draft in enumerate(drafts[:bookings], 1)]

    def ordinary(self, number: int) -> Draft:
        rng = self.rng
        (person,) = rng.choices(self.people, cum_weights=self._weights)
        (source,) = rng.choices(SOURCES, SHARES)
        (nights,) = rng.choices(LENGTHS, LENGTH_SHARES)
        hotel = HOTELS[person.home] if rng.random() < 0.6 else rng.choice(HOTELS)
        departure = self.today + timedelta(days=rng.randrange(-CARDS_FROM + 20, HORIZON))
        if departure == self.today and source != "pms":  # whether it is over differs from hotel to hotel
            departure += timedelta(days=1)
        room_type = rng.choices(list(ROOM_TYPES), (70, 25, 5))[0]
        arrival = departure - timedelta(days=nights)
        return Draft(
            number=number,
            person=person,
            hotel=hotel,
            source=source,
            arrival=arrival,
            nights=nights,
            plan=rng.choices(PLANS, PLAN_SHARES)[0],
            room_type=room_type,
            price=self._price(hotel, room_type, arrival),
            booked_days_before=rng.randrange(1, 90),
            rooms=rng.choices((1, 2, 3), (92, 6, 2))[0],
            extras=self._amount(10, 160) if rng.random() < 0.45 else Decimal(0),
            parking=Decimal(18 * nights) if rng.random() < 0.15 else Decimal(0),
            end=rng.choices(ENDS, END_SHARES)[0],
            companion=rng.choice(self.people) if rng.random() < 0.2 else None,
            card="" if self._shows_card(person, source, arrival) else None,
        )

    def past(
        self, draft: Draft, *, person: Person, oldest: int = BY_LEVEL_FROM - 20, newest: int = SETTLED
    ) -> Draft:
        """A stay of one person, in one room, on a rate that earns, that ended between so many days ago."""
        departure = self._ago(self.rng.randrange(newest, oldest))
        if person.joined_on:
            departure = max(departure, min(person.joined_on + timedelta(days=20), self._ago(newest)))
        arrival = departure - timedelta(days=draft.nights)
        alone = replace(draft, person=person, companion=None, card="")
        return replace(alone, source="pms", arrival=arrival, plan="BAR", end="stays")

    def member(self) -> Person:
        return self.rng.choice(self.loyal or self.members)

    def _ago(self, days: int) -> date:
        return self.today - timedelta(days=days)

    def _price(self, hotel: Hotel, room_type: str, arrival: date) -> Decimal:
        """More in summer, a little up and down from day to day, to the cent."""
        season = Decimal("1.2") if 5 <= arrival.month <= 9 else Decimal(1)
        return (hotel.price * ROOM_TYPES[room_type] * season + self._amount(-15, 30)).quantize(
            Decimal("0.01")
        )

    def _amount(self, least: int, most: int) -> Decimal:
        return Decimal(self.rng.randrange(least * 10, most * 10)) / 10

    def _shows_card(self, person: Person, source: str, arrival: date) -> bool:
        """Members show their card once they have one; a channel passes none on."""
        has_card = person.joined_on is not None and person.joined_on <= arrival
        return has_card and source != "channel_manager" and self.rng.random() < 0.95


def _unknown_card(writer: Writer, draft: Draft) -> Draft:
    return replace(writer.past(draft, person=writer.member()), card=f"99{writer.rng.randrange(10**7, 10**8)}")


def _blocked_card(writer: Writer, draft: Draft) -> Draft:
    blocked = [person for person in writer.people if person.is_blocked]
    return writer.past(draft, person=writer.rng.choice(blocked))


def _card_too_new(writer: Writer, draft: Draft) -> Draft:
    """The card was handed out after the stay, and the PMS sent it along with the guest's profile."""
    newer = [person for person in writer.members if person not in writer.loyal]
    person = writer.rng.choice(newer)
    departure = (person.joined_on or writer.today) - timedelta(days=writer.rng.randrange(1, 9))
    arrival = departure - timedelta(days=draft.nights)
    return replace(writer.past(draft, person=person), arrival=arrival)


def _phone_of_a_member(writer: Writer, draft: Draft) -> Draft:
    alone = [person for person in writer.loyal if person.number > 2 * COUPLES]
    return _by_channel(writer, draft, writer.rng.choice(alone))


def _phone_of_nobody(writer: Writer, draft: Draft) -> Draft:
    return _by_channel(
        writer, draft, writer.rng.choice([person for person in writer.people if not person.joined_on])
    )


def _phone_of_a_couple(writer: Writer, draft: Draft) -> Draft:
    return _by_channel(writer, draft, writer.people[writer.rng.randrange(2 * COUPLES)])


def _by_channel(writer: Writer, draft: Draft, person: Person) -> Draft:
    return replace(writer.past(draft, person=person), source="channel_manager", card=None)


def _no_membership_rate(writer: Writer, draft: Draft) -> Draft:
    return replace(writer.past(draft, person=writer.member()), plan="PROMO")


def _before_points_began(writer: Writer, draft: Draft) -> Draft:
    early = writer.past(replace(draft, nights=2), person=writer.member())
    return replace(early, arrival=writer._ago(POINTS_FROM + writer.rng.randrange(4, 20)))


def _too_short(writer: Writer, draft: Draft) -> Draft:
    """One night, when the rule of the first season asked for two."""
    short = replace(draft, nights=1)
    return writer.past(short, person=writer.member(), oldest=POINTS_FROM - 10, newest=BY_LEVEL_FROM + 10)


def _complimentary_day_use(writer: Writer, draft: Draft) -> Draft:
    day = writer.past(replace(draft, nights=0), person=writer.member())
    return replace(day, plan="COMP", price=Decimal(0), extras=Decimal(0), parking=Decimal(0))


def _day_use(writer: Writer, draft: Draft) -> Draft:
    return writer.past(
        replace(draft, nights=0, price=draft.price // 2, parking=Decimal(0)), person=writer.member()
    )


def _in_francs(writer: Writer, draft: Draft) -> Draft:
    """Billed in a currency for which nobody entered an exchange rate."""
    return replace(writer.past(draft, person=writer.member()), hotel=HOTELS[0], currency="CHF")


def _mixed_rate_plans(writer: Writer, draft: Draft) -> Draft:
    return replace(
        writer.past(replace(draft, nights=max(draft.nights, 2)), person=writer.member()), last_plan="PROMO"
    )


def _left_early(writer: Writer, draft: Draft) -> Draft:
    return replace(
        writer.past(replace(draft, nights=max(draft.nights, 3)), person=writer.member()), left_early=1
    )


def _double_points(writer: Writer, draft: Draft) -> Draft:
    return replace(writer.past(draft, person=writer.member()), multiplier=Decimal(2))


def _no_show(writer: Writer, draft: Draft) -> Draft:
    return replace(writer.past(draft, person=writer.member()), end="no_show")


def _cancelled(writer: Writer, draft: Draft) -> Draft:
    return replace(writer.past(draft, person=writer.member()), end="cancelled")


def _changed_late(writer: Writer, draft: Draft) -> Draft:
    return replace(writer.past(draft, person=writer.member()), changed_late=True)


def _in_house(writer: Writer, draft: Draft) -> Draft:
    stay = writer.past(replace(draft, nights=max(draft.nights, 2)), person=writer.member())
    return replace(stay, arrival=writer._ago(1))


def _left_lately(writer: Writer, draft: Draft) -> Draft:
    """Over, and still within the delay after which it is calculated."""
    stay = writer.past(draft, person=writer.member())
    return replace(stay, arrival=writer._ago(draft.nights + writer.rng.randrange(1, 5)))


KINDS: Sequence[tuple[Callable[[Writer, Draft], Draft], int]] = (
    (_unknown_card, 12),
    (_blocked_card, 12),
    (_card_too_new, 8),
    (_phone_of_a_member, 40),
    (_phone_of_nobody, 8),
    (_phone_of_a_couple, 6),
    (_no_membership_rate, 6),
    (_before_points_began, 6),
    (_too_short, 6),
    (_complimentary_day_use, 5),
    (_day_use, 20),
    (_in_francs, 4),
    (_mixed_rate_plans, 40),
    (_left_early, 30),
    (_double_points, 10),
    (_no_show, 6),
    (_cancelled, 6),
    (_changed_late, 3),
    (_in_house, 12),
    (_left_lately, 12),
)
