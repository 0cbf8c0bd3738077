"""What readers must look at again: bookings whose membership flag or guest changed, nothing else."""

import pytest

from bookings import changes
from bookings.messages import GuestMessage
from bookings.models import Booking, BookingChange, Guest, Property, RatePlan
from tests.bookings.taking_in import record
from tests.factories import PropertyFactory, booking_message

pytestmark = pytest.mark.django_db


@pytest.fixture
def hotel() -> Property:
    """Bookings 1 (Ada, BAR), 2 (Bob, COMP), and 3 (Ada, COMP); all looked at already."""
    hotel = PropertyFactory(code="HOTEL")
    for number, name, plan in (("1", "Ada", "BAR"), ("2", "Bob", "COMP"), ("3", "Ada", "COMP")):
        guest = GuestMessage(name, "Lee", f"{name}@example.com")
        record(booking_message(hotel, number=number, rate_plan=plan, guests=(guest,)))
    BookingChange.objects.all().delete()
    return hotel


def announced() -> list[str]:
    return sorted(BookingChange.objects.values_list("booking__number", flat=True))


def test_bookings_with_a_night_on_the_rate_plan(hotel: Property) -> None:
    plan = RatePlan.objects.create(property=hotel, code="COMP", membership=True)
    assert changes.announce_rate_plan(plan) == 2
    assert announced() == ["2", "3"]


def test_a_rate_plan_of_the_same_code_elsewhere_is_another(hotel: Property) -> None:
    plan = RatePlan.objects.create(property=PropertyFactory(group=hotel.group), code="COMP")
    assert changes.announce_rate_plan(plan) == 0
    assert announced() == []


def test_bookings_of_the_guest(hotel: Property) -> None:
    assert changes.announce_guest(Guest.objects.get(first_name="Ada")) == 2
    assert announced() == ["1", "3"]
    assert set(BookingChange.objects.values_list("group", flat=True)) == {hotel.group_id}


def test_bookings_of_others_with_the_phone_that_the_guest_has_now(hotel: Property) -> None:
    ada, bob = Guest.objects.get(first_name="Ada"), Guest.objects.get(first_name="Bob")
    for guest in (ada, bob):
        guest.phone = "+491701234567"
        guest.save()
    assert changes.announce_guest(ada) == 3


def test_any_bookings(hotel: Property) -> None:
    assert changes.announce(Booking.objects.filter(number="2")) == 1
    assert announced() == ["2"]
