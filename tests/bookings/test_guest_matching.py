"""The guest is found by the source's id, else full name and e-mail, else full name and phone, else made."""

from datetime import UTC, date, datetime

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from bookings.intake import record_bookings
from bookings.messages import CardMessage, GuestMessage, ProfileMessage
from bookings.models import Booking, BookingChange, Guest, GuestExternalId, Property
from bookings.people import e164, readable_email
from tests.factories import NOON, GuestFactory, PropertyFactory, booking_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def hotel() -> Property:
    return PropertyFactory(code="HOTEL")


def stay(
    hotel: Property, *guests: GuestMessage, number: str = "1", hour: int = 9, **values: object
) -> Booking:
    """One message with these guests, taken in."""
    message = booking_message(
        hotel, number=number, guests=guests, updated_at=datetime(2026, 6, 4, hour, tzinfo=UTC), **values
    )
    properties = {each.code: each for each in Property.objects.all()}
    (outcome,) = record_bookings(messages=[message], properties=properties, by="a test", at=NOON)
    return Booking.objects.get(pk=outcome.booking_id)


def guests_of(booking: Booking) -> list[Guest]:
    rows = booking.guests.filter(version=booking.version).order_by("order")
    return [row.guest for row in rows.select_related("guest")]


class TestFinding:
    @pytest.mark.parametrize(
        ("again", "same"),
        [
            pytest.param(
                GuestMessage("Someone", "Else", external_id="77"),
                True,
                id="the source's id, whatever the name",
            ),
            pytest.param(
                GuestMessage("ADA", "lee", "Ada@Example.com"), True, id="full name and e-mail, any capitals"
            ),
            pytest.param(
                GuestMessage("Ada", "Lee", "", "0151 2345678"),
                True,
                id="full name and phone, as dialled here",
            ),
            pytest.param(
                GuestMessage("Ada", "Lee", "new@example.com", "+49 151 2345678"),
                True,
                id="phone where the e-mail is another",
            ),
            pytest.param(GuestMessage("Ada", "Lee"), False, id="the name alone"),
            pytest.param(
                GuestMessage("Bea", "Lee", "ada@example.com"), False, id="another name at the same e-mail"
            ),
            pytest.param(GuestMessage("", "", "ada@example.com"), False, id="no name"),
            pytest.param(GuestMessage("Ada", "Lee", external_id="78"), False, id="another id"),
        ],
    )
    def test_is_it_ada(self, hotel: Property, again: GuestMessage, same: bool) -> None:
        (ada,) = guests_of(stay(hotel, GuestMessage("Ada", "Lee", "ada@example.com", "+491512345678", "77")))
        (found,) = guests_of(stay(hotel, again, number="2"))
        assert (found == ada) is same
        assert Guest.objects.count() == (1 if same else 2)

    def test_an_id_counts_only_at_its_source(self, hotel: Property) -> None:
        stay(hotel, GuestMessage("Ada", "Lee", external_id="77"))
        stay(hotel, GuestMessage("Bob", "Ray", external_id="77"), source="booking_engine")
        assert sorted(GuestExternalId.objects.values_list("source", "external_id", "guest__first_name")) == [
            ("booking_engine", "77", "Bob"),
            ("pms", "77", "Ada"),
        ]

    def test_an_id_that_comes_later_is_kept_with_the_guest(self, hotel: Property) -> None:
        stay(hotel, GuestMessage("Ada", "Lee", "ada@example.com"))
        stay(hotel, GuestMessage("Ada", "Lee", "ada@example.com", external_id="77"), number="2")
        (found,) = guests_of(stay(hotel, GuestMessage(external_id="77"), number="3"))
        assert (found.full_name, Guest.objects.count()) == ("Ada Lee", 1)

    def test_the_oldest_of_several(self, hotel: Property) -> None:
        first, _second = (
            GuestFactory(group=hotel.group, last_name="Lee", email="a@example.com") for _ in range(2)
        )
        assert guests_of(stay(hotel, GuestMessage("Ada", "Lee", "a@example.com"))) == [first]

    def test_another_group_has_guests_of_its_own(self, hotel: Property) -> None:
        ada = GuestMessage("Ada", "Lee", "ada@example.com", external_id="77")
        stay(hotel, ada)
        stay(PropertyFactory(code="ELSEWHERE"), ada)
        assert Guest.objects.values("group").distinct().count() == Guest.objects.count() == 2

    def test_the_same_new_person_twice_in_a_batch_is_made_once(self, hotel: Property) -> None:
        ways = [
            GuestMessage("Ada", "Lee", "ada@example.com"),
            GuestMessage("ada", "LEE", "ADA@example.com", "+491512345678"),
            GuestMessage("Ada", "Lee", "", "0151 2345678", "77"),
            GuestMessage("A.", "Lee", external_id="77"),
        ]
        messages = [booking_message(hotel, number=str(n), guests=(way,)) for n, way in enumerate(ways)]
        record_bookings(messages=messages, properties={"HOTEL": hotel}, by="a test", at=NOON)
        ada = Guest.objects.get()
        assert (ada.full_name, ada.email, ada.phone) == ("Ada Lee", "ada@example.com", "+491512345678")
        assert ada.bookings.count() == 4


class TestFilling:
    def test_what_is_empty_is_filled_and_nothing_is_overwritten(self, hotel: Property) -> None:
        ada = GuestFactory(
            group=hotel.group, first_name="Ada", last_name="Lee", email="ada@example.com", language="de"
        )
        came = GuestMessage(
            "ADA", "LEE", "ADA@example.com", "0151 2345678", birth_date=date(1990, 2, 3), language="en"
        )
        stay(hotel, came)
        ada.refresh_from_db()
        assert (ada.full_name, ada.email, ada.phone, ada.birth_date, ada.language) == (
            "Ada Lee", "ada@example.com", "+491512345678", date(1990, 2, 3), "de",
        )  # fmt: skip

    def test_a_new_phone_makes_the_guests_other_bookings_be_looked_at_again(self, hotel: Property) -> None:
        before = stay(hotel, GuestMessage("Ada", "Lee", "ada@example.com"))
        BookingChange.objects.all().delete()
        after = stay(hotel, GuestMessage("Ada", "Lee", "ada@example.com", "0151 2345678"), number="2")
        assert set(BookingChange.objects.values_list("booking", flat=True)) == {before.pk, after.pk}

    def test_what_cannot_be_read_stays_in_the_message_alone(self, hotel: Property) -> None:
        booking = stay(hotel, GuestMessage("Ada", "Lee", "at the desk", "call me", language="x" * 30))
        (ada,) = guests_of(booking)
        assert (ada.email, ada.phone, ada.language) == ("", "", "")
        assert booking.references.get().records.get().payload["guests"][0]["phone"] == "call me"


class TestTheSamePlaceOfTheSameBooking:
    """A guest who cannot be found is not made anew with every version."""

    @pytest.mark.parametrize(
        ("first", "then", "same"),
        [
            pytest.param(
                GuestMessage(cards=(CardMessage("1"),)),
                GuestMessage(cards=(CardMessage("2"),)),
                True,
                id="only a card",
            ),
            pytest.param(
                GuestMessage("Ada", "Lee"),
                GuestMessage("ADA", "Lee", "ada@example.com"),
                True,
                id="the name, then an e-mail",
            ),
            pytest.param(GuestMessage(), GuestMessage("Ada", "Lee"), True, id="nobody, then a name"),
            pytest.param(GuestMessage("Ada", "Lee"), GuestMessage("Bob", "Ray"), False, id="another name"),
            pytest.param(
                GuestMessage("Ada", "Lee", "a@x.com"),
                GuestMessage("Ada", "Lee", "b@x.com"),
                False,
                id="another e-mail",
            ),
            pytest.param(
                GuestMessage("Ada", "Lee", external_id="1"),
                GuestMessage("Ada", "Lee", external_id="2"),
                False,
                id="another id",
            ),
            pytest.param(GuestMessage("Ada", "Lee"), GuestMessage(), False, id="a name, then nobody"),
        ],
    )
    def test_is_the_guest_kept(
        self, hotel: Property, first: GuestMessage, then: GuestMessage, same: bool
    ) -> None:
        before = guests_of(stay(hotel, first))
        booking = stay(hotel, then, hour=10, rooms=2)
        assert booking.version == 2
        assert (guests_of(booking) == before) is same

    def test_two_cards_without_names_are_two_guests_for_each_booking(self, hotel: Property) -> None:
        for number in ("1", "2"):
            stay(
                hotel,
                GuestMessage(cards=(CardMessage("1"),)),
                GuestMessage(cards=(CardMessage("2"),)),
                number=number,
            )
        assert Guest.objects.count() == 4


class TestCompanies:
    def test_found_by_the_sources_id_else_by_kind_and_name(self, hotel: Property) -> None:
        GuestFactory(
            group=hotel.group, first_name="", last_name="Acme"
        )  # a person of that name is not the company
        profiles = [
            ProfileMessage("company", "Acme", external_id="C1"),
            ProfileMessage("company", "Acme Ltd", external_id="C1"),
            ProfileMessage("company", "ACME"),
            ProfileMessage("travel_agent", "Acme"),
        ]
        for number, profile in enumerate(profiles):
            stay(hotel, number=str(number), profiles=(profile,))
        rows = Guest.objects.exclude(kind="individual").order_by("pk").values_list("kind", "last_name")
        assert list(rows) == [("company", "Acme"), ("travel_agent", "Acme")]


class TestReading:
    @pytest.mark.parametrize(
        ("raw", "country", "kept"),
        [
            ("0151 2345678", "DE", "+491512345678"),
            ("+44 20 7946 0958", "DE", "+442079460958"),
            ("00442079460958", "DE", "+442079460958"),
            ("(0)30 / 123 456-7", "DE", "+49301234567"),
            ("02079460958", "GB", "+442079460958"),
            ("123", "DE", ""),
            ("n/a", "DE", ""),
            ("9" * 40, "DE", ""),
        ],
    )
    def test_phones(self, raw: str, country: str, kept: str) -> None:
        assert e164(raw, country) == kept

    @pytest.mark.parametrize(
        ("raw", "kept"), [("a@b.example", "a@b.example"), ("a@b", ""), ("a b@c.example", ""), ("-", "")]
    )
    def test_emails(self, raw: str, kept: str) -> None:
        assert readable_email(raw) == kept


def test_known_guests_need_no_lock(hotel: Property) -> None:
    stay(hotel, GuestMessage("Ada", "Lee", "ada@example.com"))
    with CaptureQueriesContext(connection) as captured:
        stay(hotel, GuestMessage("Ada", "Lee", "ada@example.com"), number="2")
    assert not [query for query in captured if "advisory" in query["sql"]]
