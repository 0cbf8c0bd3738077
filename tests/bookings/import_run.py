"""A file for ``manage.py import_bookings``, and one call of it."""

from io import StringIO
from pathlib import Path

from django.core.management import CommandError, call_command

HEADER = "number,status,arrival,departure,currency"
GOOD = "1,checked_out,2026-06-01,2026-06-03,EUR"


class Run:
    """One call of the command: what it wrote, and how it ended (exit status 0: good)."""

    def __init__(self, file: Path, *options: str, to: str = "HOTEL", source: str = "pms") -> None:
        out, err = StringIO(), StringIO()
        self.status, self.error = 0, ""
        try:
            call_command(
                "import_bookings",
                str(file),
                "--property",
                to,
                "--source",
                source,
                *options,
                stdout=out,
                stderr=err,
            )
        except CommandError as error:
            self.status, self.error = error.returncode, str(error)
        self.summary = out.getvalue().partition(";")[0] + out.getvalue().partition(";")[2].partition(";")[0]
        self.told = err.getvalue().splitlines()


def write(file: Path, *lines: str, header: str = HEADER, encoding: str = "utf-8") -> Path:
    file.write_text("\n".join((header, *lines)) + "\n", encoding=encoding)
    return file
