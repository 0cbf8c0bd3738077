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

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from itertools import groupby, takewhile
from operator import attrgetter
from typing import NamedTuple

from django.db import connection

from bookings.staging import array
from loyalty import due_stays, ledger
from loyalty.due_stays import DueStay, Setting
from loyalty.earning import AmountTooLarge, Earned, NoExchangeRate, Nothing, Programme, StayFacts, points_for
from loyalty.levels import LevelStep, level_reached
from loyalty.models import Job, JobChunk, LedgerEntry, Membership, Stay


class StaysMoved(Exception):
    """A stay changed while its chunk was calculated: nothing was written, and the chunk is taken again."""


@dataclass(slots=True)
class Result:
    """What became of a chunk."""

    seen: int = 0
    credited: int = 0
    points: int = 0
    level_changes: int = 0


class Mark(NamedTuple):
    """What becomes of a stay."""

    stay: DueStay
    state: str
    reason: str = ""
    entry_id: int | None = None


CALCULATED = Stay.State.CALCULATED.value


def run_chunk(*, job: Job, chunk: JobChunk, using: Setting) -> Result:
    """Calculates the due stays of the chunk's members, inside the caller's transaction. Raises ``StaysMoved``."""
    members = due_stays.members_with_due_stays(job, chunk)
    batch = ledger.open_batch(
        membership_type=using.membership_type, membership_ids=members, today=using.today, job=job
    )
    stays = due_stays.read(job, chunk)
    nights, charges = due_stays.nights(stays), due_stays.charges(stays)
    posted = ledger.posted_keys(membership_type=using.membership_type, keys=[stay.key for stay in stays])
    result, marks = Result(), []
    with batch.posting(at_most=len(stays)):
        for stay in _in_turn(stays, batch, using):
            facts = due_stays.stay_facts(
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
    except AmountTooLarge:
        return Mark(stay, Stay.State.EXCEPTION.value, Stay.Reason.AMOUNT_TOO_LARGE.value)
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
