"""The due stays, and what counts of each: read in a few set-based queries, none a stay, and turned into the facts that
``earning.points_for`` asks for.

Nights and extras are read by the booking version that the stay names: whatever arrives meanwhile, one version's nights never
meet another's extras.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count

from bookings.completion import Night, stayed_nights
from bookings.models import Property, RatePlan, Source, TransactionCode
from bookings.money import ZERO
from bookings.revenue import EXTRA_KINDS, Charge, counts_as_extra, room_money
from bookings.staging import array
from loyalty import programme
from loyalty.earning import Programme, StayFacts, plain
from loyalty.models import Job, JobChunk, MembershipType, Stay


@dataclass(frozen=True, slots=True)
class Setting:
    """What a run rests on, read once: the programme, which codes have the membership flag, the day at each property."""

    membership_type: MembershipType
    programme: Programme
    plans: Mapping[int, frozenset[str]]
    codes: Mapping[int, frozenset[str]]
    properties: Sequence[Property]
    today: date
    todays: Mapping[int, date]

    def at(self, moment: datetime) -> "Setting":
        """The same at a later moment: a run may go on past midnight."""
        return replace(
            self,
            today=self.membership_type.group.local_date(moment),
            todays={row.pk: row.local_date(moment) for row in self.properties},
        )


def setting(*, membership_type: MembershipType, at: datetime) -> Setting:
    read = Setting(
        membership_type=membership_type,
        programme=programme.load(membership_type),
        plans=_flagged(RatePlan, membership_type),
        codes=_flagged(TransactionCode, membership_type),
        properties=list(Property.objects.filter(group=membership_type.group_id)),
        today=at.date(),
        todays={},
    )
    return read.at(at)


def _flagged(
    model: type[RatePlan] | type[TransactionCode], membership_type: MembershipType
) -> dict[int, frozenset[str]]:
    rows = model.objects.filter(property__group=membership_type.group_id, membership=True)
    codes: dict[int, set[str]] = {}
    for property_id, code in rows.values_list("property_id", "code"):
        codes.setdefault(property_id, set()).add(code)
    return {property_id: frozenset(of_property) for property_id, of_property in codes.items()}


class DueStay(NamedTuple):
    """A stay with its booking. ``version`` is the one that the stay was made from, ``current_version`` the booking's."""

    id: int
    booking_id: int
    seat: int
    membership_id: int
    version: int
    due_on: date
    multiplier: Any
    current_version: int
    property_id: int
    source: str
    arrival: date
    departure: date
    currency: str
    key: str


def count_by_member(*, membership_type: MembershipType, till: date) -> Iterator[tuple[int, int]]:
    """(membership id, number of due stays), in id order: what the chunks are cut from."""
    due = Stay.objects.filter(membership_type=membership_type, state=Stay.State.DUE, due_on__lte=till)
    counts = due.order_by("membership_id").values("membership_id").annotate(stays=Count("pk"))
    return counts.values_list("membership_id", "stays").iterator(10_000)


def members_with_due_stays(job: Job, chunk: JobChunk) -> list[int]:
    due = Stay.objects.filter(
        membership_type_id=job.membership_type_id,
        state=Stay.State.DUE,
        membership_id__gte=chunk.first_membership_id,
        membership_id__lte=chunk.last_membership_id,
        due_on__lte=job.till_date,
    )
    return list(due.values_list("membership_id", flat=True).distinct())


def read(job: Job, chunk: JobChunk) -> list[DueStay]:
    """In the order in which they are calculated: by member, departure, booking."""
    rows = _rows(
        """
        SELECT stay.id, stay.booking_id, seat, membership_id, booking_version, due_on, multiplier, booking.version,
               booking.property_id, booking.source, booking.arrival_date, booking.departure_date, booking.currency
        FROM loyalty_stay AS stay JOIN bookings_booking AS booking ON booking.id = stay.booking_id
        WHERE membership_type_id = %s AND state = 'due' AND membership_id BETWEEN %s AND %s AND due_on <= %s
        ORDER BY membership_id, booking.departure_date, stay.booking_id, seat
        """,
        [job.membership_type_id, chunk.first_membership_id, chunk.last_membership_id, job.till_date],
    )
    return [DueStay._make((*row, f"stay:{row[1]}:{row[2]}")) for row in rows]


def nights(stays: Sequence[DueStay]) -> dict[int, list[Night]]:
    """By booking, of the version that each stay names.

    Stay by stay (LATERAL, kept apart by OFFSET 0), so that wrong statistics cannot make it read whole tables.
    """
    found: dict[int, list[Night]] = {}
    for row in _rows(
        """
        SELECT wanted.booking_id, night.*
        FROM unnest(%s::bigint[], %s::int[]) AS wanted (booking_id, version) CROSS JOIN LATERAL (
            SELECT date, rate_plan_code, room_nights, amount FROM bookings_bookingnight
            WHERE booking_id = wanted.booking_id AND version = wanted.version OFFSET 0
        ) AS night
        """,
        _versions(stays),
    ):
        found.setdefault(row[0], []).append(Night._make(row[1:]))
    return found


def charges(stays: Sequence[DueStay]) -> dict[int, list[Charge]]:
    """The paid extras, by booking; read as the nights are."""
    found: dict[int, list[Charge]] = {}
    for row in _rows(
        """
        SELECT wanted.booking_id, line.*
        FROM unnest(%s::bigint[], %s::int[]) AS wanted (booking_id, version) CROSS JOIN LATERAL (
            SELECT transaction_code, kind, amount, currency FROM bookings_folioline
            WHERE booking_id = wanted.booking_id AND version = wanted.version AND kind = ANY(%s) ORDER BY id OFFSET 0
        ) AS line
        """,
        [*_versions(stays), list(EXTRA_KINDS)],
    ):
        found.setdefault(row[0], []).append(Charge._make(row[1:]))
    return found


def _versions(stays: Sequence[DueStay]) -> list[str]:
    return [array(stay.booking_id for stay in stays), array(stay.version for stay in stays)]


def stay_facts(
    stay: DueStay, *, nights: Iterable[Night], charges: Iterable[Charge], using: Setting
) -> StayFacts:
    """What counts of a booking, and what is left out."""
    from_pms = stay.source == Source.PMS
    booked = list(nights)
    stayed = stayed_nights(booked, arrival=stay.arrival, departure=stay.departure)
    room = room_money(
        stayed,
        membership_plans=using.plans.get(stay.property_id, frozenset()) if from_pms else None,
    )
    left_out: list[dict[str, str]] = []
    not_stayed = sum((night.amount for night in booked), ZERO) - sum((night.amount for night in stayed), ZERO)
    if not_stayed:
        left_out.append({"what": "nights", "amount": plain(not_stayed), "currency": stay.currency})
    if room.left_out_plans:
        left_out.append({
            "what": "rate_plan", "code": ", ".join(room.left_out_plans), "amount": plain(room.left_out_amount),
            "currency": stay.currency,
        })  # fmt: skip
    extras: dict[str, Any] = {}
    codes = using.codes.get(stay.property_id, frozenset())
    for charge in charges:
        if counts_as_extra(charge, membership_codes=codes):
            extras[charge.currency] = extras.get(charge.currency, ZERO) + charge.amount
        else:
            left_out.append(
                {
                    "what": "charge",
                    "code": charge.code,
                    "amount": plain(charge.amount),
                    "currency": charge.currency,
                }
            )
    return StayFacts(
        departure=stay.departure,
        property_id=stay.property_id,
        nights=room.room_nights,
        length=room.length,
        room=(stay.currency, room.amount),
        extras=extras,
        multiplier=stay.multiplier,
        left_out=left_out,
    )


def _rows(sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
