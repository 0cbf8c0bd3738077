"""The Stay rows: which seats of which bookings are due, and why others are not.

A sweep takes up the bookings that changed (``bookings.changes``: rows, deleted once seen), decides each for every
membership type in use, and makes or refreshes its Stay row. It is cheap, may run at any time, and changes no stay that
was calculated: a booking that changed afterwards leaves it as it was and puts the row in state *exception* (OPERA: "if
the stay is triggered again, it will be rejected").

Sweeps of a group go one after the other (advisory lock) and never wait for a stay that a job is calculating: that
booking stays in the queue for the next sweep. A calculation may wait for the rows of a sweep, which waits for nobody.
"""

from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from datetime import date, datetime
from typing import Any

from django.db import connection, transaction
from django.db.models import F, Q

from bookings import changes
from bookings.models import (
    Booking,
    BookingChange,
    BookingGuest,
    BookingGuestCard,
    Property,
    PropertyGroup,
    Source,
)
from bookings.staging import array, copy_rows
from loyalty import programme
from loyalty.eligibility import BookingFacts, Switches, verdict
from loyalty.matching import Card, Member, MembershipTypeKey, match
from loyalty.models import Membership, MembershipType, Stay

BATCH = 2000
SWEEP_LOCK = 5745
SEAT = 1  # shares are off: one seat, whose holder is chosen again at each sweep until it is calculated


def sweep(*, group: PropertyGroup, at: datetime) -> int:
    """Takes up every booking of the group that changed; returns how many were looked at."""
    todays = {row.pk: row.local_date(at) for row in Property.objects.filter(group=group)}
    _announce_departed(group, todays)
    types = _types(group)
    seen, last_id = 0, 0
    while True:
        with transaction.atomic():
            _wait_for_other_sweeps(group)
            queued = list(
                BookingChange.objects.filter(group=group, pk__gt=last_id)
                .order_by("pk")
                .values_list("pk", "booking_id")[:BATCH]
            )
            if not queued:
                return seen
            last_id = queued[-1][0]
            booking_ids = {booking_id for _, booking_id in queued}
            free = booking_ids - _being_calculated(booking_ids)
            _refresh(_decide(free, types, todays))
            BookingChange.objects.filter(
                pk__in=[pk for pk, booking_id in queued if booking_id in free]
            ).delete()
            seen += len(free)


def reconsider(*, membership_type: MembershipType) -> int:
    """A setting of the type changed: every booking whose stay is not calculated is looked at again."""
    calculated = Stay.objects.filter(membership_type=membership_type, state=Stay.State.CALCULATED)
    bookings = Booking.objects.filter(property__group=membership_type.group_id)
    return changes.announce(bookings.exclude(pk__in=calculated.values("booking_id")))


def reconsider_exchange_rates(*, membership_type: MembershipType) -> int:
    """Stays that wait for an exchange rate are tried again: somebody may have entered it."""
    waiting = Stay.objects.filter(
        membership_type=membership_type, state=Stay.State.EXCEPTION, reason=Stay.Reason.NO_EXCHANGE_RATE
    )
    return changes.announce(Booking.objects.filter(pk__in=waiting.values("booking_id")))


def _announce_departed(group: PropertyGroup, todays: Mapping[int, date]) -> None:
    """A booking that no PMS reports on is completed when its departure date has passed: nobody will send a message."""
    for today in set(todays.values()):
        there = [property_id for property_id, day in todays.items() if day == today]
        departed = Stay.objects.filter(
            ~Q(booking__source=Source.PMS),
            state=Stay.State.WAITING,
            membership_type__group=group,
            departure_date__lt=today,
            booking__property__in=there,
        )
        changes.announce(Booking.objects.filter(pk__in=departed.values("booking_id")))


def _wait_for_other_sweeps(group: PropertyGroup) -> None:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s, %s)", [SWEEP_LOCK, group.pk])


def _being_calculated(booking_ids: Collection[int]) -> set[int]:
    """Bookings with a stay that a job has in its hands just now. The others' stays are locked until the sweep commits."""
    of_bookings = Stay.objects.filter(booking_id__in=booking_ids)
    locked = set(
        of_bookings.select_for_update(no_key=True, skip_locked=True)
        .order_by("pk")
        .values_list("pk", flat=True)
    )
    return {booking_id for pk, booking_id in of_bookings.values_list("pk", "booking_id") if pk not in locked}


@dataclass(frozen=True, slots=True)
class _Type:
    """A membership type in use, with what decides."""

    key: MembershipTypeKey
    switches: Switches


def _types(group: PropertyGroup) -> list[_Type]:
    types = MembershipType.objects.filter(group=group).select_related("calculation")
    codes = frozenset(row.code.upper() for row in types)
    return [
        _Type(
            MembershipTypeKey(row.pk, row.membership_class_id, row.code.upper(), codes),
            programme.switches(row),
        )
        for row in types
        if row.earns
    ]


@dataclass(slots=True)
class _Batch:
    """What the decisions of a batch of bookings rest on, read in a few queries."""

    bookings: Sequence[Any]
    cards: dict[int, list[Card]] = field(default_factory=dict)
    members: dict[str, Member] = field(default_factory=dict)
    phones: dict[int, str] = field(default_factory=dict)
    members_by_phone: dict[str, list[Member]] = field(default_factory=dict)
    with_membership_rate: set[int] = field(default_factory=set)


def _read(booking_ids: Collection[int]) -> _Batch:
    bookings: list[Any] = list(
        Booking.objects.filter(pk__in=booking_ids).values_list(
            "pk", "property_id", "property__group_id", "version", "source", "status", "departure_date", "merged_into_id",
            named=True,
        )
    )  # fmt: skip
    batch = _Batch(bookings)
    if not bookings:
        return batch
    group_id = bookings[0].property__group_id
    rows = BookingGuestCard.objects.filter(
        booking_id__in=booking_ids, version=F("booking__version")
    ).order_by("pk")
    for booking_id, order, number, type_code, primary, inactive, multiplier in rows.values_list(
        "booking_id", "guest_order", "number_key", "type_code", "primary", "inactive", "multiplier"
    ):
        card = Card(order, number, type_code.upper(), primary, inactive, multiplier)
        batch.cards.setdefault(booking_id, []).append(card)
    numbers = {card.number for cards in batch.cards.values() for card in cards}
    batch.members = {
        number: member for number, _, member in _members(Q(card_number__in=numbers), group_id) if numbers
    }
    _read_phones(batch, booking_ids, group_id)
    batch.with_membership_rate = _with_membership_rate(booking_ids)
    return batch


def _members(which: Q, group_id: int) -> Iterable[tuple[str, str, Member]]:
    """(card number, the guest's phone, member)."""
    rows = Membership.objects.filter(which, group_id=group_id).values_list(
        "card_number", "guest__phone", "pk", "membership_type_id", "membership_type__membership_class_id", "status",
        "joined_on",
    )  # fmt: skip
    for number, phone, pk, type_id, class_id, status, joined_on in rows:
        yield number, phone, Member(pk, type_id, class_id, status == Membership.Status.ACTIVE, joined_on)


def _read_phones(batch: _Batch, booking_ids: Collection[int], group_id: int) -> None:
    """The first guest's phone of bookings from a channel, and whose it is."""
    rows = BookingGuest.objects.filter(
        booking_id__in=booking_ids,
        version=F("booking__version"),
        booking__source=Source.CHANNEL_MANAGER,
        guest__phone__gt="",
    ).order_by("-order")
    batch.phones = dict(rows.values_list("booking_id", "guest__phone"))
    if batch.phones:
        for _, phone, member in _members(Q(guest__phone__in=set(batch.phones.values())), group_id):
            batch.members_by_phone.setdefault(phone, []).append(member)


def _with_membership_rate(booking_ids: Collection[int]) -> set[int]:
    """Booking by booking (LATERAL … LIMIT), so that wrong statistics cannot make it read whole tables."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT booking.id
            FROM bookings_booking AS booking CROSS JOIN LATERAL (
                SELECT 1 FROM bookings_bookingnight AS night
                JOIN bookings_rateplan AS plan ON plan.property_id = booking.property_id
                    AND plan.code = night.rate_plan_code AND plan.membership
                WHERE night.booking_id = booking.id AND night.version = booking.version LIMIT 1
            ) AS any_night
            WHERE booking.id = ANY(%s::bigint[])
            """,
            [array(booking_ids)],
        )
        return {booking_id for (booking_id,) in cursor.fetchall()}


def _decide(
    booking_ids: Collection[int], types: Sequence[_Type], todays: Mapping[int, date]
) -> list[Sequence[Any]]:
    """The Stay rows, as values in the order of ``COLUMNS``."""
    batch = _read(booking_ids)
    rows: list[Sequence[Any]] = []
    for booking in batch.bookings:
        facts = BookingFacts(
            source=booking.source,
            status=booking.status,
            departure=booking.departure_date,
            merged=booking.merged_into_id is not None,
            pms_reports=booking.source == Source.PMS,
            has_membership_rate=booking.pk in batch.with_membership_rate,
        )
        phone_members = None
        if booking.source == Source.CHANNEL_MANAGER:
            phone_members = batch.members_by_phone.get(batch.phones.get(booking.pk, ""), [])
        for wanted in types:
            found = match(
                wanted=wanted.key,
                cards=batch.cards.get(booking.pk, []),
                members=batch.members,
                phone_members=phone_members,
                departure=booking.departure_date,
            )
            said = verdict(facts, switches=wanted.switches, found=found, today=todays[booking.property_id])
            rows.append((booking.pk, wanted.key.id, SEAT, said.member_id, said.state, said.reason,
                         booking.departure_date, said.due_on, booking.version, said.multiplier))  # fmt: skip
    return rows


COLUMNS = (
    "booking_id", "membership_type_id", "seat", "membership_id", "state", "reason", "departure_date", "due_on",
    "booking_version", "multiplier",
)  # fmt: skip
MUTABLE = COLUMNS[3:]
UPSERT = f"""
    INSERT INTO loyalty_stay ({", ".join(COLUMNS)})
    SELECT {", ".join(COLUMNS)} FROM stay_staged ORDER BY booking_id, membership_type_id, seat
    ON CONFLICT (booking_id, membership_type_id, seat) DO UPDATE
    SET {", ".join(f"{column} = EXCLUDED.{column}" for column in MUTABLE)}
    WHERE loyalty_stay.state <> 'calculated' AND loyalty_stay.reason <> 'late_change'
      AND ({", ".join(f"loyalty_stay.{column}" for column in MUTABLE)})
          IS DISTINCT FROM ({", ".join(f"EXCLUDED.{column}" for column in MUTABLE)})
"""  # noqa: S608 - made of the constants above
LATE_CHANGE = """
    UPDATE loyalty_stay AS stay SET state = 'exception', reason = 'late_change'
    FROM stay_staged AS staged
    WHERE stay.booking_id = staged.booking_id AND stay.membership_type_id = staged.membership_type_id
      AND stay.seat = staged.seat AND stay.state = 'calculated' AND stay.booking_version <> staged.booking_version
"""


def _refresh(rows: Sequence[Sequence[Any]]) -> None:
    if not rows:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            f"CREATE TEMP TABLE stay_staged ON COMMIT DROP AS SELECT {', '.join(COLUMNS)} FROM loyalty_stay LIMIT 0"  # noqa: S608 - constants
        )
        copy_rows("stay_staged", COLUMNS, rows)
        cursor.execute(LATE_CHANGE)
        cursor.execute(UPSERT)
        cursor.execute("DROP TABLE stay_staged")
