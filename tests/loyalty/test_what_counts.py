"""What of a booking counts when it is calculated: sources, rate plans, nights, extras and currencies
(exely-opera-accumulation.txt)."""

from datetime import UTC, date, datetime
from decimal import Decimal

import pytest

from bookings.messages import FolioLineMessage, GuestMessage, NightMessage
from bookings.models import ExchangeRate, TransactionCode
from loyalty.models import EarningRule, LedgerEntry
from tests import factories
from tests.loyalty.conftest import Programme, points, states


class TestSourcesAndRates:
    def test_nights_on_a_rate_plan_without_membership_earn_nothing(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada, rate_plan="COMP")

        programme.calculate()

        assert states() == [("left_out", "no_membership_rate")]

    def test_of_mixed_rate_plans_only_the_nights_with_membership_count(self, programme: Programme) -> None:
        ada = programme.join()
        nights = (
            NightMessage(date(2026, 6, 1), Decimal(100), "BAR"),
            NightMessage(date(2026, 6, 2), Decimal(60), "COMP"),
        )
        programme.stay(ada, nights=nights, room_revenue=Decimal(160))

        programme.calculate()

        entry = LedgerEntry.objects.get()
        assert (entry.points, entry.nights, entry.money) == (5, 1, Decimal(100))
        assert entry.explanation["left_out"] == [
            {"what": "rate_plan", "code": "COMP", "amount": "60", "currency": "EUR"}
        ]

    def test_a_night_that_was_not_stayed_does_not_count(self, programme: Programme) -> None:
        ada = programme.join()
        nights = tuple(NightMessage(date(2026, 6, day), Decimal(100), "BAR") for day in (1, 2))
        programme.stay(ada, checked_out=date(2026, 6, 2), nights=nights)

        programme.calculate()

        entry = LedgerEntry.objects.get()
        assert (entry.points, entry.nights, entry.effective_date) == (5, 1, date(2026, 6, 2))
        assert entry.explanation["left_out"] == [{"what": "nights", "amount": "100", "currency": "EUR"}]

    @pytest.mark.parametrize(("left_on", "nights"), [(2, 1), (6, 5)])
    def test_without_nights_in_the_message_the_money_is_spread_over_those_stayed(
        self, programme: Programme, left_on: int, nights: int
    ) -> None:
        programme.stay(programme.join(), checked_out=date(2026, 6, left_on), room_revenue=Decimal(500))

        programme.calculate()

        entry = LedgerEntry.objects.get()
        assert (entry.points, entry.nights, entry.money) == (25, nights, Decimal(500))

    def test_day_use_counts_no_night_and_its_money(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada, departure=date(2026, 6, 1), room_revenue=Decimal(80))

        programme.calculate()

        entry = LedgerEntry.objects.get()
        assert (entry.points, entry.nights, entry.stays) == (4, 0, 1)

    def test_several_rooms_count_room_nights_on_one_card(self, programme: Programme) -> None:
        ada = programme.join()
        programme.stay(ada, rooms=3, room_revenue=Decimal(600))

        programme.calculate()

        entry = LedgerEntry.objects.get()
        assert (entry.points, entry.nights, entry.stays) == (30, 6, 1)

    def test_a_channel_booking_is_found_by_phone_where_the_switch_is_on(self, programme: Programme) -> None:
        ada = programme.join(phone="+491701234567")
        programme.type.calculation.reward_channel = True
        programme.type.calculation.save()
        guest = GuestMessage(first_name="A.", last_name="Adams", phone="0170 1234567")
        programme.stay("", source="channel_manager", guests=(guest,))

        programme.calculate()

        assert points(ada) == [10]

    def test_a_channel_booking_earns_nothing_where_the_switch_is_off(self, programme: Programme) -> None:
        programme.join(phone="+491701234567")
        programme.stay("", source="channel_manager", guests=(GuestMessage(phone="+491701234567"),))

        programme.calculate()

        assert states() == [("left_out", "channel_off")]

    def test_a_booking_no_pms_reports_on_is_completed_by_its_departure_date(
        self, programme: Programme
    ) -> None:
        ada = programme.join()
        programme.stay(ada, source="booking_engine", status="reserved", arrival=date(2026, 6, 24))
        programme.calculate(at=datetime(2026, 6, 26, 12, tzinfo=UTC), till=date(2026, 6, 26))
        assert states() == [("waiting", "")]

        at = datetime(2026, 7, 1, 12, tzinfo=UTC)
        programme.calculate(till=date(2026, 7, 1), at=at)

        assert points(ada) == [10]


class TestExtras:
    @pytest.mark.parametrize(("including_extras", "expected"), [(True, 15), (False, 10)])
    def test_paid_extras_whose_code_has_the_membership_flag(
        self, programme: Programme, including_extras: bool, expected: int
    ) -> None:
        EarningRule.objects.update(including_extras=including_extras)
        TransactionCode.objects.create(property=programme.hotel, code="SPA", membership=True)
        TransactionCode.objects.create(property=programme.hotel, code="BAR", membership=False)
        ada = programme.join()
        day = date(2026, 6, 2)
        programme.stay(
            ada,
            folio_lines=(
                FolioLineMessage("SPA", Decimal(120), "EUR", day),
                FolioLineMessage("SPA", Decimal(-20), "EUR", day),  # a void
                FolioLineMessage("BAR", Decimal(50), "EUR", day),
                FolioLineMessage("UNKNOWN", Decimal(50), "EUR", day),
                FolioLineMessage("SPA", Decimal(70), "EUR", day, kind="inclusive"),
                FolioLineMessage("SPA", Decimal(999), "EUR", day, kind="room"),
            ),
        )

        programme.calculate()

        entry = LedgerEntry.objects.get()
        assert entry.points == expected
        left_out = entry.explanation["left_out"]
        assert [row["code"] for row in left_out if row["what"] == "charge"] == ["BAR", "UNKNOWN"]
        assert ({"what": "extras", "amount": "100", "currency": "EUR"} in left_out) is not including_extras


class TestCurrency:
    def test_without_a_rate_the_stay_is_an_exception_until_somebody_enters_one(
        self, programme: Programme
    ) -> None:
        london = factories.PropertyFactory(group=programme.group, currency="GBP", code="LON")
        ada = programme.join()
        programme.stay(ada, property_code="LON", currency="GBP", source="booking_engine")
        programme.calculate()
        assert states() == [("exception", "no_exchange_rate")]
        assert points(ada) == []

        ExchangeRate.objects.create(
            group=programme.group, from_currency="GBP", to_currency="EUR", rate=Decimal("1.2"),
            valid_from=date(2026, 1, 1),
        )  # fmt: skip
        programme.calculate()

        assert points(ada) == [12]
        assert LedgerEntry.objects.get().property_id == london.pk
