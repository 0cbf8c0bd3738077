"""record_bookings(): the one way into the bookings storage.

Idempotent and set-based: a fixed number of SQL statements however many messages, one transaction, a single
message is a batch of one. In order:

1. what is impossible is refused, with field and reason; the others go in;
2. each number is led to its booking, found or made; bookings that exist are locked (``references``);
3. of each number's messages one stands, or what stood goes on standing (``versions``);
4. what stands is resolved into a booking (``resolution``); where that changes nothing, no version is made;
5. its guests are found or made (``guest_matching``);
6. the new versions are written (``booking_rows``), and announced to readers in the same transaction; every
message
   that says anything new is kept whole, also one that came too late to change anything.
"""

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import connection, transaction

from bookings.booking_rows import BookingVersion, write
from bookings.guest_matching import Sought, find_or_make
from bookings.impossible import problems
from bookings.messages import BookingMessage, Problem
from bookings.models import Property
from bookings.people import guest_person, profile_person
from bookings.references import Dossier, Key, open_dossiers, save_standing
from bookings.resolution import resolve
from bookings.staging import copy_rows
from bookings.versions import Record, Stamp

LONGEST_BY = 150


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of one message: "new", "changed", "unchanged", "older" or "refused". ``version`` is the
    booking's version after the batch."""

    key: tuple[str, str, str, str]
    outcome: str
    booking_id: int | None = None
    version: int | None = None
    problems: tuple[Problem, ...] = ()


def record_bookings(
    *, messages: Sequence[BookingMessage], properties: Mapping[str, Property], by: str, at: datetime
) -> list[Outcome]:
    """One outcome for each message, in order. ``properties``: those that the caller may write to, by code."""
    outcomes: dict[int, Outcome] = {}
    dossiers: dict[Key, Dossier] = {}
    for position, message in enumerate(messages):
        found = _problems(message, properties)
        if found:
            outcomes[position] = Outcome(message.key, "refused", problems=found)
            continue
        place = properties[message.property_code]
        key = Key(place.pk, message.source, message.number, message.leg)
        dossier = dossiers.setdefault(key, Dossier(key=key, at_property=place))
        dossier.records.append(_record(position, message))
    if dossiers:
        outcomes.update(_take_in(list(dossiers.values()), by=by, at=at))
    return [outcomes[position] for position in range(len(messages))]


def _problems(message: BookingMessage, properties: Mapping[str, Property]) -> tuple[Problem, ...]:
    found = tuple(problems(message))
    if message.property_code in properties:
        return found
    accepted = ", ".join(sorted(properties)[:10]) or "none"
    return (
        Problem("property", f"{message.property_code!r} is not a property here; accepted: {accepted}"),
        *found,
    )


def _record(position: int, message: BookingMessage) -> Record:
    stored = message.stored()
    return Record(position, message, stored.payload, Stamp(message.updated_at, stored.content_hash))


@transaction.atomic
def _take_in(dossiers: Sequence[Dossier], *, by: str, at: datetime) -> dict[int, Outcome]:
    open_dossiers(dossiers)
    versions = [version for dossier in dossiers if (version := _new_version(dossier))]
    _find_guests(versions, at=at)
    write(versions, at=at)
    save_standing(dossiers)
    copy_rows(
        "bookings_sourcerecord",
        (
            "reference_id",
            "updated_at",
            "content_hash",
            "payload",
            "received_at",
            "received_by",
            "booking_version",
        ),
        _source_records(dossiers, by=by[:LONGEST_BY], at=at),
    )
    copy_rows(
        "bookings_bookingchange",
        ("booking_id", "group_id"),
        ((each.booking_id, each.property.group_id) for each in versions),
    )
    return {record.position: _outcome(dossier, record) for dossier in dossiers for record in dossier.records}


def _new_version(dossier: Dossier) -> BookingVersion | None:
    """The next version of the booking, where what stands now makes another booking of it."""
    record = dossier.standing_record
    if record is None:
        return None
    resolved = resolve([record])
    if resolved.content_hash == dossier.booking_hash:
        return None
    dossier.booking_version += 1
    return BookingVersion(dossier.booking_id, dossier.booking_version, dossier.at_property, resolved)


def _find_guests(versions: Sequence[BookingVersion], *, at: datetime) -> None:
    """Guests and attached profiles of all the versions, in one search."""
    before = _guests_before(versions)
    sought = [person for version in versions for person in _sought(version, before)]
    ids = iter(find_or_make(sought, at=at))
    for version in versions:
        version.guest_ids = [next(ids) for _guest in version.resolved.said.guests]
        version.profile_ids = [next(ids) for _profile in version.resolved.profiles]


def _sought(version: BookingVersion, before: Mapping[tuple[int, int], int]) -> Iterator[Sought]:
    said, place = version.resolved.said, version.property
    for order, guest in enumerate(said.guests, start=1):
        person = guest_person(guest, group_id=place.group_id, source=said.source, country=place.country)
        yield Sought(person, before.get((version.booking_id, order)))
    for profile in version.resolved.profiles:
        yield Sought(profile_person(profile, group_id=place.group_id, source=said.source))


def _guests_before(versions: Sequence[BookingVersion]) -> dict[tuple[int, int], int]:
    """Who stood at which place of the version that is replaced."""
    replaced = [(each.booking_id, each.version - 1) for each in versions if each.version > 1]
    if not replaced:
        return {}
    with connection.cursor() as cursor:
        cursor.execute(
            'SELECT g.booking_id, g."order", g.guest_id'
            " FROM unnest(%s::bigint[], %s::int[]) AS k (booking_id, version)"
            " JOIN bookings_bookingguest g USING (booking_id, version)",
            [list(column) for column in zip(*replaced, strict=True)],
        )
        return {(booking_id, order): guest_id for booking_id, order, guest_id in cursor.fetchall()}


def _source_records(dossiers: Sequence[Dossier], *, by: str, at: datetime) -> Iterator[tuple[object, ...]]:
    for dossier in dossiers:
        for record in dossier.records:
            if record.kept:
                gave = dossier.booking_version if record.stands else None
                yield (dossier.reference_id, *record.stamp, record.payload, at, by, gave)


def _outcome(dossier: Dossier, record: Record) -> Outcome:
    return Outcome(record.message.key, record.outcome, dossier.booking_id, dossier.booking_version)
