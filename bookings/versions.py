"""Which of many messages about one booking stands. Pure: no Django, no database, no clock.

Messages of one reference (property, source, number, leg) order by (``updated_at``, content hash):

| a message                                                 | verdict   | kept | outcome         |
|-----------------------------------------------------------|-----------|------|-----------------|
| says something else, and is newer, or carries no time     | newer     | yes  | new or changed  |
| says the same at a later time                             | confirmed | yes  | unchanged       |
| is the very message that stands                           | repeated  | no   | unchanged       |
| is older than what stands                                 | older     | once | older           |

So the same message twice changes nothing, and any order of arrival ends where the last version alone would. A
message without ``updated_at`` stands because it came last, outside this promise.
"""

from collections.abc import Collection, Sequence
from dataclasses import dataclass
from datetime import datetime
from enum import Enum
from typing import NamedTuple

from bookings.messages import BookingMessage


class Verdict(Enum):
    NEWER = "newer"
    CONFIRMED = "confirmed"
    REPEATED = "repeated"
    OLDER = "older"


class Stamp(NamedTuple):
    """When the source said it, and the hash of what it said."""

    updated_at: datetime | None
    content_hash: str


NOTHING_YET = Stamp(None, "")


@dataclass(slots=True)
class Record:
    """One message of the batch: the words, the stored form, and what became of it."""

    position: int
    message: BookingMessage
    payload: str
    stamp: Stamp
    verdict: Verdict = Verdict.OLDER
    outcome: str = ""
    kept: bool = False
    stands: bool = False


def judge(stamp: Stamp, *, standing: Stamp) -> Verdict:
    if stamp.content_hash == standing.content_hash:
        return _same_words(stamp.updated_at, standing.updated_at)
    if stamp.updated_at is None or standing.updated_at is None:
        return Verdict.NEWER
    newer = (stamp.updated_at, stamp.content_hash) > (standing.updated_at, standing.content_hash)
    return Verdict.NEWER if newer else Verdict.OLDER


def _same_words(said_at: datetime | None, standing_at: datetime | None) -> Verdict:
    if said_at is None or said_at == standing_at:
        return Verdict.REPEATED
    if standing_at is None or said_at > standing_at:
        return Verdict.CONFIRMED
    return Verdict.OLDER


def fold(records: Sequence[Record], *, standing: Stamp, kept_before: Collection[Stamp] = ()) -> Stamp:
    """Judges a batch's messages of one reference in order, and returns where the reference stands then.

    ``kept_before``: the stamps, no newer than the standing one, of which a record exists already. Of the
    newer messages only the last one ``stands``, and what confirms it.
    """
    kept = set(kept_before)
    for record in records:
        verdict = judge(record.stamp, standing=standing)
        if record.stamp in kept and verdict is not Verdict.REPEATED:
            verdict = Verdict.OLDER
        record.verdict = verdict
        record.outcome = _outcome(verdict, first=standing == NOTHING_YET)
        record.kept = verdict is not Verdict.REPEATED and record.stamp not in kept
        record.stands = verdict in (Verdict.NEWER, Verdict.CONFIRMED)
        if verdict is Verdict.NEWER:
            _supersede(records, before=record)
        if record.stands:
            standing = Stamp(record.stamp.updated_at or standing.updated_at, record.stamp.content_hash)
        if record.stamp.updated_at is not None:
            kept.add(record.stamp)
    return standing


def _supersede(records: Sequence[Record], *, before: Record) -> None:
    for record in records:
        if record is before:
            return
        record.stands = False


def _outcome(verdict: Verdict, *, first: bool) -> str:
    if verdict is Verdict.NEWER:
        return "new" if first else "changed"
    return "older" if verdict is Verdict.OLDER else "unchanged"
