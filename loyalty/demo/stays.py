"""The drafts as messages of their sources: as they were booked, as they ended, and what was changed too late.

The PMS and staff report how a stay went, with the folio; the booking engine and the channel manager tell of
a booking and of its cancellation, and no more: such a stay is over when its departure day has passed.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import UTC, date, datetime, time, timedelta
from decimal import Decimal
from random import Random

from bookings.messages import (
    BookingMessage,
    CardMessage,
    FolioLineMessage,
    GuestMessage,
    NightMessage,
    ProfileMessage,
)
from loyalty.demo.drafts import Draft, Writer
from loyalty.demo.guests import Person

PREFIX = {"pms": "", "booking_engine": "WEB-", "channel_manager": "CH-", "manual": "M-"}
CHANNELS = {"pms": "DIRECT", "booking_engine": "WEB", "channel_manager": "OTA", "manual": "PHONE"}
MARKETS = {"CORP": "BUSINESS", "GROUP": "GROUPS"}
REPORTS_THE_STAY = ("pms", "manual")
BREAKFAST = Decimal(18)
CITY_TAX = Decimal("0.05")
FORGOTTEN_EXTRA = Decimal(40)


@dataclass(frozen=True, slots=True)
class Told:
    """What the sources say, in this order; ``too_late`` comes after the points were calculated."""

    as_booked: Sequence[BookingMessage]
    as_ended: Sequence[BookingMessage]
    too_late: Sequence[BookingMessage]


def tell(
    *, people: Sequence[Person], cards: Mapping[int, str], bookings: int, today: date, rng: Random
) -> Told:
    """``cards``: each member's card number, by the person's number."""
    drafts = Writer(people=people, today=today, rng=rng).write(bookings)
    teller = _Teller(cards, today)
    return Told(
        [teller.as_booked(draft) for draft in drafts if draft.number % 4 == 0],
        [teller.as_ended(draft) for draft in drafts],
        [teller.too_late(draft) for draft in drafts if draft.changed_late],
    )


@dataclass(frozen=True, slots=True)
class _Teller:
    cards: Mapping[int, str]
    today: date

    def as_booked(self, draft: Draft) -> BookingMessage:
        return replace(self._message(draft), status="reserved", updated_at=self._booked_at(draft))

    def as_ended(self, draft: Draft) -> BookingMessage:
        status = self._status(draft)
        message = replace(self._message(draft), status=status, updated_at=self._ended_at(draft, status))
        if draft.source not in REPORTS_THE_STAY or status not in ("in_house", "checked_out"):
            return message
        return replace(
            message,
            checked_in=draft.arrival,
            checked_out=draft.departure if status == "checked_out" else None,
            folio_lines=tuple(self._folio(draft)) if status == "checked_out" else (),
        )

    def too_late(self, draft: Draft) -> BookingMessage:
        """A charge that was forgotten at check-out."""
        message = self.as_ended(draft)
        line = _line(draft, "EXTRAS", FORGOTTEN_EXTRA, "paid_extra")
        return replace(
            message,
            total=message.total + FORGOTTEN_EXTRA,
            folio_lines=(*message.folio_lines, line),
            updated_at=self._midnight() + timedelta(hours=1),
        )

    def _message(self, draft: Draft) -> BookingMessage:
        revenue = draft.price * draft.rooms * max(draft.nights, 1)
        return BookingMessage(
            property_code=draft.hotel.code,
            source=draft.source,
            number=f"{PREFIX[draft.source]}{100_000 + draft.number}",
            status="reserved",
            arrival=draft.arrival,
            departure=draft.booked_departure,
            currency=draft.currency or draft.hotel.currency,
            booked_at=self._booked_at(draft),
            rooms=draft.rooms,
            room_type=draft.room_type,
            rate_plan=draft.plan,
            market=MARKETS.get(draft.plan, "LEISURE"),
            channel=CHANNELS[draft.source],
            room_revenue=revenue,
            total=revenue + draft.extras + draft.parking,
            payment_method="CARD",
            nights=tuple(_nights(draft)),
            guests=tuple(self._guests(draft)),
            profiles=tuple(_profiles(draft)),
            folio_lines=() if draft.source in REPORTS_THE_STAY else tuple(_extras(draft)),
        )

    def _status(self, draft: Draft) -> str:
        if draft.end == "cancelled":
            return "cancelled"
        if draft.arrival >= self.today:
            return "reserved"
        if draft.source not in REPORTS_THE_STAY:
            return "reserved"
        if draft.end == "no_show":
            return "no_show"
        return "checked_out" if draft.departure <= self.today else "in_house"

    def _midnight(self) -> datetime:
        return datetime.combine(self.today, time(), UTC)

    def _booked_at(self, draft: Draft) -> datetime:
        day = min(draft.arrival, self.today) - timedelta(days=draft.booked_days_before)
        return datetime.combine(day, time(8 + draft.number % 12, draft.number % 60), UTC)

    def _ended_at(self, draft: Draft, status: str) -> datetime:
        if status == "reserved":
            return self._booked_at(draft) + timedelta(hours=1)
        if status == "cancelled":
            return self._booked_at(draft) + timedelta(hours=3)
        day = draft.departure if status == "checked_out" else draft.arrival
        return min(datetime.combine(day, time(11), UTC), self._midnight())

    def _guests(self, draft: Draft) -> Iterator[GuestMessage]:
        own = self.cards.get(draft.person.number, "")
        shown = own if draft.card == "" else draft.card or ""
        yield _guest(draft, draft.person, card=shown)
        if draft.companion and draft.companion is not draft.person:
            has_card = draft.companion.joined_on and draft.companion.joined_on <= draft.arrival
            yield _guest(draft, draft.companion, card=self.cards[draft.companion.number] if has_card else "")

    def _folio(self, draft: Draft) -> Iterator[FolioLineMessage]:
        revenue = draft.price * draft.rooms * max(draft.nights, 1)
        tax = (revenue * CITY_TAX).quantize(Decimal("0.01"))
        yield _line(draft, "ROOM", revenue, "room")
        yield from _extras(draft)
        if draft.nights and draft.number % 3 == 0:
            yield _line(draft, "BREAKFAST", BREAKFAST * draft.nights, "inclusive")
        yield _line(draft, "CITYTAX", tax, "tax")
        yield _line(draft, "CARD", revenue + draft.extras + draft.parking + tax, "payment")


def _nights(draft: Draft) -> Iterator[NightMessage]:
    """Only where they are on different rate plans; else the intake spreads the room revenue evenly."""
    if draft.last_plan:
        for night in range(draft.nights):
            plan = draft.last_plan if night == draft.nights - 1 else draft.plan
            yield NightMessage(draft.arrival + timedelta(days=night), draft.price * draft.rooms, plan)


def _guest(draft: Draft, person: Person, *, card: str) -> GuestMessage:
    """The PMS knows a profile of each, the booking engine an account; a channel hides the e-mail address,
    and in London writes the phone as it is dialled there."""
    from_channel = draft.source == "channel_manager"
    national = from_channel and draft.hotel.country == "GB"
    ids = {"pms": f"P{person.number:05}", "booking_engine": f"W{person.number:05}"}
    written = f"{card[:4]} {card[4:]}" if draft.number % 2 else card
    return GuestMessage(
        first_name=person.first_name,
        last_name=person.last_name,
        email="" if from_channel else person.email,
        phone=person.phone.replace("+44", "0") if national else person.phone,
        external_id=ids.get(draft.source, ""),
        birth_date=None if from_channel else person.birth_date,
        language=person.language,
        cards=(CardMessage(written, primary=True, multiplier=draft.multiplier),) if card else (),
    )


def _profiles(draft: Draft) -> Iterator[ProfileMessage]:
    if draft.plan == "CORP":
        number = draft.person.number % 9 + 1
        yield ProfileMessage("company", f"Company {number}", f"C{number}")


def _extras(draft: Draft) -> Iterator[FolioLineMessage]:
    if draft.extras:
        yield _line(draft, "EXTRAS", draft.extras, "paid_extra")
    if draft.parking:
        yield _line(draft, "PARKING", draft.parking, "paid_extra")


def _line(draft: Draft, code: str, amount: Decimal, kind: str) -> FolioLineMessage:
    return FolioLineMessage(code, amount, draft.currency or draft.hotel.currency, draft.departure, kind)
