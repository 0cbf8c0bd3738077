"""An entry's page is a bill that a reader can check by hand."""

import re
from decimal import Decimal
from html import unescape
from typing import Any

import pytest

from bookings.models import RatePlan, TransactionCode
from loyalty.models import LedgerEntry, LevelChange, PointsLot, Stay
from tests import factories
from tests.extranet import address, browser, house, text_of, worker

pytestmark = pytest.mark.django_db


def plain(response: Any) -> str:
    """The page's words without its tags."""
    content = re.search(r'<div id="content-main">(.*)', response.content.decode(), re.DOTALL)
    return " ".join(unescape(re.sub(r"<[^>]+>", " ", content.group(1) if content else "")).split())


def test_a_worked_example() -> None:
    """€306 for six nights and a spa bill of €50: 5 % of both, and 12.5 a night on top; the minibar has no flag."""
    place = house("Seaside", hotel="SEA1", points_label="Miles")
    type(place.rule).objects.filter(pk=place.rule.pk).update(including_extras=True, name="Five percent")
    factories.EarningRuleFactory(
        membership_type=place.type, kind="bonus", method="per_night", value=Decimal("12.5"), name="Nights"
    )
    TransactionCode.objects.filter(code="SPA").update(membership=True)
    place.stay(place.join(first_name="Ada", last_name="Byron"), "R1", room_revenue=Decimal("306.50"))
    job = place.calculate()
    entry = LedgerEntry.objects.get()

    page = browser(worker("Programme manager", at=place)).get(address(entry, "change"))

    shown = plain(page)
    assert "Level held before the stay: Base 6 room nights count." in shown
    assert "Room €306.50 – €306.50 Extra services €50.00 – €50.00" in shown
    assert "Five percent Base 5 % of €356.50 = 17.825, rounded down to 17 17 Miles" in shown
    assert "Nights Bonus 6 nights × 12.5 = 75 75 Miles" in shown
    assert "This entry 92 Miles Balance after it 92 Miles" in shown
    assert "Earnings in money €356.50" in shown
    assert "Tier points 17 Miles" in shown
    assert "Booking R1, version 1" in shown
    raw = text_of(page)
    stay = Stay.objects.get()
    for row in (entry.account.membership, entry.booking, stay, job):
        assert f'href="{address(row, "change")}"' in raw
    assert "idempotency" not in raw
    assert "{&quot;" not in raw


def test_what_did_not_count_is_said() -> None:
    place = house("Seaside", hotel="SEA1")
    RatePlan.objects.create(property=place.hotel, code="COMP")
    place.stay(place.join(), "R1")  # its spa bill: the code has no membership flag
    place.calculate()
    page = browser(worker("Accountant", at=place)).get(address(LedgerEntry.objects.get(), "change"))
    assert "€50.00 for SPA: the transaction code has no membership flag." in plain(page)


def test_lots_and_level_changes_name_the_member_and_the_points() -> None:
    place = house("Seaside", hotel="SEA1", points_label="Miles")
    place.stay(place.join(first_name="Ada", last_name="Byron"), "R1")
    place.calculate()
    client = browser(worker("Marketing", at=place))
    for model in (PointsLot, LevelChange):
        assert "Ada Byron" in text_of(client.get(address(model)))
        assert "Ada Byron" in plain(client.get(address(model.objects.get(), "change")))
    assert "15 Miles" in plain(client.get(address(PointsLot.objects.get(), "change")))
    assert "Base → Silver" in plain(client.get(address(LevelChange.objects.get(), "change")))
