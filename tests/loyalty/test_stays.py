"""The sweep: Stay rows follow their bookings until they are calculated."""

from datetime import UTC, date, datetime

import pytest

from bookings import changes
from bookings.models import Booking, BookingChange, RatePlan
from loyalty import enrolment, stays
from loyalty.models import Stay
from tests import factories
from tests.loyalty.conftest import Programme


def sweep(programme: Programme, at: datetime = factories.NOON) -> int:
    return stays.sweep(group=programme.group, at=at)


def stay() -> tuple[str, str]:
    row = Stay.objects.get()
    return row.state, row.reason


def test_takes_up_each_change_once(programme: Programme) -> None:
    programme.stay(programme.join())

    assert sweep(programme) == 1
    assert sweep(programme) == 0
    assert not BookingChange.objects.exists()
    assert stay() == ("due", "")


def test_another_groups_bookings_are_left_to_its_own_sweep(programme: Programme) -> None:
    programme.stay(programme.join())

    assert stays.sweep(group=factories.GroupFactory(), at=factories.NOON) == 0
    assert BookingChange.objects.count() == 1


@pytest.mark.parametrize(
    ("first", "then", "expected"),
    [
        ("reserved", "in_house", ("waiting", "")),
        ("in_house", "checked_out", ("due", "")),
        ("checked_out", "in_house", ("waiting", "")),  # check-out reversed
        ("reserved", "cancelled", ("left_out", "cancelled")),
        ("cancelled", "reserved", ("waiting", "")),  # cancellation rolled back
        ("reserved", "no_show", ("left_out", "no_show")),
    ],
)
def test_follows_the_booking(programme: Programme, first: str, then: str, expected: tuple[str, str]) -> None:
    ada = programme.join()
    programme.stay(ada, status=first)
    sweep(programme)

    programme.stay(ada, status=then)
    sweep(programme)

    assert stay() == expected


def test_another_card_on_the_booking_is_another_holder(programme: Programme) -> None:
    ada, bob = programme.join(), programme.join()
    programme.stay(ada)
    sweep(programme)

    programme.stay(bob)
    sweep(programme)

    assert Stay.objects.get().membership == bob


def test_the_delay_of_the_type_moves_the_day_on_which_stays_are_due(programme: Programme) -> None:
    programme.stay(programme.join())
    sweep(programme)
    assert Stay.objects.get().due_on == date(2026, 6, 8)

    programme.type.calculation.delay_days = 0
    programme.type.calculation.save()
    assert stays.reconsider(membership_type=programme.type) == 1
    sweep(programme)

    assert Stay.objects.get().due_on == date(2026, 6, 3)


def test_a_rate_plan_that_gets_the_membership_flag(programme: Programme) -> None:
    programme.stay(programme.join(), rate_plan="COMP")
    sweep(programme)
    assert stay() == ("left_out", "no_membership_rate")

    plan = RatePlan.objects.get(code="COMP")
    plan.membership = True
    plan.save()
    changes.announce_rate_plan(plan)
    sweep(programme)

    assert stay() == ("due", "")


def test_every_type_in_use_has_its_own_row(programme: Programme) -> None:
    values = {"group": programme.group, "membership_class": programme.type.membership_class}
    factories.MembershipTypeFactory(code="SECOND", **values)
    factories.MembershipTypeFactory(code="DRAFT", state="draft", **values)
    factories.MembershipTypeFactory(code="GONE", inactive=True, **values)
    programme.stay(programme.join())

    sweep(programme)

    assert sorted(Stay.objects.values_list("membership_type__code", "state")) == [
        ("SECOND", "left_out"),
        ("STAY", "due"),
    ]


def test_a_calculated_stay_stays_as_it_was(programme: Programme) -> None:
    ada, bob = programme.join(), programme.join()
    programme.stay(ada)
    programme.calculate()
    enrolment.block(membership=ada, reason="Lost", by=None)

    stays.reconsider(membership_type=programme.type)
    sweep(programme)

    assert stay() == ("calculated", "")
    assert Stay.objects.get().membership == ada
    assert bob.pk != ada.pk


def test_a_booking_found_to_be_another_one(programme: Programme) -> None:
    ada = programme.join()
    programme.stay(ada, number="1")
    programme.stay(ada, number="2")
    other = Booking.objects.get(number="2")
    Booking.objects.filter(number="1").update(merged_into=other)
    changes.announce(Booking.objects.filter(number="1"))

    sweep(programme)

    assert Stay.objects.get(booking__number="1").reason == "merged"
    assert Stay.objects.get(booking__number="2").state == "due"


def test_departed_bookings_are_found_without_a_message(programme: Programme) -> None:
    programme.stay(programme.join(), source="manual", status="reserved", arrival=date(2026, 6, 29))
    sweep(programme)
    assert stay() == ("waiting", "")

    assert sweep(programme, at=datetime(2026, 7, 1, 21, 59, tzinfo=UTC)) == 0  # still 1 July in Berlin
    assert sweep(programme, at=datetime(2026, 7, 1, 22, 1, tzinfo=UTC)) == 1
    assert stay() == ("due", "")
