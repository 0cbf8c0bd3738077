"""May this stay earn, and when? Pure: no Django, no database, no clock.

Asked in this order; the first answer stands.

| the booking                                                           | the stay is                     |
|-----------------------------------------------------------------------|---------------------------------|
| was found to be another booking                                       | left out: merged                |
| is cancelled, or a no-show                                            | left out: cancelled, no-show    |
| comes from the PMS, and its bookings are not rewarded                 | left out: bookings from PMS off |
| comes from a channel, and its bookings are not rewarded               | left out: channel off           |
| has no member (``matching.py``)                                       | left out, with that reason      |
| comes from the PMS, without a night on a rate plan with membership    | left out: no membership rate    |
| is not completed yet (``bookings.completion``)                        | waiting                         |
| otherwise                                                             | due on departure + delay        |
"""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal

from bookings.completion import Completion, completion
from loyalty.matching import Match


@dataclass(frozen=True, slots=True)
class BookingFacts:
    """A booking as eligibility sees it. ``departure`` is the actual day once known."""

    source: str
    status: str
    departure: date
    merged: bool
    pms_reports: bool
    has_membership_rate: bool


@dataclass(frozen=True, slots=True)
class Switches:
    """The calculation settings of the membership type."""

    delay_days: int
    reward_pms: bool
    reward_channel: bool


@dataclass(frozen=True, slots=True)
class Verdict:
    """The Stay row that follows: ``state`` and ``reason`` are ``Stay.State`` and ``Stay.Reason``."""

    state: str
    reason: str
    due_on: date
    member_id: int | None
    multiplier: Decimal


def verdict(booking: BookingFacts, *, switches: Switches, found: Match, today: date) -> Verdict:
    """``today`` is the day at the property."""
    due_on = booking.departure + timedelta(days=switches.delay_days)
    reason = _left_out(booking, switches) or found.reason
    if not reason and booking.source == "pms" and not booking.has_membership_rate:
        reason = "no_membership_rate"
    member_id = found.member.id if found.member else None
    if reason:
        return Verdict("left_out", reason, due_on, member_id, found.multiplier)
    done = completion(
        status=booking.status, pms_reports=booking.pms_reports, departure=booking.departure, today=today
    )
    state = "due" if done is Completion.COMPLETED else "waiting"
    return Verdict(state, "", due_on, member_id, found.multiplier)


def _left_out(booking: BookingFacts, switches: Switches) -> str:
    if booking.merged:
        return "merged"
    if booking.status in ("cancelled", "no_show"):
        return booking.status
    if booking.source == "pms" and not switches.reward_pms:
        return "pms_off"
    if booking.source == "channel_manager" and not switches.reward_channel:
        return "channel_off"
    return ""
