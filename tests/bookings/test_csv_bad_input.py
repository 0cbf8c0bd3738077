"""Bad input gets a clear error: which line, which field, what was wrong, what is accepted."""

from pathlib import Path

import pytest

from bookings.models import Booking, Property
from tests.bookings.import_run import GOOD, HEADER, Run, write
from tests.factories import PropertyFactory

pytestmark = pytest.mark.django_db


@pytest.fixture
def hotel() -> Property:
    return PropertyFactory(code="HOTEL", time_zone="Europe/Berlin")


@pytest.fixture
def file(tmp_path: Path) -> Path:
    return tmp_path / "bookings.csv"


STAY = "checked_out,2026-06-01,2026-06-03,EUR"


class TestBadRows:
    HEADER = f"{HEADER},rooms,total,extras_revenue,updated_at,guest_last_name"

    @pytest.mark.parametrize(
        ("row", "told"),
        [
            (",checked_out,2026-06-01,2026-06-03,EUR,,,,,", "number: is empty; a booking needs it"),
            (
                "2,gone,2026-06-01,2026-06-03,EUR,,,,,",
                "status: 'gone' is unknown; accepted: reserved, in_house, checked_out, cancelled, no_show",
            ),
            ("2,checked_out,,2026-06-03,EUR,,,,,", "arrival: is empty; a booking needs it"),
            (
                "2,checked_out,2026-02-30,2026-06-03,EUR,,,,,",
                "arrival: '2026-02-30' is not a day of the calendar; write YYYY-MM-DD",
            ),
            (
                "2,checked_out,01.06.2026,2026-06-03,EUR,,,,,",
                "arrival: '01.06.2026' is not a day; write YYYY-MM-DD",
            ),
            (
                "2,checked_out,2026-06-04,2026-06-03,EUR,,,,,",
                "departure: 2026-06-03 is before the arrival 2026-06-04",
            ),
            (
                f"2,{STAY}O,,,,,",
                "currency: 'EURO' is not an ISO 4217 currency; write three capitals, such as EUR",
            ),
            (f"2,{STAY},0,,,,", "rooms: 0 is not a number of rooms; accepted: 1 to 1000"),
            (f"2,{STAY},two,,,,", "rooms: 'two' is not a whole number"),
            (f"2,{STAY},,-5,,,", "total: -5 is negative; zero or more is accepted"),
            (
                f"2,{STAY},,NaN,,,",
                "total: 'NaN' is not an amount; write digits with a point, such as 1234.50",
            ),
            (f"2,{STAY},,,-1,,", "extras_revenue: '-1' is negative; zero or more is accepted"),
            (f"2,{STAY},,,0.0001,,", "extras_revenue: '0.0001' has more than three decimal places"),
            (
                f"2,{STAY},,,,yesterday,",
                "updated_at: 'yesterday' is not a time; write ISO 8601, such as 2026-09-19T14:30:00+02:00",
            ),
            (
                f"2,{STAY},,,,," + "x" * 151,
                "guest_last_name: is 151 characters long; at most 150 are accepted",
            ),
            (
                f"2,{STAY},,,,," + "x" * 10_000_000,
                "guest_last_name: is too long; the whole line may have 100000 bytes",
            ),
            (f"2,{STAY},,,,,a\0b", "row: holds a NUL byte, which is no text"),
            (f'2,{STAY},,,,,"Ada" Lee', "row: has broken quotes, or a line break inside a field"),
            (f"2,{STAY}", "row: has 5 fields where the header has 10"),
            (
                "2;checked_out;2026-06-01",
                "row: has 1 fields where the header has 10",
            ),
        ],
    )
    def test_are_told_and_the_good_ones_go_in(self, hotel: Property, file: Path, row: str, told: str) -> None:
        write(file, f"{GOOD},,,,,", row, GOOD.replace("1", "3", 1) + ",,,,,", header=self.HEADER)
        run = Run(file)
        assert run.told == [f"line 3, {told}"]
        assert run.status == 1
        assert sorted(Booking.objects.values_list("number", flat=True)) == ["1", "3"]

    def test_a_line_that_is_not_utf_8(self, hotel: Property, file: Path) -> None:
        row = "2,checked_out,2026-06-01,2026-06-03,EUR,,,,,Zoë".encode("latin-1")
        file.write_bytes(f"{self.HEADER}\n{GOOD},,,,,\n".encode() + row)
        assert Run(file).told == ["line 3, guest_last_name: is not UTF-8; save the file in UTF-8"]
        assert Booking.objects.count() == 1

    def test_all_that_is_wrong_with_a_row(self, hotel: Property, file: Path) -> None:
        write(file, "2,,2026-06-31,2026-06-03,EUR,x,,,,", header=self.HEADER)
        told = [line.partition(":")[0] for line in Run(file).told]
        assert told == ["line 2, rooms", "line 2, status", "line 2, arrival"]


class TestAFileThatCannotBeRead:
    @pytest.mark.parametrize(
        ("content", "said"),
        [
            (b"", "The file is empty; a header line with the names of the columns is needed."),
            (
                b"number;status;arrival;departure;currency\n",
                "The columns are separated by semicolons; save the file separated by commas.",
            ),
            (
                b"number\tstatus\tarrival\tdeparture\tcurrency\n",
                "The columns are separated by tabs; save the file separated by commas.",
            ),
            (
                b"number,status,arrival,departure\n",
                "The file has no column currency; "
                "the header names 'number', 'status', 'arrival', 'departure'.",
            ),
            (
                b"number,status,arrival,departure,currency,currency\n",
                "The header names a column twice: 'currency'.",
            ),
            (
                "number,status".encode("utf-16"),
                "The header line cannot be read; the file must be CSV in UTF-8, one line a row.",
            ),
            (
                b"x" * 200_000,
                "The header line cannot be read; the file must be CSV in UTF-8, one line a row.",
            ),
        ],
    )
    def test_is_refused_in_one_sentence(self, hotel: Property, file: Path, content: bytes, said: str) -> None:
        file.write_bytes(content)
        run = Run(file)
        assert (run.status, run.error) == (1, said)

    def test_an_unknown_column_is_named_with_all_that_are_accepted(self, hotel: Property, file: Path) -> None:
        write(file, GOOD + ",x", header=f"{HEADER},e_mail")
        run = Run(file)
        assert run.status == 1
        assert run.error.startswith(
            "The file has unknown columns: 'e_mail'; accepted: number, status, arrival,"
        )
        assert Booking.objects.count() == 0


class TestAWrongCall:
    def test_unknown_property(self, hotel: Property, file: Path) -> None:
        run = Run(write(file, GOOD), to="NOWHERE")
        assert (run.status, run.error) == (2, "There is no property with the code “NOWHERE”.")

    def test_unknown_source(self, hotel: Property, file: Path) -> None:
        run = Run(write(file, GOOD), source="fax")
        accepted = "pms, booking_engine, channel_manager, manual"
        assert (run.status, run.error) == (2, f"There is no source “fax”; accepted: {accepted}.")

    def test_no_such_file(self, hotel: Property, tmp_path: Path) -> None:
        run = Run(tmp_path / "none.csv")
        assert (run.status, run.error) == (
            2,
            f"The file {tmp_path}/none.csv cannot be read: No such file or directory.",
        )
        assert Run(tmp_path).error == f"The file {tmp_path} cannot be read: Is a directory."
