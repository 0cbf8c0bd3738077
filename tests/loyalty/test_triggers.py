"""Each promise that the database itself keeps: the test goes around the Python code and is refused."""

from datetime import date

import psycopg
import pytest
from django.db import IntegrityError, connection, transaction
from django.db.utils import DatabaseError

from loyalty.models import (
    EarningRule,
    EarningRuleProperty,
    Job,
    JobProgress,
    LedgerEntry,
    Level,
    LevelChange,
    Membership,
    PointsAccount,
    PointsLot,
    Stay,
)
from tests import factories
from tests.loyalty.conftest import Programme


def run(sql: str) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute(sql)
        connection.check_constraints()


@pytest.fixture
def credited(programme: Programme) -> Programme:
    """One member with two stays and a level change."""
    ada = programme.join()
    for number, arrival in enumerate([date(2026, 5, 1), date(2026, 6, 1)]):
        programme.stay(ada, number=str(number), arrival=arrival, rooms=3)
    programme.calculate()
    assert LevelChange.objects.count() == 2
    return programme


@pytest.mark.parametrize(
    "sql",
    [
        "UPDATE loyalty_ledgerentry SET points = points + 1",
        "DELETE FROM loyalty_ledgerentry",
        "UPDATE loyalty_levelchange SET nights = 0",
        "DELETE FROM loyalty_levelchange",
        "UPDATE loyalty_pointslot SET points = points + 1, remaining = remaining + 1",
        "UPDATE loyalty_pointslot SET account_id = account_id",
        "DELETE FROM loyalty_pointslot",
    ],
)
def test_the_ledger_is_only_added_to(credited: Programme, sql: str) -> None:
    with pytest.raises(DatabaseError, match="is refused: a correction is a new entry"):
        run(sql)


COPY_OF_AN_ENTRY = """
    INSERT INTO loyalty_ledgerentry (id, account_id, membership_type_id, number, kind, posted_on, effective_date, points,
        tier_points, nights, stays, money, balance_after, idempotency_key, content_hash, explanation)
    SELECT nextval(pg_get_serial_sequence('loyalty_ledgerentry', 'id')), account_id, membership_type_id, {number}, kind,
        posted_on, effective_date, {points}, {counted}, {counted}, {counted}, {counted}, {balance_after}, {key},
        '', '{{}}' FROM loyalty_ledgerentry WHERE number = 1
"""


@pytest.mark.parametrize(
    ("change", "constraint"),
    [
        ({}, "its lots hold 0"),
        ({"points": "0", "number": "1"}, "entry_number_unique"),
        ({"points": "0", "key": "idempotency_key"}, "entry_key_unique"),
        ({"points": "0", "balance_after": "-1"}, "balance_after_never_below_zero"),
        ({"points": "0", "counted": "0"}, "entry_moves_something"),
        ({"points": "0", "number": "0"}, "entry_number_from_1"),
    ],
)
def test_an_entry_that_can_not_be(credited: Programme, change: dict[str, str], constraint: str) -> None:
    values = {"number": "99", "points": "5", "counted": "1", "balance_after": "5", "key": "'k'", **change}

    with pytest.raises(IntegrityError, match=constraint):
        run(COPY_OF_AN_ENTRY.format(**values))


def test_a_lot_beyond_its_entry(credited: Programme) -> None:
    with pytest.raises(IntegrityError, match="do not sum to its"):
        run(
            "INSERT INTO loyalty_pointslot (entry_id, account_id, points, remaining, is_open)"
            " SELECT entry_id, account_id, 1, 1, TRUE FROM loyalty_pointslot LIMIT 1"
        )


@pytest.mark.parametrize(
    ("sql", "constraint"),
    [
        ("UPDATE loyalty_pointslot SET remaining = -1, is_open = FALSE", "lot_(remaining|open)"),
        ("UPDATE loyalty_pointslot SET remaining = 99999", "lot_remaining_in_bounds"),
        ("UPDATE loyalty_pointslot SET remaining = 0", "lot_open_while_something_remains"),
        ("UPDATE loyalty_pointslot SET is_open = FALSE", "lot_open_while_something_remains"),
        ("UPDATE loyalty_pointsaccount SET balance = -1", "balance_never_below_zero"),
        ("UPDATE loyalty_stay SET membership_id = NULL", "due_stay_has_a_member"),
        ("UPDATE loyalty_calculationpolicy SET delay_days = 61", "delay_days_up_to_60"),
        ("UPDATE loyalty_expirypolicy SET months = 0", "expiry_months_1_to_600"),
        ("UPDATE loyalty_level SET threshold_nights = 3 WHERE rank = 1", "base_level_has_no_threshold"),
        ("UPDATE loyalty_level SET threshold_nights = 0 WHERE rank = 2", "level_threshold_positive"),
        ("UPDATE loyalty_level SET rank = 2 WHERE rank = 3", "level_rank_unique"),
        ("UPDATE loyalty_earningrule SET value = 101", "earning_rule_percentage_up_to_100"),
        ("UPDATE loyalty_earningrule SET value = NULL", "earning_rule_flat_or_by_level"),
        ("UPDATE loyalty_earningrule SET by_level = TRUE", "earning_rule_flat_or_by_level"),
        ("UPDATE loyalty_earningrule SET method = 'per_revenue'", "earning_rule_per_amount"),
        ("UPDATE loyalty_earningrule SET valid_until = valid_from", "earning_rule_valid_for_a_day"),
    ],
)
def test_a_value_that_can_not_be(credited: Programme, sql: str, constraint: str) -> None:
    with pytest.raises(IntegrityError, match=constraint):
        run(sql)


def test_a_card_number_belongs_to_one_member_of_a_group(programme: Programme) -> None:
    ada, bob = programme.join(), programme.join()

    with pytest.raises(IntegrityError, match="card_number_unique"):
        run(f"UPDATE loyalty_membership SET card_number = '{ada.card_number}' WHERE id = {bob.pk}")


def test_a_guest_has_one_card_of_a_type(programme: Programme) -> None:
    ada, bob = programme.join(), programme.join()

    with pytest.raises(IntegrityError, match="one_card_of_a_type_per_guest"):
        run(f"UPDATE loyalty_membership SET guest_id = {ada.guest_id} WHERE id = {bob.pk}")


def test_a_process_of_a_type_has_one_unfinished_job(programme: Programme) -> None:
    for _ in range(2):
        job = Job.objects.create(
            process="calculate_points", membership_type=programme.type, till_date=date(2026, 6, 1)
        )
        progress = JobProgress(job=job, process=job.process, membership_type=programme.type)
        if _ == 0:
            progress.save()
    with pytest.raises(IntegrityError, match="one_unfinished_job"), transaction.atomic():
        progress.save()


def test_a_stay_has_one_row_a_seat(credited: Programme) -> None:
    stay = Stay.objects.first()
    assert stay is not None
    stay.pk = None
    with pytest.raises(IntegrityError, match="stay_seat_unique"), transaction.atomic():
        stay.save(force_insert=True)


class TestRulesDoNotOverlap:
    """Half-open periods: a rule may begin on the day on which another ends."""

    def test_two_main_rules_of_a_kind(self, programme: Programme) -> None:
        EarningRule.objects.update(valid_until=date(2026, 1, 1))
        factories.EarningRuleFactory(membership_type=programme.type, valid_from=date(2026, 1, 1))
        with pytest.raises(IntegrityError, match="one_main_base_rule_at_a_time"), transaction.atomic():
            factories.EarningRuleFactory(membership_type=programme.type, valid_from=date(2027, 1, 1))

    def test_a_bonus_beside_a_base_rule_and_another_type(self, programme: Programme) -> None:
        factories.EarningRuleFactory(membership_type=programme.type, kind="bonus")
        factories.EarningRuleFactory(membership_type=factories.MembershipTypeFactory(code="OTHER"))

    def test_two_rules_for_one_property(self, programme: Programme) -> None:
        first, second = (
            factories.EarningRuleFactory(
                membership_type=programme.type,
                for_chosen_properties=True,
                valid_from=date(year, 1, 1),
                valid_until=date(year + 1, 1, 1),
            )
            for year in (2025, 2026)
        )
        for rule in (first, second):
            EarningRuleProperty.objects.create(rule=rule, property=programme.hotel)
        with (
            pytest.raises(IntegrityError, match="one_base_rule_of_a_property_at_a_time"),
            transaction.atomic(),
        ):
            EarningRule.objects.filter(pk=first.pk).update(valid_until=date(2026, 2, 1))
        with (
            pytest.raises(IntegrityError, match="one_base_rule_of_a_property_at_a_time"),
            transaction.atomic(),
        ):
            EarningRuleProperty.objects.create(rule=first, property=programme.hotel)
        EarningRuleProperty.objects.create(
            rule=first, property=factories.PropertyFactory(group=programme.group)
        )


def test_the_errors_come_from_postgresql_itself(credited: Programme) -> None:
    with pytest.raises(DatabaseError) as refused:
        run("DELETE FROM loyalty_ledgerentry")
    assert isinstance(refused.value.__cause__, psycopg.errors.RestrictViolation)


def test_what_refers_to_the_ledger_can_not_be_deleted(credited: Programme) -> None:
    for model in (Membership, PointsAccount, Level, Job):
        with pytest.raises(DatabaseError), transaction.atomic():
            model.objects.all().delete()
    assert LedgerEntry.objects.count() == 2
    assert PointsLot.objects.count() == 2
