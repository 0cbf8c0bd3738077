"""How fast a file comes into the storage, beside a hand-written floor.

The import is what ``manage.py import_bookings`` calls. The floor reads the same file with the csv module,
copies the rows into a temporary table, and upserts the same tables by a dozen set-based statements in one
transaction: the least work that ends with the same rows. It checks nothing, reads no phone, and answers
nobody; so it is faster. Wanted: the import reaches at least 0.3 of it.
"""

import csv
import random
import statistics
import tempfile
import time
from collections.abc import Callable
from datetime import UTC, date, datetime, timedelta
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bookings.csv_import import Delivery, import_file
from bookings.models import Property, PropertyGroup
from tests.bench.import_floor import floor_import

COLUMNS = [
    *("number", "status", "arrival", "departure", "rooms", "room_type", "rate_plan", "market", "channel"),
    *("currency", "room_revenue", "extras_revenue", "total", "guest_first_name", "guest_last_name", "email"),
    *("phone", "card_number", "booked_at", "updated_at"),
]
AT = datetime(2026, 1, 1, tzinfo=UTC)
SUMS = {
    "bookings_booking": "sum(t.total)::text || max(t.version)",
    "bookings_bookingnight": "sum(amount)::text || sum(room_nights)",
    "bookings_bookingguest": 'count(DISTINCT guest_id) || sum("order")::text',
    "bookings_bookingguestcard": "count(DISTINCT number_key)::text",
    "bookings_folioline": "sum(amount)::text",
    "bookings_bookingchange": "count(DISTINCT booking_id)::text",
}


def run(rounds: int, bookings: int) -> dict[str, Any]:
    """Interleaved rounds, each into a group of its own; the first one warms up and is not counted."""
    times: dict[str, list[float]] = {"import": [], "floor": []}
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "bookings.csv"
        for number in range(rounds + 1):
            write_file(path, bookings, seed=number)
            ends = {}
            for name, bring in _in_turn(number):
                at_property = _new_property()
                started = time.perf_counter()
                bring(path, at_property)
                times[name].append(time.perf_counter() - started)
                ends[name] = _sums(at_property)
            if ends["import"] != ends["floor"]:
                raise AssertionError(f"Import and floor end with different rows: {ends}")
    medians = {name: statistics.median(taken[1:]) for name, taken in times.items()}
    return {
        "bookings": bookings,
        "rounds": rounds,
        "import_seconds": medians["import"],
        "floor_seconds": medians["floor"],
        "import_bookings_per_second": bookings / medians["import"],
        "floor_bookings_per_second": bookings / medians["floor"],
        "ratio": medians["floor"] / medians["import"],
        "wanted": 0.3,
    }


def write_file(path: Path, bookings: int, *, seed: int) -> None:
    """Stays of one to five nights; a guest comes back now and then, half have a card, half pay extras."""
    random_ = random.Random(seed)
    with path.open("w", newline="", encoding="utf-8") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for number in range(bookings):
            writer.writerow(_row(number, random_, guests=max(bookings * 3 // 4, 1)))


def _row(number: int, random_: random.Random, *, guests: int) -> list[object]:
    guest = random_.randrange(guests)
    arrival = date(2025, 1, 1) + timedelta(days=random_.randrange(300))
    departure = arrival + timedelta(days=random_.randint(1, 5))
    room, extras = random_.randint(5_000, 90_000), random_.choice((0, random_.randint(500, 20_000)))
    card = f"HOT{guest:09}" if guest % 2 else ""
    return [
        f"B{number:07}", "checked_out", arrival, departure, random_.choice((1, 1, 1, 2)), "DBL",
        random_.choice(("BAR", "MEMBER", "CORP")), "LEISURE", "WEB", "EUR", f"{room / 100:.2f}",
        f"{extras / 100:.2f}", f"{(room + extras) / 100:.2f}", f"First{guest % 500}", f"Last{guest}",
        f"guest{guest}@example.com", f"+49151{guest:08}", card,
        f"{arrival - timedelta(days=30)}T10:00:00+00:00", f"{departure}T11:00:00+00:00",
    ]  # fmt: skip


def _in_turn(number: int) -> list[tuple[str, Callable[[Path, Property], None]]]:
    sides: list[tuple[str, Callable[[Path, Property], None]]] = [("import", _import), ("floor", _floor)]
    return sides if number % 2 else sides[::-1]


def _import(path: Path, at_property: Property) -> None:
    delivery = Delivery(
        path=path,
        property=at_property,
        source="pms",
        by="bench",
        at=AT,
        on_problem=lambda _booking, problem: _fail(str(problem)),
    )
    import_file(delivery)


def _fail(text: str) -> None:
    raise AssertionError(text)


@transaction.atomic
def _floor(path: Path, at_property: Property) -> None:
    floor_import(path, at_property, at=AT)


def _new_property() -> Property:
    code = f"bench-{time.time_ns()}"
    group = PropertyGroup.objects.create(code=code, name=code, currency="EUR", time_zone="Europe/Berlin")
    return Property.objects.create(
        group=group, code=code[-20:], name=code, currency="EUR", time_zone="Europe/Berlin", country="DE"
    )


def _sums(at_property: Property) -> dict[str, Any]:
    """Rows and sums by table: the two sides must end alike."""
    found = {}
    with connection.cursor() as cursor:
        for table, sums in SUMS.items():
            key = "id" if table == "bookings_booking" else "booking_id"
            cursor.execute(
                f"SELECT count(*), {sums} FROM {table} t JOIN bookings_booking b ON b.id = t.{key}"
                " WHERE b.property_id = %s",
                [at_property.pk],
            )
            found[table] = cursor.fetchone()
        group = [at_property.group_id]
        cursor.execute(
            "SELECT count(*), min(phone), max(phone) FROM bookings_guest WHERE group_id = %s", group
        )
        found["bookings_guest"] = cursor.fetchone()
    return found
