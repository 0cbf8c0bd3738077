"""Profiles in the database: looked up by clues, locked by property group, made and filled, each for many at
once."""

import json
from collections.abc import Iterable, Mapping, Sequence
from datetime import datetime
from typing import Any, NamedTuple

from django.db import connection

from bookings.changes import announce
from bookings.models import Booking
from bookings.people import Clue, KnownGuest, Person
from bookings.staging import copy_rows, next_ids

_FIELDS = ("id", "first_name", "last_name", "email", "phone", "birth_date", "language")
_GUEST = ", ".join(f"g.{name}" for name in _FIELDS)
_FULL_NAME = "lower(btrim(g.first_name || ' ' || g.last_name)) = lower(k.name)"
# Capitals are compared by the database on both sides: its idea of them depends on the locale, ours does not.
_LOOK_UP = f"""
WITH k AS MATERIALIZED (
    SELECT * FROM json_to_recordset(%s)
        AS k (no int, by text, group_id bigint, kind text, name text, detail text)
)
SELECT k.no, {_GUEST}, NULL::text[] FROM k
  JOIN bookings_guestexternalid e
    ON e.group_id = k.group_id AND e.source = k.name AND e.external_id = k.detail
  JOIN bookings_guest g ON g.id = e.guest_id
 WHERE k.by = 'external_id'
UNION ALL
SELECT k.no, {_GUEST}, NULL FROM k
  JOIN bookings_guest g
    ON g.group_id = k.group_id AND lower(g.email) = lower(k.detail) AND g.email <> '' AND g.kind = k.kind
   AND {_FULL_NAME}
 WHERE k.by = 'email'
UNION ALL
SELECT k.no, {_GUEST}, NULL FROM k
  JOIN bookings_guest g
    ON g.group_id = k.group_id AND g.phone = k.detail AND g.phone <> '' AND g.kind = k.kind
   AND {_FULL_NAME}
 WHERE k.by = 'phone'
UNION ALL
SELECT k.no, {_GUEST}, NULL FROM k
  JOIN bookings_guest g ON g.group_id = k.group_id AND g.kind = k.kind AND {_FULL_NAME}
 WHERE k.by = 'name' AND g.kind <> 'individual'
UNION ALL
SELECT 0, {_GUEST}, ARRAY(SELECT e.source FROM bookings_guestexternalid e WHERE e.guest_id = g.id)
  FROM bookings_guest g WHERE g.id = ANY(%s)
ORDER BY 1, 2
"""  # noqa: S608 — the parts are the constants above


class Before(NamedTuple):
    """The guest who stood in a place of a booking before, and the sources that have an id for that
    profile."""

    guest: KnownGuest
    sources: frozenset[str]


class Profiles(NamedTuple):
    by_clue: dict[Clue, KnownGuest]
    before: dict[int, Before]


def look_up(asked: Mapping[Clue, Person], *, before: Iterable[int]) -> Profiles:
    """Of several profiles that fit a clue, the oldest."""
    found = Profiles({}, {})
    by_no = list(asked)
    by_id: dict[int, KnownGuest] = {}
    with connection.cursor() as cursor:
        cursor.execute(_LOOK_UP, [json.dumps(_clue_rows(asked)), list(before)])
        for no, *fields, sources in cursor.fetchall():
            guest = by_id.setdefault(fields[0], KnownGuest(*fields))
            if no:
                found.by_clue.setdefault(by_no[no - 1], guest)
            else:
                found.before[guest.id] = Before(guest, frozenset(sources))
    return found


def _clue_rows(asked: Mapping[Clue, Person]) -> list[dict[str, Any]]:
    """Names and details with the capitals in which they came (see above). JSON is written several times as
    fast as arrays."""
    return [
        {
            "no": no,
            "by": clue.by,
            "group_id": clue.group_id,
            "kind": clue.kind,
            "name": clue.name if clue.by == "external_id" else person.full_name,
            "detail": "" if clue.by == "name" else getattr(person, clue.by),
        }
        for no, (clue, person) in enumerate(asked.items(), start=1)
    ]


def lock_groups(group_ids: Iterable[int]) -> None:
    """Until the transaction ends, nobody else makes or fills profiles of these groups through intake."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT pg_advisory_xact_lock(hashtextextended('guests of group ' || id, 0))"
            " FROM unnest(%s::bigint[]) AS id",
            [sorted(group_ids)],
        )


def add(made: Sequence[tuple[Person, KnownGuest]], *, at: datetime) -> None:
    """Gives each new profile its id and its row."""
    for (_person, guest), guest_id in zip(made, next_ids("bookings_guest", len(made)), strict=True):
        guest.id = guest_id
    copy_rows(
        "bookings_guest",
        (*_FIELDS, "group_id", "kind", "created_at"),
        ((*_values(guest), person.group_id, person.kind, at) for person, guest in made),
    )


def add_external_ids(named: Sequence[tuple[Person, KnownGuest]]) -> None:
    copy_rows(
        "bookings_guestexternalid",
        ("group_id", "guest_id", "source", "external_id"),
        ((person.group_id, guest.id, person.source, person.external_id) for person, guest in named),
    )


def fill(guests: Sequence[KnownGuest]) -> None:
    """Fills what is still empty. A phone may make somebody a member's guest: those bookings are looked at
    again."""
    if not guests:
        return
    columns = [list(column) for column in zip(*map(_values, guests), strict=True)]
    with connection.cursor() as cursor:
        # Locked in id order first, as two updates may meet: an UPDATE alone takes rows in any order.
        cursor.execute(
            "SELECT id FROM bookings_guest WHERE id = ANY(%s) ORDER BY id FOR NO KEY UPDATE", [columns[0]]
        )
        cursor.execute(
            "UPDATE bookings_guest AS g SET"
            " first_name = CASE WHEN g.first_name || g.last_name = '' THEN i.first_name"
            " ELSE g.first_name END,"
            " last_name = CASE WHEN g.first_name || g.last_name = '' THEN i.last_name ELSE g.last_name END,"
            " email = COALESCE(NULLIF(g.email, ''), i.email), phone = COALESCE(NULLIF(g.phone, ''), i.phone),"
            " birth_date = COALESCE(g.birth_date, i.birth_date),"
            " language = COALESCE(NULLIF(g.language, ''), i.language)"
            " FROM unnest("
            "%s::bigint[], %s::text[], %s::text[], %s::text[], %s::text[], %s::date[], %s::text[])"
            " AS i (id, first_name, last_name, email, phone, birth_date, language) WHERE g.id = i.id",
            columns,
        )
    with_phone = [guest.id for guest in guests if "phone" in guest.filled]
    if with_phone:
        announce(Booking.objects.filter(guests__guest__in=with_phone).distinct())


def _values(guest: KnownGuest) -> tuple[Any, ...]:
    return (
        guest.id,
        guest.first_name,
        guest.last_name,
        guest.email,
        guest.phone,
        guest.birth_date,
        guest.language,
    )
