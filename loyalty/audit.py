"""Proof that the ledger is right, over the whole database, in set-based SQL: memory does not grow with the data.

Each check lists the points accounts that fail it. The same invariants are kept by constraints and triggers; this finds
what somebody changed behind their back.
"""

from collections.abc import Iterator
from dataclasses import dataclass

from django.db import connection


@dataclass(frozen=True, slots=True)
class Finding:
    """An account that fails a check."""

    card_number: str
    check: str
    expected: str
    found: str

    def __str__(self) -> str:
        return f"card {self.card_number}: {self.check}: expected {self.expected}, found {self.found}"


# Each: what must hold, and a query of (account id, expected, found) that lists where it does not.
CHECKS: dict[str, str] = {
    "balance is the sum of the entries": """
        SELECT account.membership_id, coalesce(sum(entry.points), 0), account.balance
        FROM loyalty_pointsaccount AS account LEFT JOIN loyalty_ledgerentry AS entry
            ON entry.account_id = account.membership_id
        GROUP BY account.membership_id HAVING coalesce(sum(entry.points), 0) <> account.balance
    """,
    "balance is what the lots hold": """
        SELECT account.membership_id, coalesce(sum(lot.remaining), 0), account.balance
        FROM loyalty_pointsaccount AS account LEFT JOIN loyalty_pointslot AS lot
            ON lot.account_id = account.membership_id
        GROUP BY account.membership_id HAVING coalesce(sum(lot.remaining), 0) <> account.balance
    """,
    "tier points, nights, stays and money are the sums of the entries": """
        SELECT account.membership_id, sums.counted, account.counted
        FROM (SELECT membership_id, concat_ws(' / ', tier_points, nights, stays, money) AS counted
              FROM loyalty_pointsaccount) AS account
        LEFT JOIN (SELECT account_id, concat_ws(' / ', sum(tier_points), sum(nights), sum(stays), sum(money)) AS counted
                   FROM loyalty_ledgerentry GROUP BY account_id) AS sums ON sums.account_id = account.membership_id
        WHERE coalesce(sums.counted, '0 / 0 / 0 / 0.000') <> account.counted
    """,
    "entries are numbered without a gap up to the account's last": """
        SELECT account.membership_id, concat('1 to ', account.last_number),
               concat(count(entry.id), ' entries up to ', coalesce(max(entry.number), 0))
        FROM loyalty_pointsaccount AS account LEFT JOIN loyalty_ledgerentry AS entry
            ON entry.account_id = account.membership_id
        GROUP BY account.membership_id
        HAVING count(entry.id) <> account.last_number OR coalesce(max(entry.number), 0) <> account.last_number
    """,
    "the balance after each entry continues the one before": """
        SELECT account_id, expected, balance_after
        FROM (SELECT account_id, balance_after, sum(points) OVER (PARTITION BY account_id ORDER BY number) AS expected
              FROM loyalty_ledgerentry) AS chain
        WHERE expected <> balance_after
    """,
    "entries are posted in order of their days": """
        SELECT account_id, concat('on or after ', before), posted_on
        FROM (SELECT account_id, posted_on, lag(posted_on) OVER (PARTITION BY account_id ORDER BY number) AS before
              FROM loyalty_ledgerentry) AS chain
        WHERE posted_on < before
    """,
    "a credit's lots sum to it": """
        SELECT entry.account_id, greatest(entry.points, 0), coalesce(sum(lot.points), 0)
        FROM loyalty_ledgerentry AS entry LEFT JOIN loyalty_pointslot AS lot
            ON lot.entry_id = entry.id AND lot.account_id = entry.account_id
        GROUP BY entry.id HAVING greatest(entry.points, 0) <> coalesce(sum(lot.points), 0)
    """,
    "the level is where the last change led": """
        SELECT membership.id, coalesce(last.to_level_id, base.id), membership.level_id
        FROM loyalty_membership AS membership
        JOIN loyalty_level AS base ON base.membership_type_id = membership.membership_type_id AND base.rank = 1
        LEFT JOIN (SELECT DISTINCT ON (membership_id) membership_id, to_level_id
              FROM loyalty_levelchange ORDER BY membership_id, id DESC) AS last ON last.membership_id = membership.id
        WHERE coalesce(last.to_level_id, base.id) <> membership.level_id
    """,
    "a calculated stay's entry is its member's, for its booking": """
        SELECT stay.membership_id, concat('entry stay:', stay.booking_id, ':', stay.seat),
               coalesce(entry.idempotency_key, 'no such entry')
        FROM loyalty_stay AS stay LEFT JOIN loyalty_ledgerentry AS entry ON entry.id = stay.entry_id
        WHERE stay.entry_id IS NOT NULL
          AND (entry.account_id, entry.booking_id) IS DISTINCT FROM (stay.membership_id, stay.booking_id)
    """,
    "an entry of a stay has its stay marked": """
        SELECT entry.account_id, concat('a calculated stay for ', entry.idempotency_key), coalesce(stay.state, 'none')
        FROM loyalty_ledgerentry AS entry LEFT JOIN loyalty_stay AS stay ON stay.entry_id = entry.id
        WHERE entry.kind = 'stay' AND (stay.id IS NULL OR stay.state NOT IN ('calculated', 'exception'))
    """,
    "a member has an account, and its last posting day is the last entry's": """
        SELECT membership.id, coalesce(max(entry.posted_on)::text, 'none yet'),
               CASE WHEN account.membership_id IS NULL THEN 'no account'
                    ELSE coalesce(account.last_posted_on::text, 'none yet') END
        FROM loyalty_membership AS membership
        LEFT JOIN loyalty_pointsaccount AS account ON account.membership_id = membership.id
        LEFT JOIN loyalty_ledgerentry AS entry ON entry.account_id = membership.id
        GROUP BY membership.id, account.membership_id
        HAVING account.membership_id IS NULL OR account.last_posted_on IS DISTINCT FROM max(entry.posted_on)
    """,
    "an entry is of its member's type": """
        SELECT entry.account_id, membership.membership_type_id, entry.membership_type_id
        FROM loyalty_ledgerentry AS entry JOIN loyalty_membership AS membership ON membership.id = entry.account_id
        WHERE entry.membership_type_id <> membership.membership_type_id
    """,
}


def audit() -> Iterator[Finding]:
    """Every account that fails, with what was expected and what stands there."""
    for check, query in CHECKS.items():
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                SELECT membership.card_number, wrong.expected::text, wrong.found::text
                FROM ({query}) AS wrong (account_id, expected, found)
                JOIN loyalty_membership AS membership ON membership.id = wrong.account_id
                ORDER BY membership.id
                """  # noqa: S608 - made of the constants above
            )
            while rows := cursor.fetchmany(1000):
                for card_number, expected, found in rows:
                    yield Finding(card_number, check, expected, found)
