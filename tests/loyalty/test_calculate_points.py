"""Calculate points, as the help pages tell it (opera-calculate-points.txt, exely-opera-accumulation.txt)."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from loyalty import audit, enrolment
from loyalty.models import (
    EarningRule,
    EarningRuleRate,
    LedgerEntry,
    LevelChange,
    PointsAccount,
    PointsLot,
    Stay,
)
from tests.loyalty.conftest import Programme, points, states


def test_a_completed_stay_earns_five_percent_of_the_room(programme: Programme) -> None:
    ada = programme.join()
    programme.stay(ada, room_revenue=Decimal("306.00"))

    job = programme.calculate()

    entry = LedgerEntry.objects.get()
    assert (entry.account_id, entry.number, entry.points, entry.tier_points) == (ada.pk, 1, 15, 15)
    assert (entry.nights, entry.stays, entry.money, entry.balance_after) == (2, 1, Decimal(306), 15)
    assert (entry.effective_date, entry.posted_on) == (date(2026, 6, 3), date(2026, 6, 30))
    assert (entry.job_id, entry.property_id, entry.booking_version) == (job.pk, programme.hotel.pk, 1)
    assert entry.idempotency_key == f"stay:{entry.booking_id}:1"
    stay = Stay.objects.get()
    assert (stay.state, stay.entry_id) == ("calculated", entry.pk)
    assert PointsAccount.objects.get().balance == 15
    assert PointsLot.objects.get().remaining == 15
    assert not list(audit.audit())


class TestDelay:
    """Till 19 September with a delay of 3 takes stays through 16 September (opera-calculate-points.txt)."""

    @pytest.mark.parametrize(
        ("departure", "is_calculated"), [(date(2025, 9, 16), True), (date(2025, 9, 17), False)]
    )
    def test_departure_plus_delay_is_compared_with_the_till_date(
        self, programme: Programme, departure: date, is_calculated: bool
    ) -> None:
        programme.type.calculation.delay_days = 3
        programme.type.calculation.save()
        programme.stay(programme.join(), arrival=departure - timedelta(days=1), departure=departure)

        programme.calculate(till=date(2025, 9, 19), at=datetime(2025, 9, 30, 12, tzinfo=UTC))

        assert LedgerEntry.objects.exists() is is_calculated

    def test_not_before_the_day_has_come_at_the_property(self, programme: Programme) -> None:
        """On 8 June in Berlin it is still 7 June in Honolulu, where the stay is due on the 8th."""
        programme.hotel.time_zone = "Pacific/Honolulu"
        programme.hotel.save()
        programme.stay(programme.join(), departure=date(2026, 6, 3))

        programme.calculate(till=date(2026, 6, 8), at=datetime(2026, 6, 8, 8, tzinfo=UTC))
        assert not LedgerEntry.objects.exists()

        programme.calculate(till=date(2026, 6, 8), at=datetime(2026, 6, 8, 12, tzinfo=UTC))
        assert LedgerEntry.objects.exists()


class TestOnceOnly:
    def test_a_second_run_changes_nothing(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada)
        programme.calculate()
        before = list(LedgerEntry.objects.values())

        programme.calculate()

        assert list(LedgerEntry.objects.values()) == before
        assert PointsAccount.objects.get().balance == 10

    def test_a_stay_whose_key_is_in_the_ledger_is_marked_and_not_credited_again(
        self, programme: Programme
    ) -> None:
        """Whatever un-marked it: the key makes it exactly-once, not the mark."""
        ada = programme.join()
        programme.stay(ada)
        programme.calculate()
        entry = LedgerEntry.objects.get()
        Stay.objects.update(state="due", entry=None)

        programme.calculate()

        assert points(ada) == [10]
        assert Stay.objects.get().entry_id == entry.pk


class TestOpenFolio:
    def test_until_it_is_calculated_a_newer_record_replaces_it(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada, room_revenue=Decimal(200), updated_at=datetime(2026, 6, 3, tzinfo=UTC))
        programme.stay(ada, room_revenue=Decimal(300), updated_at=datetime(2026, 6, 4, tzinfo=UTC))

        programme.calculate()

        assert points(ada) == [15]
        assert LedgerEntry.objects.get().booking_version == Stay.objects.get().booking_version == 2

    def test_afterwards_it_is_kept_as_an_exception_and_credits_nothing(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada, room_revenue=Decimal(200))
        programme.calculate()

        programme.stay(ada, room_revenue=Decimal(300))
        programme.calculate()

        assert points(ada) == [10]
        assert states() == [("exception", "late_change")]
        assert Stay.objects.get().booking_version == 1

    def test_a_stay_that_moved_between_sweep_and_calculation_is_left_to_the_next_run(
        self, programme: Programme
    ) -> None:
        ada = programme.join()
        programme.stay(ada, number="1", arrival=date(2026, 6, 1))
        programme.stay(ada, number="2", arrival=date(2026, 6, 10))
        job = programme.calculate(till=date(2026, 6, 1))  # sweeps; nothing is due yet
        assert states() == [("due", ""), ("due", "")]
        Stay.objects.filter(booking__number="1").update(booking_version=7)  # as if an intake came in between

        programme.calculate()

        assert points(ada) == [], "a later stay of the member does not overtake"
        assert job.pk


class TestLevels:
    def test_the_level_held_before_a_stay_rates_it_and_carries_to_the_next(
        self, programme: Programme
    ) -> None:
        """Base 5 %, Silver 10 %, from 5 nights. Three stays of two nights for 200: 10, 10, 10 and then 20."""
        EarningRule.objects.update(by_level=True, value=None)
        for level in programme.type.levels.all():
            EarningRuleRate.objects.create(
                rule=EarningRule.objects.get(), level=level, value=5 if level.rank == 1 else 10
            )
        ada = programme.join()
        for number in range(4):
            programme.stay(ada, number=str(number), arrival=date(2026, 6, 1 + 3 * number))

        programme.calculate()

        assert points(ada) == [10, 10, 10, 20]
        change = LevelChange.objects.get()
        assert (change.from_level.name, change.to_level.name, change.nights) == ("Base", "Silver", 6)
        assert change.entry.number == 3
        ada.refresh_from_db()
        assert ada.level.name == "Silver"

    def test_one_stay_can_lift_over_several_levels(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada, arrival=date(2026, 5, 1), departure=date(2026, 5, 26), room_revenue=Decimal(2500))

        programme.calculate()

        assert LevelChange.objects.get().to_level.name == "Platinum"


class TestCards:
    def test_a_card_blocked_after_the_sweep_earns_nothing(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada)
        programme.calculate(till=date(2026, 6, 1))
        type(ada).objects.filter(pk=ada.pk).update(status="blocked")  # behind the sweep's back

        programme.calculate()

        assert states() == [("left_out", "card_not_active")]

    def test_unblocked_the_stay_is_looked_at_again(self, programme: Programme) -> None:
        ada = programme.join()
        enrolment.block(membership=ada, reason="Card lost", by=None)
        programme.stay(ada)
        programme.calculate()
        assert states() == [("left_out", "card_not_active")]

        enrolment.unblock(membership=ada, reason="Found", by=None)
        programme.calculate()

        assert points(ada) == [10]

    def test_a_card_issued_later_earns_for_stays_that_end_on_or_after_its_day(
        self, programme: Programme
    ) -> None:
        programme.stay("7700000016", number="1", arrival=date(2026, 6, 1))
        programme.stay("7700000016", number="2", arrival=date(2026, 6, 10))
        programme.calculate()
        assert states() == [("left_out", "unknown_card")] * 2

        ada = programme.join(on=date(2026, 6, 12))
        assert ada.card_number == "7700000016"
        programme.calculate()

        assert states() == [("left_out", "card_too_new"), ("calculated", "")]


def test_a_stay_that_gives_nothing_is_calculated_with_its_reason_and_without_an_entry(
    programme: Programme,
) -> None:
    EarningRule.objects.update(minimum_nights=3)
    programme.stay(programme.join())

    programme.calculate()

    assert states() == [("calculated", "too_short")]
    assert not LedgerEntry.objects.exists()


def test_points_expire_after_the_types_months(programme: Programme) -> None:
    programme.type.expiry.months = 12
    programme.type.expiry.save()
    programme.stay(programme.join())

    programme.calculate()

    assert PointsLot.objects.get().expires_on == date(2027, 6, 30)


def test_posted_on_never_goes_back(programme: Programme) -> None:
    ada = programme.join()
    PointsAccount.objects.filter(pk=ada.pk).update(last_posted_on=date(2026, 7, 4))  # posted further east
    programme.stay(ada)

    programme.calculate()

    assert LedgerEntry.objects.get().posted_on == date(2026, 7, 4)


def test_a_chunk_takes_at_most_fifteen_statements_however_many_stays(programme: Programme) -> None:
    for member in range(6):
        card = programme.join()
        for number in range(4):
            programme.stay(card, number=f"{member}-{number}", arrival=date(2026, 6, 1 + 3 * number))
    programme.calculate(till=date(2026, 6, 1))
    with CaptureQueriesContext(connection) as captured:
        programme.calculate()

    begin = next(
        i
        for i, query in enumerate(captured)
        if "loyalty_jobchunk" in query["sql"] and "SKIP LOCKED" in query["sql"]
    )
    end = next(i for i, query in enumerate(captured) if 'UPDATE "loyalty_jobchunk"' in query["sql"])
    in_chunk = [
        query["sql"]
        for query in captured.captured_queries[begin : end + 1]
        if "SAVEPOINT" not in query["sql"]
    ]
    assert LedgerEntry.objects.count() == 24
    assert LevelChange.objects.exists()
    assert len(in_chunk) <= 15, "\n".join(in_chunk)
