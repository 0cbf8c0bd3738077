"""9,999 real reservations of a resort hotel: imported, calculated, and checked against sums worked out from the file
itself, with nothing of ours in between."""

import csv
from collections import Counter
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

import pytest
from django.core.management import call_command
from django.db.models import Count, Sum

from bookings.models import RatePlan
from loyalty import audit
from loyalty.models import EarningRule, LedgerEntry, PointsAccount, Stay
from tests.bookings import resort_hotel
from tests.loyalty.conftest import Programme

MEMBERS = 300
MEMBERSHIP_MEALS = {"BB", "HB"}  # the meal is the rate plan; these two earn
LONG_AFTERWARDS = datetime(2018, 6, 30, 12, tzinfo=UTC)

pytestmark = [resort_hotel.needs_resort_hotel, pytest.mark.long, pytest.mark.django_db(transaction=True)]


def expected() -> tuple[Counter[str], Counter[int], Decimal, int]:
    """(stays by what becomes of them, points by member, money, nights), at 5 % rounded down a stay."""
    states: Counter[str] = Counter()
    points: Counter[int] = Counter()
    money, nights_in_all = Decimal(0), 0
    with resort_hotel.FILE.open(newline="") as file:
        for line, row in enumerate(csv.DictReader(file), start=2):
            if row["reservation_status"] != "Check-Out":
                states["cancelled" if row["reservation_status"] == "Canceled" else "no_show"] += 1
                continue
            if row["meal"].strip() not in MEMBERSHIP_MEALS:
                states["no_membership_rate"] += 1
                continue
            month = datetime.strptime(row["arrival_date_month"], "%B").month
            arrival = date(int(row["arrival_date_year"]), month, int(row["arrival_date_day_of_month"]))
            left = datetime.strptime(row["reservation_status_date"], "%m/%d/%Y").date()
            booked = int(row["stays_in_weekend_nights"]) + int(row["stays_in_week_nights"])
            nights = (left - arrival).days
            paid = Decimal(row["adr"]) * max(booked, 1)
            if not nights and not paid:
                states["nothing_to_earn"] += 1
                continue
            states["credited"] += 1
            points[line % MEMBERS] += int(paid * 5 / 100)
            money += paid
            nights_in_all += nights
    return states, points, money, nights_in_all


def test_totals_are_those_of_the_file(programme: Programme, tmp_path: Path) -> None:
    EarningRule.objects.update(valid_from=date(2010, 1, 1))
    RatePlan.objects.all().delete()
    for meal in MEMBERSHIP_MEALS:
        RatePlan.objects.create(property=programme.hotel, code=meal, membership=True)
    cards = [programme.join(on=date(2000, 1, 1)).card_number for _ in range(MEMBERS)]
    file = tmp_path / "resort.csv"
    resort_hotel.write_import_file(file, members=MEMBERS, card_number=cards.__getitem__)

    call_command("import_bookings", str(file), "--property", programme.hotel.code, "--source", "pms")
    programme.calculate(till=LONG_AFTERWARDS.date(), at=LONG_AFTERWARDS)

    states, points, money, nights = expected()
    found = Counter(
        dict(Stay.objects.exclude(reason="").values_list("reason").annotate(Count("pk")).order_by())
    )
    found["credited"] = LedgerEntry.objects.count()
    assert found == states
    sums = LedgerEntry.objects.aggregate(Sum("points"), Sum("money"), Sum("nights"))
    assert (sums["money__sum"], sums["nights__sum"]) == (money, nights)
    assert sums["points__sum"] == points.total()
    balances = PointsAccount.objects.values_list("membership__card_number", "balance")
    assert dict(balances) == {card: points[member] for member, card in enumerate(cards)}
    assert not list(audit.audit())


def test_month_by_month_a_member_is_credited_in_order_of_departure(
    programme: Programme, tmp_path: Path
) -> None:
    EarningRule.objects.update(valid_from=date(2010, 1, 1))
    card = programme.join(on=date(2000, 1, 1)).card_number
    file = tmp_path / "resort.csv"
    resort_hotel.write_import_file(
        file, members=MEMBERS, card_number=lambda member: card if member < 9 else ""
    )
    RatePlan.objects.create(property=programme.hotel, code="BB", membership=True)
    call_command("import_bookings", str(file), "--property", programme.hotel.code, "--source", "pms")

    till = date(2015, 7, 1)
    while till < LONG_AFTERWARDS.date():
        programme.calculate(till=till, at=LONG_AFTERWARDS)
        till += timedelta(days=30)

    effective = list(LedgerEntry.objects.order_by("number").values_list("effective_date", "booking_id"))
    assert len(effective) > 50
    assert effective == sorted(effective)
    assert not list(audit.audit())
