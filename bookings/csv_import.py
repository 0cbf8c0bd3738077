"""A file of bookings comes in: in batches, each a transaction of its own; the good ones go in, the bad ones
are told.

A booking is all or nothing. In strict mode the file is read twice, and nothing goes in when one row is bad.
A dry run does everything and takes it back batch by batch, so it counts as the real run would, except that
a number which comes again in a later batch counts as new once more.
"""

from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from itertools import islice
from pathlib import Path

from django.db import transaction

from bookings.csv_bookings import FileBooking, column_of, read_bookings
from bookings.csv_rows import RowProblem, read_rows
from bookings.impossible import problems
from bookings.intake import Outcome, record_bookings
from bookings.messages import Problem
from bookings.models import Property

BATCH_SIZE = 500  # bookings: larger gains little, and others who make guests wait for a batch with new guests


@dataclass(frozen=True, slots=True)
class Delivery:
    """A file, where it belongs, who brings it, when; and who is told of bad rows and of bytes read."""

    path: Path
    property: Property
    source: str
    by: str
    at: datetime
    on_problem: Callable[[FileBooking, RowProblem], object]
    on_progress: Callable[[int], object] | None = None


@dataclass(slots=True)
class Imported:
    """What became of a file: rows read, bad rows, and bookings by outcome (new, changed, unchanged, older,
    refused; or checked, where a strict run stopped before the import)."""

    rows: int = 0
    bad_rows: int = 0
    bookings: Counter[str] = field(default_factory=Counter)


def import_file(delivery: Delivery, *, strict: bool = False, dry_run: bool = False) -> Imported:
    """Raises ``csv_rows.FileError`` where the file as a whole cannot be read: nothing went in then."""
    if strict:
        checked = _check(delivery)
        if checked.bad_rows:
            return checked
    imported = Imported()
    bookings = _bookings(delivery)
    while batch := list(islice(bookings, BATCH_SIZE)):
        outcomes = iter(_record(delivery, [each for each in batch if each.message], dry_run=dry_run))
        for booking in batch:
            outcome = next(outcomes) if booking.message else None
            _count(booking, outcome.outcome if outcome else "refused", imported)
            _tell(booking, outcome.problems if outcome else (), delivery, imported)
    return imported


def _bookings(delivery: Delivery) -> Iterator[FileBooking]:
    with delivery.path.open("rb") as file:
        yield from read_bookings(
            read_rows(file, on_progress=delivery.on_progress),
            property_code=delivery.property.code,
            source=delivery.source,
            time_zone=delivery.property.time_zone,
        )


def _record(delivery: Delivery, bookings: Sequence[FileBooking], *, dry_run: bool) -> list[Outcome]:
    with transaction.atomic():
        outcomes = record_bookings(
            messages=[booking.message for booking in bookings if booking.message],
            properties={delivery.property.code: delivery.property},
            by=delivery.by,
            at=delivery.at,
        )
        transaction.set_rollback(dry_run)
    return outcomes


def _check(delivery: Delivery) -> Imported:
    checked = Imported()
    for booking in _bookings(delivery):
        found = tuple(problems(booking.message)) if booking.message else ()
        _count(booking, "refused" if found or booking.problems else "checked", checked)
        _tell(booking, found, delivery, checked)
    return checked


def _count(booking: FileBooking, outcome: str, imported: Imported) -> None:
    imported.rows += booking.rows
    imported.bookings[outcome] += 1


def _tell(booking: FileBooking, found: Sequence[Problem], delivery: Delivery, imported: Imported) -> None:
    """What the file's rows say wrong, else what is impossible in the booking that they make: at its first
    line."""
    bad = booking.problems or [RowProblem(booking.first_line, column_of(p.field), p.reason) for p in found]
    for problem in bad:
        delivery.on_problem(booking, problem)
    imported.bad_rows += len({problem.line for problem in bad})
