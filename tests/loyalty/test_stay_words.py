"""What the screens say about a stay, and what to do next."""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.utils import timezone

from bookings.models import Booking
from loyalty import stays
from loyalty.models import PointsLot, Stay
from tests import factories
from tests.extranet import House, address, browser, house, text_of, worker

pytestmark = pytest.mark.django_db


@pytest.fixture
def place(monkeypatch: pytest.MonkeyPatch) -> House:
    monkeypatch.setattr(timezone, "now", lambda: factories.NOON)
    return house(points_label="Miles")


def page_of(row: Any, place: House) -> str:
    return text_of(browser(worker("Programme manager", at=place)).get(address(row, "change")))


def swept(place: House) -> Stay:
    stays.sweep(group=place.group, at=factories.NOON)
    return Stay.objects.get()


def test_a_stay_that_gave_points(place: House) -> None:
    place.stay(place.join(first_name="Ada", last_name="Byron"), "R1")
    place.calculate()
    stay, lot = Stay.objects.get(), PointsLot.objects.get()
    assert str(stay) == "R1 · seat 1"
    assert str(lot) == f"15 of 15 points · {lot.account.membership.card_number}"
    assert "<dd>Calculated</dd>" in page_of(stay, place)


def test_checked_out_and_due_later(place: House) -> None:
    place.stay(place.join(), "R1")
    stay = swept(place)
    Stay.objects.update(due_on=date(2026, 11, 22))
    for row in (stay, stay.booking, stay.membership):
        assert "Checked out, due on Nov. 22, 2026" in page_of(row, place)


def test_nothing_earned(place: House) -> None:
    place.stay(place.join(), "R1")
    type(place.rule).objects.update(valid_from=date(2026, 6, 20))
    place.calculate()
    said = page_of(Stay.objects.get(), place)
    assert "Calculated, nothing earned: No earning rule on the departure date" in said
    assert "Enter an earning rule for such days" in said


def test_left_out_says_what_would_be_until_the_guest_has_left(place: House) -> None:
    place.stay(place.join(), "R1")
    stay = swept(place)
    Stay.objects.update(state="left_out", reason="no_card")
    assert "Left out: No card on the booking" in page_of(stay, place)
    Booking.objects.update(status="reserved")
    assert "Would earn nothing: No card on the booking" in page_of(stay, place)


def test_a_missing_rate_is_named(place: House) -> None:
    place.stay(place.join(), "R1", currency="USD", room_revenue=Decimal(300))
    place.calculate()
    said = page_of(Stay.objects.get(), place)
    assert "Enter the exchange rate USD → EUR that applies on June 7, 2026" in said
