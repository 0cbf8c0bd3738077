"""Which booking a source's number leads to, found or made for a whole batch, and locked.

A reference is made before its booking, in sorted order, so that two intakes of the same new number meet at
its unique constraint: one makes it, the other waits and then finds it. Bookings that exist are locked in id
order, in a statement of its own; what they hold is read by the next one.
"""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, field
from typing import Any, NamedTuple

from django.db import connection

from bookings.models import Property
from bookings.staging import next_ids
from bookings.versions import NOTHING_YET, Record, Stamp, fold

_UNDER_THESE_KEYS = (
    " FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[]) AS k (property_id, source, number, leg)"
    " JOIN bookings_bookingreference r USING (property_id, source, number, leg)"
)


class Key(NamedTuple):
    """What leads to one booking for ever."""

    property_id: int
    source: str
    number: str
    leg: str


@dataclass(slots=True)
class Dossier:
    """All that a batch says under one number, and where that number stood before."""

    key: Key
    at_property: Property
    records: list[Record] = field(default_factory=list)
    reference_id: int = 0
    booking_id: int = 0
    is_new: bool = False
    booking_version: int = 0
    booking_hash: str = ""
    standing_before: Stamp = NOTHING_YET
    standing: Stamp = NOTHING_YET

    @property
    def moved(self) -> bool:
        return self.standing != self.standing_before

    @property
    def standing_record(self) -> Record | None:
        """The message of this batch that stands, if one does."""
        return next((record for record in reversed(self.records) if record.stands), None)


def open_dossiers(dossiers: Sequence[Dossier]) -> None:
    """Finds or makes every reference, locks what exists, and judges the messages."""
    found = _look_up(dossiers)
    missing = sorted((each for each in dossiers if each.key not in found), key=lambda each: each.key)
    for dossier in missing:
        dossier.standing = fold(dossier.records, standing=NOTHING_YET)
    lost = _make(missing)
    if lost:
        found |= _look_up(lost)
    existing = [each for each in dossiers if not each.is_new]
    if existing:
        _lock_bookings({found[each.key] for each in existing})
        _read_standing(existing)
        _judge_existing(existing)


def save_standing(dossiers: Iterable[Dossier]) -> None:
    """Where the references that existed stand now."""
    moved = [each for each in dossiers if each.moved and not each.is_new]
    if not moved:
        return
    with connection.cursor() as cursor:
        cursor.execute(
            "UPDATE bookings_bookingreference AS r"
            " SET updated_at = i.updated_at, content_hash = i.content_hash"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[]) AS i (id, updated_at, content_hash)"
            " WHERE r.id = i.id",
            [
                [each.reference_id for each in moved],
                [each.standing.updated_at for each in moved],
                [each.standing.content_hash for each in moved],
            ],
        )


def _columns(dossiers: Sequence[Dossier]) -> list[list[Any]]:
    return [list(column) for column in zip(*(each.key for each in dossiers), strict=True)]


def _look_up(dossiers: Sequence[Dossier]) -> dict[Key, int]:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.property_id, r.source, r.number, r.leg, r.booking_id" + _UNDER_THESE_KEYS,
            _columns(dossiers),
        )
        return {Key(*row[:4]): row[4] for row in cursor.fetchall()}


def _make(dossiers: Sequence[Dossier]) -> list[Dossier]:
    """Makes the references; returns those that another intake made first."""
    if not dossiers:
        return []
    booking_ids = next_ids("bookings_booking", len(dossiers))
    by_booking = dict(zip(booking_ids, dossiers, strict=True))
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO bookings_bookingreference"
            " (property_id, source, number, leg, booking_id, updated_at, content_hash)"
            " SELECT * FROM unnest(%s::bigint[], %s::text[], %s::text[], %s::text[],"
            " %s::bigint[], %s::timestamptz[], %s::text[])"
            " ON CONFLICT DO NOTHING RETURNING id, booking_id",
            [
                *_columns(dossiers),
                booking_ids,
                [each.standing.updated_at for each in dossiers],
                [each.standing.content_hash for each in dossiers],
            ],
        )
        for reference_id, booking_id in cursor.fetchall():
            dossier = by_booking.pop(booking_id)
            dossier.reference_id, dossier.booking_id, dossier.is_new = reference_id, booking_id, True
    return list(by_booking.values())


def _lock_bookings(ids: Iterable[int]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT id FROM bookings_booking WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [list(ids)]
        )


def _read_standing(dossiers: Sequence[Dossier]) -> None:
    """A statement after the lock: what is read now, nobody changes before we commit."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT r.property_id, r.source, r.number, r.leg,"
            " r.id, r.booking_id, r.updated_at, r.content_hash, b.version, b.content_hash"
            + _UNDER_THESE_KEYS
            + " JOIN bookings_booking b ON b.id = r.booking_id",
            _columns(dossiers),
        )
        rows = {Key(*row[:4]): row[4:] for row in cursor.fetchall()}
    for dossier in dossiers:
        reference_id, booking_id, updated_at, content_hash, version, booking_hash = rows[dossier.key]
        dossier.reference_id, dossier.booking_id = reference_id, booking_id
        dossier.booking_version, dossier.booking_hash = version, booking_hash
        dossier.standing_before = Stamp(updated_at, content_hash)


def _judge_existing(dossiers: Sequence[Dossier]) -> None:
    kept = _kept_before(dossiers)
    for dossier in dossiers:
        already = kept.get(dossier.reference_id, ())
        dossier.standing = fold(dossier.records, standing=dossier.standing_before, kept_before=already)


def _kept_before(dossiers: Sequence[Dossier]) -> dict[int, set[Stamp]]:
    """The messages of this batch, no newer than what stands, of which a record exists already."""
    asked = [
        (dossier.reference_id, *record.stamp)
        for dossier in dossiers
        for record in dossier.records
        if _may_be_kept(record.stamp, dossier.standing_before)
    ]
    if not asked:
        return {}
    kept: dict[int, set[Stamp]] = {}
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT s.reference_id, s.updated_at, s.content_hash"
            " FROM unnest(%s::bigint[], %s::timestamptz[], %s::text[])"
            " AS k (reference_id, updated_at, content_hash)"
            " JOIN bookings_sourcerecord s USING (reference_id, updated_at, content_hash)",
            [list(column) for column in zip(*asked, strict=True)],
        )
        for reference_id, updated_at, content_hash in cursor.fetchall():
            kept.setdefault(reference_id, set()).add(Stamp(updated_at, content_hash))
    return kept


def _may_be_kept(stamp: Stamp, standing: Stamp) -> bool:
    if stamp.updated_at is None or standing.updated_at is None or stamp == standing:
        return False
    return stamp.updated_at <= standing.updated_at
