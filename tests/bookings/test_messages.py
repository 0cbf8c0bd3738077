"""The neutral shape: how it is stored, what makes two messages equal, and what no booking can be."""

import json
from dataclasses import replace
from datetime import UTC, date, datetime, timedelta, timezone
from decimal import Decimal

import pytest

from bookings.impossible import problems
from bookings.messages import (
    BookingMessage,
    CardMessage,
    FolioLineMessage,
    GuestMessage,
    NightMessage,
    ProfileMessage,
    card_key,
)

STAY = BookingMessage(
    property_code="HOTEL",
    source="pms",
    number="1",
    status="checked_out",
    arrival=date(2026, 6, 1),
    departure=date(2026, 6, 3),
    currency="EUR",
)


class TestStoring:
    def test_dates_in_iso_instants_in_utc_amounts_as_text_defaults_left_out(self) -> None:
        message = replace(
            STAY,
            booked_at=datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))),
            total=Decimal("1234.50"),
            rooms=2,
            guests=(
                GuestMessage("Ada", cards=(CardMessage("77", primary=True, multiplier=Decimal("1.50")),)),
            ),
            nights=(NightMessage(date(2026, 6, 1), Decimal(0)),),
        )
        assert message.as_json() == {
            "property_code": "HOTEL",
            "source": "pms",
            "number": "1",
            "status": "checked_out",
            "arrival": "2026-06-01",
            "departure": "2026-06-03",
            "currency": "EUR",
            "booked_at": "2026-05-01T10:00:00+00:00",
            "total": "1234.5",
            "rooms": 2,
            "guests": [
                {"first_name": "Ada", "cards": [{"number": "77", "primary": True, "multiplier": "1.5"}]}
            ],
            "nights": [{"date": "2026-06-01", "amount": "0"}],
        }

    def test_the_stored_text_is_the_stored_form(self) -> None:
        message = replace(STAY, updated_at=datetime(2026, 6, 4, 9, tzinfo=UTC), market='"quoted"')
        assert json.loads(message.stored().payload) == message.as_json()
        assert json.loads(STAY.stored().payload) == STAY.as_json()

    def test_equal_contents_have_one_hash(self) -> None:
        equal = replace(
            STAY,
            total=Decimal("0.000"),
            updated_at=datetime(2026, 6, 4, tzinfo=UTC),
            booked_at=datetime(2026, 5, 1, 10, tzinfo=UTC),
        )
        other_zone = replace(equal, booked_at=datetime(2026, 5, 1, 12, tzinfo=timezone(timedelta(hours=2))))
        assert replace(equal, booked_at=None).content_hash() == STAY.content_hash()
        assert other_zone.content_hash() == equal.content_hash()
        assert len(STAY.content_hash()) == 64

    @pytest.mark.parametrize(
        "change",
        [
            {"number": "2"},
            {"leg": "2"},
            {"total": Decimal("0.01")},
            {"guests": (GuestMessage("Ada"),)},
            {"guests": (GuestMessage(last_name="Ada"),)},
            {"nights": (NightMessage(date(2026, 6, 1), Decimal(0)),)},
        ],
    )
    def test_any_other_word_has_another_hash(self, change: dict[str, object]) -> None:
        assert replace(STAY, **change).content_hash() != STAY.content_hash()


def test_a_card_number_is_compared_in_capitals_without_spaces_and_hyphens() -> None:
    assert card_key(" ab 12-3") == "AB123"


class TestImpossible:
    def test_nothing_is_wrong_with_unknown_codes_and_odd_nights(self) -> None:
        message = replace(
            STAY,
            room_type="??",
            nights=(NightMessage(date(2030, 1, 1), Decimal(-5), "no such plan"),),
            guests=(GuestMessage(phone="call me", email="-", language="klingon, fluent"),),
            folio_lines=(FolioLineMessage("ZZ", Decimal("-3.125"), "USD", date(2026, 6, 1), "rebate", 8),),
        )
        assert list(problems(message)) == []

    @pytest.mark.parametrize(
        ("change", "said"),
        [
            ({"number": ""}, "number: is empty; the source's own booking number is needed"),
            ({"number": "x" * 81}, "number: is 81 characters long; at most 80 are accepted"),
            (
                {"source": "fax"},
                "source: 'fax' is unknown; accepted: pms, booking_engine, channel_manager, manual",
            ),
            (
                {"status": "gone"},
                "status: 'gone' is unknown; accepted: reserved, in_house, checked_out, cancelled, no_show",
            ),
            (
                {"currency": "eur"},
                "currency: 'eur' is not an ISO 4217 currency; write three capitals, such as EUR",
            ),
            ({"departure": date(2026, 5, 31)}, "departure: 2026-05-31 is before the arrival 2026-06-01"),
            ({"departure": date(2029, 6, 3)}, "departure: 2029-06-03 is over 1000 nights after the arrival"),
            ({"checked_out": date(2026, 5, 31)}, "checked_out: 2026-05-31 is before the arrival 2026-06-01"),
            (
                {"checked_in": date(202, 6, 1)},
                "checked_in: 0202-06-01 is out of time; accepted: the years 1900 to 2200",
            ),
            ({"updated_at": datetime(2026, 6, 4)}, "updated_at: 2026-06-04 00:00:00 has no time zone"),
            ({"rooms": 0}, "rooms: 0 is not a number of rooms; accepted: 1 to 1000"),
            ({"total": Decimal(-1)}, "total: -1 is negative; zero or more is accepted"),
            ({"total": Decimal("NaN")}, "total: NaN is not an amount; accepted: up to 999999999999.999"),
            (
                {"prepayment": Decimal("1e12")},
                "prepayment: 1E+12 is not an amount; accepted: up to 999999999999.999",
            ),
            ({"room_revenue": Decimal("0.0001")}, "room_revenue: 0.0001 has more than three decimal places"),
            ({"market": "a\0b"}, "market: 'a\\x00b' holds characters that are not text"),
            (
                {"profiles": (ProfileMessage("boss", "Ann"),)},
                "profiles[0].role: 'boss' is unknown; accepted: company, travel_agent, source, group",
            ),
            (
                {"guests": (GuestMessage("\ud800"),)},
                "guests[0].first_name: '\\ud800' holds characters that are not text",
            ),
            ({"guests": (GuestMessage(),) * 1001}, "guests: are 1001; at most 1000 are accepted"),
            (
                {"guests": (GuestMessage(cards=(CardMessage("1", multiplier=Decimal("0.001")),)),)},
                "guests[0].cards.multiplier: 0.001 is no multiplier; "
                "accepted: above 0, below 10000, two decimal places",
            ),
            (
                {"nights": (NightMessage(date(2026, 6, 1), Decimal(1)),) * 2},
                "nights: the same date comes twice; accepted: one row a night, for all rooms",
            ),
            (
                {"folio_lines": (FolioLineMessage("SPA", Decimal(1), "EUR", date(2026, 6, 1), window=9),)},
                "folio_lines[0].window: 9 is no folio window; accepted: 1 to 8",
            ),
        ],
    )
    def test_what_is_said_of_it(self, change: dict[str, object], said: str) -> None:
        assert [str(problem) for problem in problems(replace(STAY, **change))] == [said]

    def test_all_that_is_wrong_is_said(self) -> None:
        wrong = replace(STAY, number="", rooms=-1, currency="")
        assert [problem.field for problem in problems(wrong)] == ["number", "currency", "rooms"]
