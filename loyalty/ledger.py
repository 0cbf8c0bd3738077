"""The only writer of entries, lots, balances, earnings counters, levels and level changes. And the only lock that waits.

``open_batch`` locks the points accounts, all at once, in id order, ``FOR NO KEY UPDATE``, in a statement of its own, and
reads them in the next: a single statement that did both would, after waiting, show the new balance with old lots. What
is then posted is worked out in memory, entry by entry, and written by ``Batch.write`` in a fixed number of statements,
however many entries there are. A single posting is a batch of one.

Always, for every account: balance = sum of its entries = sum of what its lots still hold. ``audit.py`` proves it.
"""

import hashlib
from collections.abc import Collection, Sequence
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any

import orjson
from django.db import connection, transaction

from bookings.models import User
from bookings.staging import array, copy_rows, next_ids
from loyalty import expiry
from loyalty.models import Job, MembershipType

ZERO = Decimal(0)


class AccountNotFound(Exception):
    """There is no points account for a membership that was to be posted to."""


@dataclass(slots=True)
class Account:
    """A locked points account, as it stands after the entries posted so far in this batch."""

    membership_id: int
    membership_status: str
    level_id: int
    balance: int
    tier_points: int
    nights: int
    stays: int
    money: Decimal
    last_number: int
    last_posted_on: date | None


@dataclass(frozen=True, slots=True)
class Credit:
    """What is to be posted. ``key`` makes it exactly-once; ``effective_date`` is the day that rules go by."""

    key: str
    kind: str
    effective_date: date
    points: int
    explanation: dict[str, Any]
    tier_points: int = 0
    nights: int = 0
    stays: int = 0
    money: Decimal = ZERO
    property_id: int | None = None
    booking_id: int | None = None
    booking_version: int | None = None


@dataclass(slots=True)
class Batch:
    """Locked accounts, and what is posted to them until ``write``."""

    membership_type: MembershipType
    today: date
    accounts: dict[int, Account]
    expiry_months: int | None
    job: Job | None = None
    by: User | None = None
    _entries: list[list[Any]] = field(default_factory=list)
    _lots: list[tuple[int, int, int, date | None]] = field(default_factory=list)
    _level_changes: list[list[Any]] = field(default_factory=list)
    _expires_on: dict[date, date | None] = field(default_factory=dict)

    def credit(self, account: Account, credit: Credit) -> int:
        """Adds an entry; returns its place in the batch, which ``write`` turns into its id."""
        posted_on = max(self.today, account.last_posted_on or self.today)
        account.last_number += 1
        account.last_posted_on = posted_on
        account.balance += credit.points
        account.tier_points += credit.tier_points
        account.nights += credit.nights
        account.stays += credit.stays
        account.money += credit.money
        place = len(self._entries)
        if credit.points:
            if posted_on not in self._expires_on:
                self._expires_on[posted_on] = expiry.expires_on(posted_on, months=self.expiry_months)
            expires_on = self._expires_on[posted_on]
            self._lots.append((place, account.membership_id, credit.points, expires_on))
        self._entries.append([
            account.membership_id, self.membership_type.pk, account.last_number, credit.kind, posted_on,
            credit.effective_date, credit.points, credit.tier_points, credit.nights, credit.stays, credit.money,
            account.balance, credit.key, content_hash(account.membership_id, credit), orjson.dumps(credit.explanation).decode(),
            credit.property_id, credit.booking_id, credit.booking_version, self.job and self.job.pk,
            self.by and self.by.pk,
        ])  # fmt: skip
        return place

    def change_level(self, account: Account, *, to_level_id: int, place: int) -> None:
        """The member moves to another level because of the entry at ``place``."""
        entry = self._entries[place]
        self._level_changes.append([
            account.membership_id, account.level_id, to_level_id, place, entry[4], entry[5], account.nights,
            account.money,
        ])  # fmt: skip
        account.level_id = to_level_id

    @property
    def level_changes(self) -> int:
        return len(self._level_changes)

    def write(self) -> list[int]:
        """Writes everything; returns the entries' ids by place. Lots go first: see the triggers."""
        ids = next_ids("loyalty_ledgerentry", len(self._entries))
        copy_rows("loyalty_pointslot", LOT_COLUMNS, (
            (ids[place], membership_id, points, points, True, expires_on)
            for place, membership_id, points, expires_on in self._lots
        ))  # fmt: skip
        copy_rows(
            "loyalty_ledgerentry",
            ENTRY_COLUMNS,
            ((id, *row) for id, row in zip(ids, self._entries, strict=True)),
        )
        copy_rows("loyalty_levelchange", LEVEL_CHANGE_COLUMNS, (
            (membership_id, from_id, to_id, ids[place], *rest)
            for membership_id, from_id, to_id, place, *rest in self._level_changes
        ))  # fmt: skip
        self._write_accounts()
        return ids

    def _write_accounts(self) -> None:
        changed = [
            self.accounts[membership_id] for membership_id in sorted({row[0] for row in self._entries})
        ]
        if not changed:
            return
        risen = {row[0] for row in self._level_changes}
        columns = [array(getattr(row, name) for row in changed) for name in ACCOUNT_COLUMNS]
        columns.append(array(row.level_id if row.membership_id in risen else None for row in changed))
        with connection.cursor() as cursor:
            cursor.execute(UPDATE_ACCOUNTS, columns)


def open_batch(
    *,
    membership_type: MembershipType,
    membership_ids: Collection[int],
    today: date,
    job: Job | None = None,
    by: User | None = None,
) -> Batch:
    """Locks the accounts until the transaction ends and reads them. ``today`` is the programme's local day."""
    if not transaction.get_connection().in_atomic_block:
        raise transaction.TransactionManagementError("Points accounts are locked inside a transaction only.")
    lock_accounts(membership_ids)
    accounts = _read(membership_ids)
    if missing := set(membership_ids) - accounts.keys():
        raise AccountNotFound(f"No points account for the memberships {sorted(missing)}.")
    return Batch(membership_type, today, accounts, membership_type.expiry.months, job, by)


def posted_keys(*, membership_type: MembershipType, keys: Sequence[str]) -> dict[str, int]:
    """Of these keys, those that have an entry already, with its id."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT idempotency_key, id FROM loyalty_ledgerentry WHERE membership_type_id = %s AND idempotency_key = ANY(%s)",
            [membership_type.pk, list(keys)],
        )
        return dict(cursor.fetchall())


def content_hash(membership_id: int, credit: Credit) -> str:
    """SHA-256 of what was asked: the same key with other content is refused."""
    asked = (
        f"{membership_id}|{credit.kind}|{credit.effective_date}|{credit.points}|{credit.tier_points}|{credit.nights}"
        f"|{credit.stays}|{credit.money:.3f}"
    )
    return hashlib.sha256(asked.encode()).hexdigest()


def lock_accounts(membership_ids: Collection[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT account.membership_id FROM loyalty_pointsaccount AS account
            WHERE account.membership_id = ANY(%s::bigint[]) ORDER BY account.membership_id FOR NO KEY UPDATE OF account
            """,
            [array(membership_ids)],
        )


def _read(membership_ids: Collection[int]) -> dict[int, Account]:
    with connection.cursor() as cursor:
        cursor.execute(
            """
            SELECT membership.id, membership.status, membership.level_id, account.balance, account.tier_points,
                   account.nights, account.stays, account.money, account.last_number, account.last_posted_on
            FROM loyalty_pointsaccount AS account
            JOIN loyalty_membership AS membership ON membership.id = account.membership_id
            WHERE account.membership_id = ANY(%s::bigint[])
            """,
            [array(membership_ids)],
        )
        return {row[0]: Account(*row) for row in cursor.fetchall()}


ENTRY_COLUMNS = (
    "id", "account_id", "membership_type_id", "number", "kind", "posted_on", "effective_date", "points", "tier_points",
    "nights", "stays", "money", "balance_after", "idempotency_key", "content_hash", "explanation", "property_id",
    "booking_id", "booking_version", "job_id", "posted_by_id",
)  # fmt: skip
ACCOUNT_COLUMNS = (
    "membership_id", "balance", "tier_points", "nights", "stays", "money", "last_number", "last_posted_on",
)  # fmt: skip
LOT_COLUMNS = ("entry_id", "account_id", "points", "remaining", "is_open", "expires_on")
LEVEL_CHANGE_COLUMNS = (
    "membership_id", "from_level_id", "to_level_id", "entry_id", "posted_on", "effective_date", "nights", "money",
)  # fmt: skip
UPDATE_ACCOUNTS = """
    WITH new AS (
        SELECT * FROM unnest(%s::bigint[], %s::bigint[], %s::bigint[], %s::int[], %s::int[], %s::numeric[], %s::int[],
            %s::date[], %s::bigint[])
        AS new (membership_id, balance, tier_points, nights, stays, money, last_number, last_posted_on, level_id)
    ), risen AS (
        UPDATE loyalty_membership AS membership SET level_id = new.level_id
        FROM new WHERE membership.id = new.membership_id AND new.level_id IS NOT NULL
    )
    UPDATE loyalty_pointsaccount AS account
    SET balance = new.balance, tier_points = new.tier_points, nights = new.nights, stays = new.stays, money = new.money,
        last_number = new.last_number, last_posted_on = new.last_posted_on
    FROM new WHERE account.membership_id = new.membership_id
"""
