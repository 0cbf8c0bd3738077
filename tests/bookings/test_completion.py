"""Is the stay completed, and which nights were stayed: the tables of ``completion``, line by line."""

from datetime import date
from decimal import Decimal

import pytest

from bookings.completion import Completion, Night, completion, stayed_nights

DEPARTURE = date(2026, 6, 4)


@pytest.mark.parametrize("pms_reports", [True, False])
@pytest.mark.parametrize(
    ("status", "is_it"),
    [
        ("checked_out", Completion.COMPLETED),
        ("cancelled", Completion.NEVER),
        ("no_show", Completion.NEVER),
    ],
)
def test_whoever_reports_and_whatever_the_day(status: str, is_it: Completion, pms_reports: bool) -> None:
    for today in (date(2026, 6, 1), date(2027, 1, 1)):
        found = completion(status=status, pms_reports=pms_reports, departure=DEPARTURE, today=today)
        assert found is is_it


@pytest.mark.parametrize("status", ["reserved", "in_house"])
@pytest.mark.parametrize(
    ("pms_reports", "today", "is_it"),
    [
        (True, date(2026, 6, 5), Completion.NOT_YET),
        (False, date(2026, 6, 3), Completion.NOT_YET),
        (False, date(2026, 6, 4), Completion.NOT_YET),
        (False, date(2026, 6, 5), Completion.COMPLETED),
    ],
)
def test_a_booking_that_no_pms_reports_on_is_completed_when_its_departure_has_passed(
    status: str, pms_reports: bool, today: date, is_it: Completion
) -> None:
    assert completion(status=status, pms_reports=pms_reports, departure=DEPARTURE, today=today) is is_it


class TestStayedNights:
    BOOKED = tuple(Night(date(2026, 6, day), "BAR", 1, Decimal(100)) for day in (1, 2, 3))

    @pytest.mark.parametrize(
        ("departure", "days"),
        [
            pytest.param(4, [1, 2, 3], id="as booked"),
            pytest.param(3, [1, 2], id="left a day early"),
            pytest.param(6, [1, 2, 3], id="stayed longer than the nights that were sent"),
            pytest.param(1, [1], id="left on the day of arrival"),
        ],
    )
    def test_nights_before_the_actual_departure(self, departure: int, days: list[int]) -> None:
        stayed = stayed_nights(self.BOOKED, arrival=date(2026, 6, 1), departure=date(2026, 6, departure))
        assert [night.date.day for night in stayed] == days

    def test_day_use(self) -> None:
        day_use = Night(date(2026, 6, 1), "DAY", 0, Decimal(60))
        assert stayed_nights([day_use], arrival=date(2026, 6, 1), departure=date(2026, 6, 1)) == [day_use]

    def test_who_leaves_on_the_day_of_arrival_has_a_day_use_booked_as_such_or_not(self) -> None:
        stayed = stayed_nights(self.BOOKED, arrival=date(2026, 6, 1), departure=date(2026, 6, 1))
        assert [(night.date.day, night.room_nights) for night in stayed] == [(1, 0)]
