"""``manage.py import_bookings FILE --property CODE --source SOURCE [--dry-run] [--strict]``"""

import sys
import time
from argparse import ArgumentParser, RawDescriptionHelpFormatter
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from django.utils.translation import gettext as _
from tqdm import tqdm

from bookings.csv_bookings import FileBooking
from bookings.csv_import import Delivery, Imported, import_file
from bookings.csv_rows import COLUMNS, REQUIRED, FileError, RowProblem
from bookings.models import Property, Source

BAD_ROWS, BAD_CALL = 1, 2


class Command(BaseCommand):
    help = (
        "Imports bookings from a CSV file (UTF-8, commas, a header line). Good rows go in; every bad row is\n"
        "told on standard error with line, field and reason. Exit status 1: a row was bad; 2: the call was."
    )

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.formatter_class = RawDescriptionHelpFormatter
        listed = "\n".join(
            f"  {name:17} {text}{' (needed)' if name in REQUIRED else ''}" for name, text in COLUMNS.items()
        )
        parser.epilog = f"Columns:\n{listed}\n\nRows of one booking, one for each guest, stand together."
        parser.add_argument("file", metavar="FILE", type=Path)
        parser.add_argument("--property", required=True, metavar="CODE", help="code of the property")
        parser.add_argument("--source", required=True, help=", ".join(Source.values))
        parser.add_argument("--dry-run", action="store_true", help="check and count; write nothing")
        parser.add_argument("--strict", action="store_true", help="import nothing when one row is bad")

    def handle(
        self, *, file: Path, property: str, source: str, dry_run: bool, strict: bool, **options: Any
    ) -> None:
        started = time.monotonic()
        to_property = _property(property)
        size = _size(file, source=source, strict=strict)
        with tqdm(total=size, unit="B", unit_scale=True, disable=None, file=sys.stderr) as bar:
            delivery = Delivery(
                path=file,
                property=to_property,
                source=source,
                by=f"import_bookings {file.name}",
                at=timezone.now(),
                on_problem=self._tell,
                on_progress=bar.update,
            )
            try:
                imported = import_file(delivery, strict=strict, dry_run=dry_run)
            except FileError as error:
                raise CommandError(str(error), returncode=BAD_ROWS) from error
        self._sum_up(imported, seconds=time.monotonic() - started)
        _judge(imported, strict=strict, dry_run=dry_run)

    def _tell(self, booking: FileBooking, problem: RowProblem) -> None:
        whole = ""
        if booking.rows > 1:
            whole = _(" (booking %(number)s, %(rows)s rows from line %(line)s on, is refused whole)") % {
                "number": booking.number[:80],
                "rows": booking.rows,
                "line": booking.first_line,
            }
        with tqdm.external_write_mode():
            self.stderr.write(f"{problem}{whole}")

    def _sum_up(self, imported: Imported, *, seconds: float) -> None:
        counted = ", ".join(
            f"{imported.bookings[outcome]} {outcome}"
            for outcome in ("new", "changed", "unchanged", "older", "refused", "checked")
            if outcome != "checked" or imported.bookings[outcome]
        )
        speed = imported.rows / seconds if seconds else 0
        self.stdout.write(f"{imported.rows} rows; bookings: {counted}; {seconds:.1f} s, {speed:.0f} rows/s")


def _property(code: str) -> Property:
    found = Property.objects.select_related("group").filter(code=code).first()
    if found is None:
        raise CommandError(_("There is no property with the code “%s”.") % code, returncode=BAD_CALL)
    return found


def _size(file: Path, *, source: str, strict: bool) -> int:
    """How many bytes will be read; or in one sentence why they cannot be."""
    if source not in Source.values:
        accepted = ", ".join(Source.values)
        text = _("There is no source “%(source)s”; accepted: %(accepted)s.")
        raise CommandError(text % {"source": source, "accepted": accepted}, returncode=BAD_CALL)
    try:
        size = file.stat().st_size
        if not file.is_fifo():  # a pipe can be opened only once
            file.open("rb").close()
    except OSError as error:
        text = _("The file %(file)s cannot be read: %(reason)s.")
        raise CommandError(text % {"file": file, "reason": error.strerror}, returncode=BAD_CALL) from error
    if strict and not file.is_file():
        text = _("--strict reads the file twice; %s can be read only once.")
        raise CommandError(text % file, returncode=BAD_CALL)
    return size * 2 if strict else size


def _judge(imported: Imported, *, strict: bool, dry_run: bool) -> None:
    if not imported.bad_rows:
        return
    if strict:
        became = _("nothing was imported")
    elif dry_run:
        became = _("a dry run: nothing was imported")
    else:
        became = _("the other bookings were imported")
    text = _("%(bad)s of %(rows)s rows are bad; %(became)s.")
    raise CommandError(
        text % {"bad": imported.bad_rows, "rows": imported.rows, "became": became}, returncode=BAD_ROWS
    )
