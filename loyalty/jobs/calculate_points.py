"""Calculate points: due stays become ledger entries. A chunk is the members from one id to another, in one transaction.

1. Lock the points accounts, all at once, in id order; then read their due stays and, by booking version, nights and
   paid extras: a few queries, none a stay.
2. ``earning.points_for`` for each stay, a member's stays in order of departure, then booking; level and earnings carry
   from each to the next.
3. Entries, lots, balances, levels and the marks on the stays are written set-based.

Cutting the stays into runs, chunks or workers never changes a number: so a member's stays stop at the first one that
may not be calculated yet (its property's day has not come, or its booking moved on meanwhile); the rest are left to the
next run. Eligibility is ``departure + delay <= min(till, today at the property)``.
"""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date, datetime
from itertools import groupby, takewhile
from operator import attrgetter
from typing import Any, NamedTuple

from django.db import connection
from django.db.models import Count

from bookings.completion import Night, stayed_nights
from bookings.models import Property, RatePlan, Source, TransactionCode
from bookings.money import ZERO
from bookings.revenue import EXTRA_KINDS, Charge, counts_as_extra, room_money
from bookings.staging import array
from loyalty import ledger, programme
from loyalty.earning import Earned, NoExchangeRate, Nothing, Programme, StayFacts, plain, points_for
from loyalty.levels import LevelStep, level_reached
from loyalty.models import Job, JobChunk, LedgerEntry, Membership, MembershipType, Stay


class StaysMoved(Exception):
    """A stay changed while its chunk was calculated: nothing was written, and the chunk is taken again."""


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


@dataclass(slots=True)
class Result:
    """What became of a chunk."""

    seen: int = 0
    credited: int = 0
    points: int = 0
    level_changes: int = 0


class DueStay(NamedTuple):
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


class Mark(NamedTuple):
    """What becomes of a stay."""

    stay: DueStay
    state: str
    reason: str = ""
    entry_id: int | None = None


CALCULATED = Stay.State.CALCULATED.value


def due_stays_by_member(*, membership_type: MembershipType, till: date) -> Iterator[tuple[int, int]]:
    """(membership id, number of due stays), in id order: what the chunks are cut from."""
    due = Stay.objects.filter(membership_type=membership_type, state=Stay.State.DUE, due_on__lte=till)
    counts = due.order_by("membership_id").values("membership_id").annotate(stays=Count("pk"))
    return counts.values_list("membership_id", "stays").iterator(10_000)


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


def run_chunk(*, job: Job, chunk: JobChunk, using: Setting) -> Result:
    """Calculates the due stays of the chunk's members, inside the caller's transaction. Raises ``StaysMoved``."""
    members = _members_with_due_stays(job, chunk)
    batch = ledger.open_batch(
        membership_type=using.membership_type, membership_ids=members, today=using.today, job=job
    )
    stays = _due_stays(job, chunk)
    nights, charges = _nights(stays), _charges(stays)
    posted = ledger.posted_keys(membership_type=using.membership_type, keys=[stay.key for stay in stays])
    result, marks = Result(), []
    with batch.posting(at_most=len(stays)):
        for stay in _in_turn(stays, batch, using):
            facts = stay_facts(
                stay,
                nights=nights.get(stay.booking_id, ()),
                charges=charges.get(stay.booking_id, ()),
                using=using,
            )
            marks.append(_calculate(stay, facts, batch, using, posted, result))
    _mark(marks)
    result.seen, result.level_changes = len(marks), len(batch.level_changes)
    return result


def _in_turn(stays: Sequence[DueStay], batch: ledger.Batch, using: Setting) -> Iterator[DueStay]:
    """Each member's stays up to the first that may not be calculated yet. A member whose stay became due after the
    accounts were locked is left to the next run."""
    for membership_id, of_member in groupby(stays, key=attrgetter("membership_id")):
        if membership_id in batch.accounts:
            yield from takewhile(
                lambda stay: (
                    stay.current_version == stay.version and stay.due_on <= using.todays[stay.property_id]
                ),
                of_member,
            )


def _calculate(
    stay: DueStay,
    facts: StayFacts,
    batch: ledger.Batch,
    using: Setting,
    posted: Mapping[str, int],
    result: Result,
) -> Mark:
    account = batch.accounts[stay.membership_id]
    if stay.key in posted:
        return Mark(stay, CALCULATED, entry_id=posted[stay.key])
    if account.membership_status != Membership.Status.ACTIVE:
        return Mark(stay, Stay.State.LEFT_OUT.value, Stay.Reason.CARD_NOT_ACTIVE.value)
    level = _level(using.programme, account.level_id)
    try:
        earned = points_for(facts, programme=using.programme, level=level)
    except NoExchangeRate:
        return Mark(stay, Stay.State.EXCEPTION.value, Stay.Reason.NO_EXCHANGE_RATE.value)
    if isinstance(earned, Nothing):
        return Mark(stay, CALCULATED, earned.reason)
    entry_id = batch.credit(account, _credit(stay, earned))
    reached = level_reached(
        using.programme.levels,
        measure=using.programme.measure,
        held=level,
        nights=account.nights,
        money=account.money,
    )
    if reached is not level:
        batch.change_level(account, to_level_id=reached.id, entry_id=entry_id, effective_date=stay.departure)
    result.credited += 1
    result.points += earned.points
    return Mark(stay, CALCULATED, entry_id=entry_id)


def _credit(stay: DueStay, earned: Earned) -> ledger.Credit:
    return ledger.Credit(
        key=stay.key,
        kind=LedgerEntry.Kind.STAY,
        effective_date=stay.departure,
        points=earned.points,
        tier_points=earned.tier_points,
        nights=earned.nights,
        stays=1,
        money=earned.money,
        explanation=earned.explanation,
        property_id=stay.property_id,
        booking_id=stay.booking_id,
        booking_version=stay.version,
    )


def _level(using: Programme, level_id: int) -> LevelStep:
    for level in using.levels:
        if level.id == level_id:
            return level
    raise LookupError(f"level {level_id} is not one of the membership type's")


def stay_facts(
    stay: DueStay, *, nights: Iterable[Night], charges: Iterable[Charge], using: Setting
) -> StayFacts:
    """What counts of a booking, and what is left out."""
    from_pms = stay.source == Source.PMS
    room = room_money(
        stayed_nights(nights, arrival=stay.arrival, departure=stay.departure),
        membership_plans=using.plans.get(stay.property_id, frozenset()) if from_pms else None,
    )
    left_out: list[dict[str, str]] = []
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


def _flagged(
    model: type[RatePlan] | type[TransactionCode], membership_type: MembershipType
) -> dict[int, frozenset[str]]:
    rows = model.objects.filter(property__group=membership_type.group_id, membership=True)
    codes: dict[int, set[str]] = {}
    for property_id, code in rows.values_list("property_id", "code"):
        codes.setdefault(property_id, set()).add(code)
    return {property_id: frozenset(of_property) for property_id, of_property in codes.items()}


def _members_with_due_stays(job: Job, chunk: JobChunk) -> list[int]:
    due = Stay.objects.filter(
        membership_type_id=job.membership_type_id,
        state=Stay.State.DUE,
        membership_id__gte=chunk.first_membership_id,
        membership_id__lte=chunk.last_membership_id,
        due_on__lte=job.till_date,
    )
    return list(due.values_list("membership_id", flat=True).distinct())


def _due_stays(job: Job, chunk: JobChunk) -> list[DueStay]:
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


def _nights(stays: Sequence[DueStay]) -> dict[int, list[Night]]:
    """Stay by stay (LATERAL, kept apart by OFFSET 0), so that wrong statistics cannot make it read whole tables."""
    nights: dict[int, list[Night]] = {}
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
        nights.setdefault(row[0], []).append(Night._make(row[1:]))
    return nights


def _charges(stays: Sequence[DueStay]) -> dict[int, list[Charge]]:
    charges: dict[int, list[Charge]] = {}
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
        charges.setdefault(row[0], []).append(Charge._make(row[1:]))
    return charges


def _versions(stays: Sequence[DueStay]) -> list[str]:
    return [array(stay.booking_id for stay in stays), array(stay.version for stay in stays)]


def _mark(marks: Sequence[Mark]) -> None:
    """Marks the stays, each only if it is still due at the version that was calculated."""
    columns = [
        array([mark.stay.id for mark in marks]),
        array([mark.stay.version for mark in marks]),
        array([mark.state for mark in marks]),
        array([mark.reason for mark in marks]),
        array([mark.entry_id for mark in marks]),
    ]
    with connection.cursor() as cursor:
        cursor.execute(
            """
            UPDATE loyalty_stay AS stay SET state = mark.state, reason = mark.reason, entry_id = mark.entry_id
            FROM unnest(%s::bigint[], %s::int[], %s::text[], %s::text[], %s::bigint[])
                AS mark (id, version, state, reason, entry_id)
            WHERE stay.id = mark.id AND stay.booking_version = mark.version AND stay.state = 'due'
            """,
            columns,
        )
        if cursor.rowcount != len(marks):
            raise StaysMoved


def _rows(sql: str, parameters: Sequence[Any]) -> list[Any]:
    with connection.cursor() as cursor:
        cursor.execute(sql, parameters)
        return cursor.fetchall()
