"""May this stay earn? The table of ``loyalty/eligibility.py``, row by row (design, section 6)."""

from dataclasses import replace
from datetime import date

import pytest

from loyalty.eligibility import BookingFacts, Switches, verdict
from loyalty.matching import Match, Member

MEMBER = Match(Member(1, 1, 1, True, date(2020, 1, 1)))
BOOKING = BookingFacts(
    source="pms",
    status="checked_out",
    departure=date(2026, 6, 3),
    merged=False,
    pms_reports=True,
    has_membership_rate=True,
)
ALL_ON = Switches(delay_days=5, reward_pms=True, reward_channel=True)
TODAY = date(2026, 6, 30)


def said(
    booking: BookingFacts, found: Match = MEMBER, today: date = TODAY, **switches: object
) -> tuple[str, str]:
    result = verdict(booking, switches=replace(ALL_ON, **switches), found=found, today=today)
    return result.state, result.reason


@pytest.mark.parametrize("source", ["pms", "booking_engine", "channel_manager", "manual"])
def test_a_checked_out_stay_of_a_member_is_due(source: str) -> None:
    assert said(replace(BOOKING, source=source, pms_reports=source == "pms")) == ("due", "")


def test_due_on_departure_plus_delay() -> None:
    result = verdict(BOOKING, switches=ALL_ON, found=MEMBER, today=TODAY)

    assert (result.due_on, result.member_id) == (date(2026, 6, 8), 1)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        ({"merged": True}, "merged"),
        ({"status": "cancelled"}, "cancelled"),
        ({"status": "no_show"}, "no_show"),
        ({"has_membership_rate": False}, "no_membership_rate"),
    ],
)
def test_left_out(change: dict[str, object], reason: str) -> None:
    assert said(replace(BOOKING, **change)) == ("left_out", reason)


def test_a_booking_without_a_member_is_left_out_with_the_reason_of_the_match() -> None:
    assert said(BOOKING, Match(None, "unknown_card")) == ("left_out", "unknown_card")


def test_the_membership_flag_of_the_rate_plan_is_asked_of_the_pms_only() -> None:
    assert said(replace(BOOKING, source="booking_engine", has_membership_rate=False)) == ("due", "")


@pytest.mark.parametrize(
    ("source", "switch", "reason"),
    [("pms", "reward_pms", "pms_off"), ("channel_manager", "reward_channel", "channel_off")],
)
def test_each_switch_stops_its_own_source(source: str, switch: str, reason: str) -> None:
    assert said(replace(BOOKING, source=source), **{switch: False}) == ("left_out", reason)
    assert said(replace(BOOKING, source="booking_engine"), **{switch: False}) == ("due", "")


@pytest.mark.parametrize("status", ["reserved", "in_house"])
@pytest.mark.parametrize(
    ("pms_reports", "today", "state"),
    [
        (True, date(2026, 6, 30), "waiting"),  # the PMS will say when the guest leaves
        (False, date(2026, 6, 3), "waiting"),  # the day of departure has not passed
        (False, date(2026, 6, 4), "due"),
    ],
)
def test_completed_by_check_out_or_where_no_pms_reports_by_the_date(
    status: str, pms_reports: bool, today: date, state: str
) -> None:
    source = "pms" if pms_reports else "booking_engine"
    booking = replace(BOOKING, source=source, status=status, pms_reports=pms_reports)

    assert said(booking, today=today) == (state, "")
