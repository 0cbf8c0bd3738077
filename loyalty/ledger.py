"""The only writer of entries, lots, balances, earnings counters, levels and level changes. And the only lock that waits.

``open_batch`` locks the points accounts, all at once, in id order, ``FOR NO KEY UPDATE``, in a statement of its own, and
reads them in the next: a single statement that did both would, after waiting, show the new balance with old lots. What
is then posted inside ``Batch.posting`` goes to the server by COPY, in a fixed number of statements however many entries
there are. A single posting is a batch of one.

Always, for every account: balance = sum of its entries = sum of what its lots still hold. ``audit.py`` proves it.
"""

import hashlib
from collections.abc import Callable, Collection, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass, field
from datetime import date
from decimal import Decimal
from typing import Any, NamedTuple

import orjson
from django.db import connection, transaction

from bookings.models import User
from bookings.staging import array, copy_rows, copying, next_ids
from loyalty import expiry
from loyalty.models import Job, MembershipType

ZERO = Decimal(0)
THOUSANDTH = Decimal("0.001")


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


class Credit(NamedTuple):
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
    """Locked accounts, and what is posted to them in ``posting()``."""

    membership_type: MembershipType
    today: date
    accounts: dict[int, Account]
    expiry_months: int | None
    job: Job | None = None
    by: User | None = None
    level_changes: list[tuple[Any, ...]] = field(default_factory=list)
    _ids: Iterator[int] = field(default_factory=lambda: iter(()))
    _add_entry: Callable[[Sequence[Any]], None] | None = None
    _lots: list[tuple[Any, ...]] = field(default_factory=list)
    _touched: set[int] = field(default_factory=set)
    _expires_on: dict[date, date | None] = field(default_factory=dict)

    @contextmanager
    def posting(self, *, at_most: int) -> Iterator[None]:
        """Entries go to the server as they are posted, up to ``at_most``; lots, level changes and accounts follow at the
        end. No other statement may run on the connection meanwhile."""
        self._ids = iter(next_ids("loyalty_ledgerentry", at_most))
        with copying("loyalty_ledgerentry", ENTRY_COLUMNS) as self._add_entry:
            yield
        self._add_entry = None
        copy_rows("loyalty_pointslot", LOT_COLUMNS, self._lots)
        copy_rows("loyalty_levelchange", LEVEL_CHANGE_COLUMNS, self.level_changes)
        self._write_accounts()

    def credit(self, account: Account, credit: Credit) -> int:
        """Posts an entry inside ``posting()``; returns its id."""
        if self._add_entry is None:
            raise RuntimeError("Entries are posted inside posting() only.")
        posted_on = max(self.today, account.last_posted_on or self.today)
        account.last_number += 1
        account.last_posted_on = posted_on
        account.balance += credit.points
        account.tier_points += credit.tier_points
        account.nights += credit.nights
        account.stays += credit.stays
        account.money += credit.money
        self._touched.add(account.membership_id)
        entry_id = next(self._ids)
        if credit.points:
            if posted_on not in self._expires_on:
                self._expires_on[posted_on] = expiry.expires_on(posted_on, months=self.expiry_months)
            expires_on = self._expires_on[posted_on]
            self._lots.append(
                (entry_id, account.membership_id, credit.points, credit.points, True, expires_on)
            )
        self._add_entry((
            entry_id, account.membership_id, self.membership_type.pk, account.last_number, credit.kind, posted_on,
            credit.effective_date, credit.points, credit.tier_points, credit.nights, credit.stays, credit.money,
            account.balance, credit.key, content_hash(account.membership_id, credit),
            orjson.dumps(credit.explanation).decode(), credit.property_id, credit.booking_id, credit.booking_version,
            self.job and self.job.pk, self.by and self.by.pk,
        ))  # fmt: skip
        return entry_id

    def change_level(
        self, account: Account, *, to_level_id: int, entry_id: int, effective_date: date
    ) -> None:
        """The member moves to another level because of the entry that was just posted."""
        self.level_changes.append((
            account.membership_id, account.level_id, to_level_id, entry_id, account.last_posted_on, effective_date,
            account.nights, account.money,
        ))  # fmt: skip
        account.level_id = to_level_id

    def _write_accounts(self) -> None:
        changed = [self.accounts[membership_id] for membership_id in sorted(self._touched)]
        if not changed:
            return
        risen = {row[0] for row in self.level_changes}
        columns = [array([getattr(row, name) for row in changed]) for name in ACCOUNT_COLUMNS]
        columns.append(array([row.level_id if row.membership_id in risen else None for row in changed]))
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
        f"{membership_id}|{credit.kind}|{credit.effective_date.isoformat()}|{credit.points}|{credit.tier_points}"
        f"|{credit.nights}|{credit.stays}|{credit.money.quantize(THOUSANDTH)}"
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
