"""The import format: CSV in UTF-8 (with or without BOM), separated by commas, one line a row, one header
line.

Pure: no Django, no database, no clock. A line is read by itself, so that a broken one (quotes, encoding,
length) spoils only itself; a line break inside a field is not accepted. Memory holds one line and one
booking.

A booking's rows are adjacent and agree on the booking's columns; each may bring a guest. Any bad row
refuses the whole booking. The same number further down is another version of that booking.
"""

import csv
from collections.abc import Callable, Iterator
from dataclasses import dataclass, field
from typing import BinaryIO

LONGEST_LINE = 100_000  # bytes; a good row has a thousand
REQUIRED = ("number", "status", "arrival", "departure", "currency")
BOOKING_COLUMNS = {
    "number": "the source's own number of the booking",
    "status": "reserved, in_house, checked_out, cancelled or no_show",
    "arrival": "day, YYYY-MM-DD",
    "departure": "booked day of departure, YYYY-MM-DD",
    "checked_in": "actual day of arrival, YYYY-MM-DD",
    "checked_out": "actual day of departure, YYYY-MM-DD",
    "rooms": "number of rooms; 1 where empty",
    "room_type": "code",
    "rate_plan": "code; capitals differ",
    "market": "code",
    "channel": "code",
    "currency": "ISO 4217 code of all amounts",
    "room_revenue": "for all rooms and nights, such as 1234.50; 0 where empty",
    "extras_revenue": "paid extras, kept as one folio line EXTRAS; none where empty",
    "total": "after discount and tax; room and extras where empty",
    "booked_at": "ISO 8601; without a zone, local time of the property",
    "updated_at": "ISO 8601, orders the versions; without it they are ordered by arrival",
}
GUEST_COLUMNS = {
    "guest_order": "1, 2, 3 …; by row where empty",
    "guest_first_name": "text",
    "guest_last_name": "text",
    "email": "text",
    "phone": "with country code, or as dialled in the property's country",
    "card_number": "as it was received",
}
COLUMNS = BOOKING_COLUMNS | GUEST_COLUMNS


class FileError(Exception):
    """The file as a whole can not be read. The text is one sentence."""


@dataclass(frozen=True, slots=True)
class RowProblem:
    line: int
    field: str
    reason: str

    def __str__(self) -> str:
        return f"line {self.line}, {self.field}: {self.reason}"


@dataclass(slots=True)
class Row:
    """One line: what its columns say, stripped; and what is wrong with it as a line."""

    line: int
    said: dict[str, str]
    problems: list[RowProblem] = field(default_factory=list)

    @property
    def number(self) -> str:
        return self.said.get("number", "")

    def problem(self, column: str, reason: str) -> None:
        self.problems.append(RowProblem(self.line, column, reason))


def read_rows(file: BinaryIO, *, on_progress: Callable[[int], object] | None = None) -> Iterator[Row]:
    """Every row of the file, good and bad. ``on_progress`` is told how many bytes each line had."""
    header: list[str] | None = None
    for line_number, line, cut in _lines(file, on_progress):
        if header is None:
            header = _header(line, cut=cut)
        elif line.strip():
            yield _row(line_number, line, header, cut=cut)
    if header is None:
        raise FileError("The file is empty; a header line with the names of the columns is needed.")


def _lines(file: BinaryIO, on_progress: Callable[[int], object] | None) -> Iterator[tuple[int, bytes, bool]]:
    """Each line with its number, and whether it was too long and cut."""
    number = 0
    while line := file.readline(LONGEST_LINE):
        number += 1
        size = len(line)
        cut = False
        rest = line
        while size >= LONGEST_LINE and not rest.endswith(b"\n") and (rest := file.readline(LONGEST_LINE)):
            cut = True
            size += len(rest)
        if on_progress:
            on_progress(size)
        yield number, line.rstrip(b"\r\n"), cut


def _header(line: bytes, *, cut: bool) -> list[str]:
    try:
        text = line.decode("utf-8-sig")
        names = [name.strip().lower() for name in next(csv.reader([text], strict=True), [])]
    except (UnicodeDecodeError, csv.Error):
        names = []
    if cut or not names or "\0" in text:
        raise FileError("The header line cannot be read; the file must be CSV in UTF-8, one line a row.")
    _refuse_separator(text, names)
    missing = [name for name in REQUIRED if name not in names]
    if missing:
        raise FileError(f"The file has no column {', '.join(missing)}; the header names {_listed(names)}.")
    unknown = [name for name in names if name not in COLUMNS]
    if unknown:
        raise FileError(f"The file has unknown columns: {_listed(unknown)}; accepted: {', '.join(COLUMNS)}.")
    twice = sorted({name for name in names if names.count(name) > 1})
    if twice:
        raise FileError(f"The header names a column twice: {_listed(twice)}.")
    return names


def _refuse_separator(text: str, names: list[str]) -> None:
    for sign, word in ((";", "semicolons"), ("\t", "tabs"), ("|", "bars")):
        if len(names) == 1 and text.count(sign) >= len(REQUIRED) - 1:
            raise FileError(f"The columns are separated by {word}; save the file separated by commas.")


def _listed(names: list[str]) -> str:
    shown = [repr(name[:40]) for name in names[:10]]
    return ", ".join(shown) + (" …" if len(names) > 10 else "")


def _row(line_number: int, line: bytes, header: list[str], *, cut: bool) -> Row:
    """Of a broken line as much as can be read, so that the booking it belongs to is known."""
    text = line.decode(errors="replace")
    quotes_broken = False
    try:
        fields = next(csv.reader((text,), strict=True))
    except csv.Error:
        quotes_broken = True
        fields = next(csv.reader((text.replace("\0", ""),)), [])
    row = Row(line_number, {name: value.strip() for name, value in zip(header, fields, strict=False)})
    if cut or quotes_broken or len(fields) != len(header) or "\0" in text or "\ufffd" in text:
        for problem in _broken(line, fields, header, cut=cut, quotes_broken=quotes_broken):
            row.problem(*problem)
    return row


def _broken(
    line: bytes, fields: list[str], header: list[str], *, cut: bool, quotes_broken: bool
) -> Iterator[tuple[str, str]]:
    """The field (or "row") and the reason why a line cannot be read, if it cannot."""
    if cut:
        column = header[min(len(fields), len(header)) - 1]
        yield column, f"is too long; the whole line may have {LONGEST_LINE} bytes"
    elif not _is_utf_8(line):
        named = [name for name, value in zip(header, fields, strict=False) if "\ufffd" in value]
        yield (named or ["row"])[0], "is not UTF-8; save the file in UTF-8"
    elif b"\0" in line:
        yield "row", "holds a NUL byte, which is no text"
    elif quotes_broken:
        yield "row", "has broken quotes, or a line break inside a field"
    elif len(fields) != len(header):
        yield "row", f"has {len(fields)} fields where the header has {len(header)}"


def _is_utf_8(line: bytes) -> bool:
    try:
        line.decode()
    except UnicodeDecodeError:
        return False
    return True
