"""A file of bookings comes in: in batches, a booking all or nothing, as often as you like."""

import csv
from collections import Counter
from decimal import Decimal
from pathlib import Path

import pytest
from django.db.models import F, Sum

from bookings.models import Booking, BookingNight, FolioLine, Guest, Property, SourceRecord
from tests.bookings import resort_hotel
from tests.bookings.import_run import GOOD, HEADER, Run, write
from tests.factories import PropertyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hotel() -> Property:
    return PropertyFactory(code="HOTEL", time_zone="Europe/Berlin")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bookings.csv"


class TestAGoodFile:
    def test_every_documented_column(self, hotel: Property, file: Path) -> None:
        write(
            file,
            "1,checked_out,2026-06-01,2026-06-04,2,DBL,BAR,LEISURE,WEB,EUR,100.00,40.50,,"
            "Ada,Lee,ada@example.com,0151 2345678,AB 12-3,2026-05-01T10:00,2026-06-04T12:30:00Z",
            header="number,status,arrival,departure,rooms,room_type,rate_plan,market,channel,currency,room_revenue,"
            "extras_revenue,total,guest_first_name,guest_last_name,email,phone,card_number,booked_at,updated_at",
        )
        run = Run(file)
        assert (run.status, run.told) == (0, [])
        assert run.summary == "1 rows bookings: 1 new, 0 changed, 0 unchanged, 0 older, 0 refused"
        booking = Booking.objects.get()
        assert (booking.rooms, booking.room_type, booking.market, booking.channel) == (
            2,
            "DBL",
            "LEISURE",
            "WEB",
        )
        assert (booking.room_revenue, booking.total) == (Decimal(100), Decimal("140.50"))
        assert f"{booking.booked_at:%H:%M}" == "08:00"  # ten o'clock in Berlin
        nights = booking.nights.order_by("date").values_list("rate_plan_code", "room_nights", "amount")
        assert list(nights) == [
            ("BAR", 2, Decimal("33.33")),
            ("BAR", 2, Decimal("33.33")),
            ("BAR", 2, Decimal("33.34")),
        ]
        line = booking.folio_lines.get()
        assert (line.transaction_code, line.kind, line.amount) == ("EXTRAS", "paid_extra", Decimal("40.50"))
        assert line.posting_date == booking.departure_date
        assert booking.cards.get().number_key == "AB123"
        assert Guest.objects.get().phone == "+491512345678"
        assert SourceRecord.objects.get().received_by == "import_bookings bookings.csv"

    @pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig"])
    def test_with_and_without_bom(self, hotel: Property, file: Path, encoding: str) -> None:
        write(file, f"{GOOD},Zoë", header=f"{HEADER},guest_first_name", encoding=encoding)
        assert Run(file).status == 0
        assert Guest.objects.get().first_name == "Zoë"

    def test_windows_line_ends_quotes_and_empty_lines(self, hotel: Property, file: Path) -> None:
        file.write_bytes(
            b'number,status,arrival,departure,currency\r\n"1,""x""",checked_out,2026-06-01,2026-06-03,EUR\r\n\r\n'
        )
        assert Run(file).status == 0
        assert Booking.objects.get().number == '1,"x"'

    def test_a_second_time_changes_nothing(self, hotel: Property, file: Path) -> None:
        write(file, GOOD)
        Run(file)
        assert "0 new, 0 changed, 1 unchanged" in Run(file).summary
        assert SourceRecord.objects.count() == 1


class TestSeveralRowsOfABooking:
    HEADER = f"{HEADER},room_revenue,guest_order,guest_last_name"

    def test_each_brings_a_guest(self, hotel: Property, file: Path) -> None:
        write(
            file,
            f"{GOOD},100.0,2,Second",
            f"{GOOD},100.00,1,First",
            f"{GOOD},100,3,Third",
            header=self.HEADER,
        )
        run = Run(file)
        assert run.summary.startswith("3 rows bookings: 1 new")
        guests = Booking.objects.get().guests.order_by("order").values_list("order", "guest__last_name")
        assert list(guests) == [(1, "First"), (2, "Second"), (3, "Third")]

    def test_the_same_number_further_down_is_another_version(self, hotel: Property, file: Path) -> None:
        other = "2,checked_out,2026-06-01,2026-06-03,EUR"
        write(file, f"{GOOD},100,,Ada", f"{other},100,,Bob", f"{GOOD},150,,Ada", header=self.HEADER)
        assert "2 new, 1 changed" in Run(file).summary
        assert Booking.objects.get(number="1").room_revenue == 150

    @pytest.mark.parametrize(
        ("second", "told"),
        [
            (
                "1,checked_out,2026-06-01,2026-06-04,EUR,100,,Bob",
                "departure: '2026-06-04' differs from '2026-06-03' in line 2, the same booking",
            ),
            (
                "1,checked_out,2026-06-01,2026-06-03,EUR,100.01,,Bob",
                "room_revenue: '100.01' differs from '100' in line 2, the same booking",
            ),
            (
                "1,checked_out,2026-06-01,2026-06-03,EUR,cheap,,Bob",
                "room_revenue: 'cheap' is not an amount; write digits with a point, such as 1234.50",
            ),
            (
                '1,checked_out,2026-06-01,2026-06-03,EUR,100,,"Bob',
                "row: has broken quotes, or a line break inside a field",
            ),
        ],
    )
    def test_one_bad_row_refuses_the_whole_booking(
        self, hotel: Property, file: Path, second: str, told: str
    ) -> None:
        other = "2,checked_out,2026-06-01,2026-06-03,EUR,100,,Eve"
        write(file, f"{GOOD},100,,Ada", second, other, header=self.HEADER)
        run = Run(file)
        assert run.told == [f"line 3, {told} (booking 1, 2 rows from line 2 on, is refused whole)"]
        assert (run.status, run.error) == (1, "1 of 3 rows are bad; the other bookings were imported.")
        assert run.summary.endswith("1 new, 0 changed, 0 unchanged, 0 older, 1 refused")
        assert list(Booking.objects.values_list("number", flat=True)) == ["2"]

    @pytest.mark.parametrize(("orders", "listed"), [("11", "1, 1"), ("13", "1, 3"), ("2", "2")])
    def test_guest_orders_are_without_gap(
        self, hotel: Property, file: Path, orders: str, listed: str
    ) -> None:
        write(file, *(f"{GOOD},100,{order},G{order}" for order in orders), header=self.HEADER)
        (told,) = Run(file).told
        assert f"line 2, guest_order: of the booking is {listed}; accepted: 1, 2, 3 … without a gap" in told


class TestStrictAndDryRun:
    BAD = "2,checked_out,2026-06-01,2026-05-30,EUR"

    def test_strict_imports_nothing_when_one_row_is_bad(self, hotel: Property, file: Path) -> None:
        run = Run(write(file, GOOD, self.BAD), "--strict")
        assert run.told == ["line 3, departure: 2026-05-30 is before the arrival 2026-06-01"]
        assert (run.status, run.error) == (1, "1 of 2 rows are bad; nothing was imported.")
        assert Booking.objects.count() == 0

    def test_strict_imports_a_good_file(self, hotel: Property, file: Path) -> None:
        run = Run(write(file, GOOD), "--strict")
        assert (run.status, Booking.objects.count()) == (0, 1)
        assert run.summary == "1 rows bookings: 1 new, 0 changed, 0 unchanged, 0 older, 0 refused"

    def test_dry_run_checks_counts_and_writes_nothing(self, hotel: Property, file: Path) -> None:
        run = Run(write(file, GOOD, self.BAD), "--dry-run")
        assert run.summary == "2 rows bookings: 1 new, 0 changed, 0 unchanged, 0 older, 1 refused"
        assert (run.status, run.error) == (1, "1 of 2 rows are bad; a dry run: nothing was imported.")
        assert Booking.objects.count() == Guest.objects.count() == 0


def test_more_bookings_than_a_batch_holds(hotel: Property, file: Path) -> None:
    write(file, *(GOOD.replace("1", str(number), 1) for number in range(1, 1202)))
    assert Run(file).summary.startswith("1201 rows bookings: 1201 new")
    assert Booking.objects.count() == 1201


def test_a_booking_without_end_is_refused_and_not_held(hotel: Property, file: Path) -> None:
    write(file, *[f"{GOOD},Ada"] * 5000, "2" + GOOD[1:] + ",Bob", header=f"{HEADER},guest_last_name")
    run = Run(file)
    assert run.told == [
        "line 1001, number: has more than 1000 rows; accepted: one for each guest"
        " (booking 1, 5000 rows from line 2 on, is refused whole)"
    ]
    assert list(Booking.objects.values_list("number", flat=True)) == ["2"]


@resort_hotel.needs_resort_hotel
def test_real_reservations_of_a_resort_hotel(hotel: Property, file: Path) -> None:
    """Sums by status against those of the authors' own columns."""
    with resort_hotel.FILE.open(newline="", encoding="utf-8") as authors:
        rows = list(csv.DictReader(authors))
    statuses = Counter(row["reservation_status"] for row in rows)
    booked = [int(row["stays_in_weekend_nights"]) + int(row["stays_in_week_nights"]) for row in rows]
    money = sum((Decimal(row["adr"]) * max(n, 1) for row, n in zip(rows, booked, strict=True)), Decimal(0))
    stayed = [
        (each.status_date - each.arrival).days if each.status == "checked_out" else each.nights
        for each in resort_hotel.reservations()
    ]

    resort_hotel.write_import_file(file)
    run = Run(file)

    assert (run.status, run.told) == (0, [])
    assert run.summary.startswith("9999 rows bookings: 9999 new")
    found = Counter(Booking.objects.values_list("status", flat=True))
    assert found == {"checked_out": 3666, "cancelled": 6173, "no_show": 160}
    assert found["checked_out"] == statuses["Check-Out"]
    assert BookingNight.objects.aggregate(money=Sum("amount"), nights=Sum("room_nights")) == {
        "money": money,
        "nights": sum(stayed),
    }
    assert Booking.objects.filter(departure_date__lt=F("booked_departure_date")).count() == 21
    assert (Guest.objects.count(), FolioLine.objects.count()) == (500, 0)
