"""A batch is all or nothing, a fixed number of statements, safe beside others; bad messages stay out."""

from datetime import date
from decimal import Decimal
from threading import Barrier, Thread

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext

from bookings.intake import Outcome, record_bookings
from bookings.messages import (
    BookingMessage,
    CardMessage,
    FolioLineMessage,
    GuestMessage,
    ProfileMessage,
)
from bookings.models import (
    Booking,
    BookingReference,
    Guest,
    Property,
    SourceRecord,
)
from tests.bookings.taking_in import at, record
from tests.factories import NOON, PropertyFactory, booking_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def hotel() -> Property:
    return PropertyFactory(code="HOTEL")


class TestRefusing:
    def test_impossible_messages_are_refused_and_the_others_go_in(self, hotel: Property) -> None:
        bad = booking_message(hotel, number="bad", departure=date(2026, 5, 30))
        refused, taken = record(bad, booking_message(hotel))
        assert (refused.outcome, refused.booking_id, taken.outcome) == ("refused", None, "new")
        assert [str(problem) for problem in refused.problems] == [
            "departure: 2026-05-30 is before the arrival 2026-06-01"
        ]
        assert Booking.objects.count() == 1

    def test_a_property_that_the_caller_may_not_write_to(self, hotel: Property) -> None:
        other = PropertyFactory(code="OTHER")
        messages = [booking_message(other)]
        (refused,) = record_bookings(messages=messages, properties={"HOTEL": hotel}, by="a test", at=NOON)
        assert [str(problem) for problem in refused.problems] == [
            "property: 'OTHER' is not a property here; accepted: HOTEL"
        ]
        assert Booking.objects.count() == 0

    def test_nothing_at_all(self, hotel: Property) -> None:
        assert record() == []

    def test_a_failure_leaves_nothing_behind(self, hotel: Property, monkeypatch: pytest.MonkeyPatch) -> None:
        def fail(*_args: object, **_kwargs: object) -> None:
            raise IntegrityError("in the middle")

        monkeypatch.setattr("bookings.intake.save_standing", fail)
        with pytest.raises(IntegrityError):
            record(booking_message(hotel, card="1"))
        assert BookingReference.objects.count() == Booking.objects.count() == Guest.objects.count() == 0


class TestHowManyStatements:
    def test_as_many_for_sixty_messages_as_for_three(self, hotel: Property) -> None:
        new = [self._statements(self._messages(hotel, count, rooms=1)) for count in (3, 60)]
        changed = [self._statements(self._messages(hotel, count, rooms=2)) for count in (3, 60)]
        repeated = [self._statements(self._messages(hotel, count, rooms=2)) for count in (3, 60)]
        assert (new, changed, repeated) == ([20, 20], [17, 17], [6, 6])

    def _messages(self, hotel: Property, count: int, *, rooms: int) -> list[BookingMessage]:
        """Of every kind of row one, all different from those of another count."""
        return [
            booking_message(
                hotel,
                number=name,
                rooms=rooms,
                updated_at=at(8 + rooms),
                guests=(
                    GuestMessage(
                        "Ada", name, f"{name}@example.com", external_id=name, cards=(CardMessage("1"),)
                    ),
                ),
                profiles=(ProfileMessage("company", f"Acme {count}"),),
                folio_lines=(FolioLineMessage("SPA", Decimal(10), "EUR", date(2026, 6, 2)),),
            )
            for name in (f"{count}x{number}" for number in range(count))
        ]

    def _statements(self, messages: list[BookingMessage]) -> int:
        with CaptureQueriesContext(connection) as captured:
            record(*messages)
        return len(captured)


class TestTwoAtOnce:
    @pytest.mark.django_db(transaction=True)
    def test_the_same_new_message_from_four_makes_one_booking_and_one_guest(self) -> None:
        hotel = PropertyFactory(code="HOTEL")
        guest = GuestMessage("Ada", "Lee", "ada@example.com", external_id="77")
        messages = [
            booking_message(hotel, number=str(number), updated_at=at(9), guests=(guest,))
            for number in range(20)
        ]
        found = _all_at_once([messages] * 4)
        assert (
            sorted(outcome.outcome for run in found for outcome in run) == ["new"] * 20 + ["unchanged"] * 60
        )
        assert Booking.objects.count() == SourceRecord.objects.count() == 20
        assert Guest.objects.count() == 1

    @pytest.mark.django_db(transaction=True)
    def test_the_same_new_guest_with_four_bookings_is_one_guest(self) -> None:
        hotel = PropertyFactory(code="HOTEL")
        for name in ("Ada", "Bea", "Cid"):
            guest = GuestMessage(name, "Lee", f"{name}@example.com")
            bookings = [booking_message(hotel, number=f"{name} {n}", guests=(guest,)) for n in range(4)]
            _all_at_once([[booking] for booking in bookings])
        assert sorted(Guest.objects.values_list("first_name", flat=True)) == ["Ada", "Bea", "Cid"]

    def test_new_numbers_are_taken_in_sorted_order(self, hotel: Property) -> None:
        """Two batches that each hold what the other waits for would dead-lock."""
        with CaptureQueriesContext(connection) as captured:
            record(*(booking_message(hotel, number=number) for number in "bdac"))
        (insert,) = (
            query["sql"] for query in captured if "INSERT INTO bookings_bookingreference" in query["sql"]
        )
        assert "'{a,b,c,d}'" in insert

    @pytest.mark.django_db(transaction=True)
    def test_batches_in_opposite_order_do_not_dead_lock(self) -> None:
        hotel = PropertyFactory(code="HOTEL")
        for rooms in range(1, 5):
            messages = [
                booking_message(
                    hotel,
                    number=str(number),
                    rooms=rooms,
                    updated_at=at(8 + rooms),
                    guests=(GuestMessage("Ada", f"Lee {number}", f"{number}@example.com"),),
                )
                for number in range(50)
            ]
            _all_at_once([messages, messages[::-1], messages[::2] + messages[1::2]])
        assert set(Booking.objects.values_list("rooms", "version")) == {(4, 4)}
        assert (Guest.objects.count(), Booking.objects.count()) == (50, 50)


def _all_at_once(batches: list[list[BookingMessage]]) -> list[list[Outcome]]:
    """Each batch from a thread and connection of its own; a failure of any is a failure here."""
    barrier = Barrier(len(batches))
    found: list[list[Outcome]] = []

    def run(batch: list[BookingMessage]) -> None:
        try:
            barrier.wait(10)
            found.append(record(*batch))
        finally:
            connection.close()

    threads = [Thread(target=run, args=(batch,)) for batch in batches]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    assert len(found) == len(batches)
    return found
