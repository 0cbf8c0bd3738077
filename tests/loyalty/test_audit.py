"""The audit finds what somebody changed behind the triggers' back, and names the account."""

from datetime import date
from io import StringIO

import pytest
from django.core.management import call_command
from django.db import connection

from loyalty import audit
from tests.loyalty.conftest import Programme


@pytest.fixture
def credited(programme: Programme) -> Programme:
    for _ in range(2):
        card = programme.join()
        for number in range(3):
            programme.stay(card, number=f"{card.pk}-{number}", arrival=date(2026, 6, 1 + 3 * number))
    programme.calculate()
    return programme


def behind_the_triggers(sql: str) -> None:
    connection.check_constraints()  # what waits for the commit is checked now, as the rows still are
    with connection.cursor() as cursor:
        cursor.execute("SET LOCAL session_replication_role = replica")
        cursor.execute(sql)
        cursor.execute("SET LOCAL session_replication_role = origin")


def test_a_right_ledger_has_no_findings(credited: Programme) -> None:
    assert list(audit.audit()) == []
    out = StringIO()
    call_command("audit_ledger", stdout=out)
    assert out.getvalue() == "2 accounts, 6 entries: everything adds up.\n"


FIRST = "(SELECT min(membership_id) FROM loyalty_pointsaccount)"


@pytest.mark.parametrize(
    ("sql", "checks"),
    [
        (
            f"UPDATE loyalty_pointsaccount SET balance = balance + 1 WHERE membership_id = {FIRST}",
            {"balance is the sum of the entries", "balance is what the lots hold"},
        ),
        (
            f"UPDATE loyalty_pointsaccount SET nights = nights + 1 WHERE membership_id = {FIRST}",
            {"tier points, nights, stays and money are the sums of the entries"},
        ),
        (
            f"UPDATE loyalty_pointslot SET remaining = remaining - 1 WHERE account_id = {FIRST}",
            {"balance is what the lots hold"},
        ),
        (
            f"DELETE FROM loyalty_pointslot WHERE account_id = {FIRST}",
            {"balance is what the lots hold", "a credit's lots sum to it"},
        ),
        (
            f"UPDATE loyalty_ledgerentry SET balance_after = 7 WHERE account_id = {FIRST} AND number = 2",
            {"the balance after each entry continues the one before"},
        ),
        (
            f"UPDATE loyalty_ledgerentry SET number = 9 WHERE account_id = {FIRST} AND number = 3",
            {"entries are numbered without a gap up to the account's last"},
        ),
        (
            f"UPDATE loyalty_ledgerentry SET posted_on = '2020-01-01' WHERE account_id = {FIRST} AND number = 2",
            {"entries are posted in order of their days"},
        ),
        (
            "UPDATE loyalty_membership SET level_id = (SELECT max(id) FROM loyalty_level)"
            f" WHERE id = {FIRST}",
            {"the level is where the last change led"},
        ),
        (
            f"UPDATE loyalty_stay SET membership_id = (SELECT max(id) FROM loyalty_membership) WHERE membership_id = {FIRST}",
            {"a calculated stay's entry is its member's, for its booking"},
        ),
        (
            f"UPDATE loyalty_stay SET entry_id = NULL, state = 'due' WHERE membership_id = {FIRST}",
            {"an entry of a stay has its stay marked"},
        ),
        (
            f"UPDATE loyalty_stay SET entry_id = 99999 WHERE membership_id = {FIRST}",
            {
                "a calculated stay's entry is its member's, for its booking",
                "an entry of a stay has its stay marked",
            },
        ),
        (
            f"UPDATE loyalty_pointsaccount SET last_posted_on = '2020-01-01' WHERE membership_id = {FIRST}",
            {"a member has an account, and its last posting day is the last entry's"},
        ),
        (
            f"UPDATE loyalty_ledgerentry SET membership_type_id = 99999 WHERE account_id = {FIRST}",
            {"an entry is of its member's type"},
        ),
    ],
)
def test_finds_what_was_changed(credited: Programme, sql: str, checks: set[str]) -> None:
    behind_the_triggers(sql)

    findings = list(audit.audit())

    assert {finding.check for finding in findings} == checks
    if "SELECT max(id) FROM loyalty_membership" not in sql:
        assert {finding.card_number for finding in findings} == {"7700000016"}


def test_the_command_names_the_card_and_exits_1(credited: Programme) -> None:
    behind_the_triggers(f"UPDATE loyalty_pointsaccount SET balance = 31 WHERE membership_id = {FIRST}")
    out = StringIO()

    with pytest.raises(SystemExit) as ended:
        call_command("audit_ledger", stderr=out)

    assert ended.value.code == 1
    assert "card 7700000016: balance is the sum of the entries: expected 30, found 31" in out.getvalue()
