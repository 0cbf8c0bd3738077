"""What becomes of a message: one booking for each number, versions that only go forward, nothing lost."""

from dataclasses import replace
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from bookings.intake import Outcome
from bookings.messages import (
    CardMessage,
    FolioLineMessage,
    GuestMessage,
    NightMessage,
    ProfileMessage,
)
from bookings.models import (
    Booking,
    BookingChange,
    BookingNight,
    BookingReference,
    Guest,
    Property,
    SourceRecord,
)
from tests.bookings.taking_in import at, nights, outcomes, record
from tests.factories import NOON, PropertyFactory, booking_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def hotel() -> Property:
    return PropertyFactory(code="HOTEL")


class TestANewBooking:
    def test_is_kept_as_said_and_announced(self, hotel: Property) -> None:
        message = booking_message(
            hotel,
            checked_in=date(2026, 6, 1),
            checked_out=date(2026, 6, 4),
            rooms=2,
            total=Decimal("260.50"),
            market="LEISURE",
            channel="WEB",
            booked_at=at(1),
        )
        (outcome,) = record(message)
        booking = Booking.objects.get()
        assert outcome == Outcome(("HOTEL", "pms", "1", ""), "new", booking.pk, 1)
        assert (booking.property, booking.source, booking.number, booking.version) == (hotel, "pms", "1", 1)
        assert (booking.status, booking.rooms, booking.market, booking.channel) == (
            "checked_out", 2, "LEISURE", "WEB",
        )  # fmt: skip
        assert (booking.room_revenue, booking.total, booking.currency) == (200, Decimal("260.50"), "EUR")
        assert (booking.booked_at, booking.received_at) == (at(1), NOON)
        assert list(BookingChange.objects.values_list("booking", "group")) == [(booking.pk, hotel.group_id)]

    def test_departs_on_the_actual_day_once_it_is_known(self, hotel: Property) -> None:
        record(
            booking_message(hotel, number="1", checked_out=date(2026, 6, 5)),
            booking_message(hotel, number="2"),
        )
        departures = Booking.objects.order_by("number").values_list("departure_date", "booked_departure_date")
        assert list(departures) == [
            (date(2026, 6, 5), date(2026, 6, 3)),
            (date(2026, 6, 3), date(2026, 6, 3)),
        ]

    def test_its_message_is_kept_whole(self, hotel: Property) -> None:
        message = booking_message(hotel, updated_at=at(9), card="12-3")
        record(message)
        kept = SourceRecord.objects.get()
        assert kept.payload == message.as_json()
        assert kept.payload["guests"] == [{"last_name": "Member", "cards": [{"number": "12-3"}]}]
        assert (kept.updated_at, kept.received_at, kept.received_by, kept.booking_version) == (
            at(9), NOON, "a test", 1,
        )  # fmt: skip

    def test_each_source_numbers_its_own_way(self, hotel: Property) -> None:
        PropertyFactory(code="OTHER", group=hotel.group)
        message = booking_message(hotel)
        record(
            message,
            replace(message, source="booking_engine"),
            replace(message, leg="2"),
            replace(message, property_code="OTHER"),
        )
        assert Booking.objects.count() == BookingReference.objects.count() == 4


class TestNights:
    def test_room_revenue_is_spread_with_the_remainder_on_the_last(self, hotel: Property) -> None:
        record(booking_message(hotel, departure=date(2026, 6, 4), room_revenue=Decimal(100)))
        assert nights(Booking.objects.get()) == [
            ("01.06.", "BAR", 1, Decimal("33.33")),
            ("02.06.", "BAR", 1, Decimal("33.33")),
            ("03.06.", "BAR", 1, Decimal("33.34")),
        ]

    def test_sent_nights_count_and_the_difference_is_shown(self, hotel: Property) -> None:
        sent = (
            NightMessage(date(2026, 6, 1), Decimal(90)),
            NightMessage(date(2026, 6, 2), Decimal(95), "MEMBER"),
        )
        record(booking_message(hotel, nights=sent))
        booking = Booking.objects.get()
        assert nights(booking) == [("01.06.", "BAR", 1, Decimal(90)), ("02.06.", "MEMBER", 1, Decimal(95))]
        assert booking.room_revenue == 200
        assert booking.nights_differ

    def test_three_rooms_for_a_night_are_three_room_nights(self, hotel: Property) -> None:
        record(booking_message(hotel, departure=date(2026, 6, 2), rooms=3))
        assert nights(Booking.objects.get()) == [("01.06.", "BAR", 3, Decimal(200))]

    def test_day_use_counts_no_night_and_carries_plan_and_money(self, hotel: Property) -> None:
        record(booking_message(hotel, departure=date(2026, 6, 1)))
        assert nights(Booking.objects.get()) == [("01.06.", "BAR", 0, Decimal(200))]


class TestParts:
    def test_one_card_for_each_type_the_primary_else_the_first(self, hotel: Property) -> None:
        cards = (
            CardMessage("first", type_code="A"),
            CardMessage("ab 12-3", type_code="A", primary=True, multiplier=Decimal("1.5")),
            CardMessage("b1", type_code="B"),
            CardMessage("b2", type_code="B"),
            CardMessage("", type_code="C"),
        )
        record(booking_message(hotel, guests=(GuestMessage(last_name="No card"), GuestMessage(cards=cards))))
        found = Booking.objects.get().cards.order_by("pk")
        assert [(c.guest_order, c.type_code, c.number, c.number_key, c.multiplier) for c in found] == [
            (2, "A", "ab 12-3", "AB123", Decimal("1.50")),
            (2, "B", "b1", "B1", Decimal(1)),
        ]

    def test_one_profile_for_each_role(self, hotel: Property) -> None:
        profiles = (
            ProfileMessage("company", "Acme"),
            ProfileMessage("company", "Second"),
            ProfileMessage("travel_agent", "Trips", external_id="T1"),
            ProfileMessage("group", ""),
        )
        record(booking_message(hotel, profiles=profiles))
        found = Booking.objects.get().profiles.order_by("pk")
        assert [(row.role, row.guest.kind, row.guest.full_name) for row in found] == [
            ("company", "company", "Acme"),
            ("travel_agent", "travel_agent", "Trips"),
        ]

    def test_folio_lines(self, hotel: Property) -> None:
        line = FolioLineMessage("SPA", Decimal("40.5"), "EUR", date(2026, 6, 2), kind="paid_extra", window=2)
        record(booking_message(hotel, folio_lines=(line,)))
        (row,) = Booking.objects.get().folio_lines.all()
        assert (row.transaction_code, row.amount, row.kind, row.window, row.posting_date) == (
            "SPA", Decimal("40.500"), "paid_extra", 2, date(2026, 6, 2),
        )  # fmt: skip


class TestVersions:
    def test_a_newer_message_is_a_new_version_and_the_old_one_can_be_read(self, hotel: Property) -> None:
        first = booking_message(hotel, updated_at=at(9))
        assert outcomes(first) == [("new", 1)]
        assert outcomes(replace(first, updated_at=at(10), room_revenue=Decimal(300))) == [("changed", 2)]
        amounts = BookingNight.objects.order_by("version", "date").values_list("version", "amount")
        assert list(amounts) == [(1, 100), (1, 100), (2, 150), (2, 150)]
        assert Booking.objects.get().room_revenue == 300
        assert BookingChange.objects.count() == 2

    def test_the_same_message_twice_changes_nothing(self, hotel: Property) -> None:
        message = booking_message(hotel, updated_at=at(9))
        record(message)
        assert outcomes(message) == [("unchanged", 1)]
        assert outcomes(replace(message, updated_at=None)) == [("unchanged", 1)]
        assert SourceRecord.objects.count() == BookingChange.objects.count() == 1

    def test_the_same_content_at_a_later_time_is_kept_and_changes_nothing(self, hotel: Property) -> None:
        message = booking_message(hotel, updated_at=at(9))
        record(message)
        assert outcomes(replace(message, updated_at=at(11))) == [("unchanged", 1)]
        assert outcomes(replace(message, updated_at=at(10), rooms=2)) == [("older", 1)]
        assert BookingReference.objects.get().updated_at == at(11)
        kept = SourceRecord.objects.order_by("updated_at").values_list("booking_version", flat=True)
        assert list(kept) == [1, None, 1]
        assert BookingChange.objects.count() == 1

    def test_an_older_message_is_kept_once_and_changes_nothing(self, hotel: Property) -> None:
        record(booking_message(hotel, updated_at=at(9)))
        older = booking_message(hotel, updated_at=at(8), rooms=2)
        assert outcomes(older, older) == [("older", 1), ("older", 1)]
        assert outcomes(older) == [("older", 1)]
        assert SourceRecord.objects.get(updated_at=at(8)).booking_version is None
        assert Booking.objects.get().rooms == 1
        assert Guest.objects.count() == 0

    def test_without_a_time_the_last_to_arrive_stands(self, hotel: Property) -> None:
        one, two = booking_message(hotel), booking_message(hotel, rooms=2)
        assert outcomes(one) + outcomes(two) + outcomes(one) == [("new", 1), ("changed", 2), ("changed", 3)]
        assert Booking.objects.get().rooms == 1

    def test_a_message_told_again_after_one_without_a_time_stays_old(self, hotel: Property) -> None:
        first = booking_message(hotel, updated_at=at(9))
        record(first)
        record(booking_message(hotel, rooms=3))
        assert outcomes(first) == [("older", 2)]
        assert (Booking.objects.get().rooms, SourceRecord.objects.count()) == (3, 2)

    def test_several_messages_of_a_batch_make_one_version(self, hotel: Property) -> None:
        first = booking_message(hotel, updated_at=at(9))
        third, second = replace(first, updated_at=at(11), rooms=3), replace(first, updated_at=at(10), rooms=2)
        assert outcomes(first, third, second) == [("new", 1), ("changed", 1), ("older", 1)]
        kept = SourceRecord.objects.order_by("updated_at").values_list("booking_version", flat=True)
        assert list(kept) == [None, None, 1]
        assert Booking.objects.get().rooms == 3
        assert BookingChange.objects.count() == 1

    def test_a_change_that_is_taken_back_in_the_same_batch_makes_no_version(self, hotel: Property) -> None:
        message = booking_message(hotel, updated_at=at(9))
        record(message)
        outcomes(replace(message, updated_at=at(10), rooms=2), replace(message, updated_at=at(11)))
        assert (Booking.objects.get().version, SourceRecord.objects.count()) == (1, 3)

    @settings(max_examples=25, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
    @given(order=st.permutations(range(6)), cuts=st.lists(st.integers(1, 3), min_size=6))
    def test_any_order_of_versions_ends_where_the_last_alone_would(
        self, hotel: Property, order: list[int], cuts: list[int]
    ) -> None:
        """Six versions, two of the same minute, in any order and cut into batches in any way."""
        versions = [
            booking_message(hotel, rooms=rooms, updated_at=at(hour), card=f"card {rooms}")
            for rooms, hour in ((1, 8), (2, 9), (2, 10), (3, 10), (1, 11), (4, 12))
        ]
        waiting = [versions[index] for index in order]
        with transaction.atomic():
            for cut in cuts:
                record(*waiting[:cut])
                waiting = waiting[cut:]
            record(*waiting, versions[0])
            arrived = _state()
            transaction.set_rollback(True)
        with transaction.atomic():
            record(versions[5])
            assert _state() == arrived
            transaction.set_rollback(True)


def _state() -> tuple[Any, ...]:
    booking = Booking.objects.get()
    cards = booking.cards.filter(version=booking.version).values_list("number", flat=True)
    reference = booking.references.get()
    return booking.content_hash, booking.rooms, nights(booking), list(cards), reference.updated_at
