"""Calculate points beside its floor, in one run, on one database, from one process.

The floor is the same work (same rows, explanations, keys, triggers, constraints) as one hand-written set-based SQL
transaction; both leave the very same ledger, which is checked. The loop is what plain ORM code would do: one transaction
a stay.
"""

import statistics
import subprocess
import sys
import time
from collections.abc import Callable
from datetime import UTC, date, datetime
from decimal import Decimal
from pathlib import Path
from typing import Any

from django.db import connection, transaction

from bookings.models import ExchangeRate, PropertyGroup, RatePlan, TransactionCode
from bookings.staging import next_ids
from loyalty import due_stays, expiry, ledger
from loyalty.earning import points_for
from loyalty.jobs import calculate_points, runner
from loyalty.levels import level_reached
from loyalty.models import (
    EarningRule,
    EarningRuleRate,
    ExpiryPolicy,
    Job,
    JobChunk,
    LedgerEntry,
    Level,
    LevelChange,
    Membership,
    MembershipType,
    PointsAccount,
    PointsLot,
    Stay,
)
from tests import factories

HERE = Path(__file__).parent
AT = datetime(2026, 6, 30, 12, tzinfo=UTC)
TODAY = date(2026, 6, 30)
# What the job and the floor must agree on, entry for entry.
LEDGER = """
    SELECT md5(string_agg(concat_ws('|', account_id, number, idempotency_key, content_hash, points, tier_points, nights,
        money, balance_after, explanation::text), E'\n' ORDER BY account_id, number)) FROM loyalty_ledgerentry
"""


class Ground:
    """A database with N stays, that can be put back to the start."""

    def __init__(self, stays: int) -> None:
        self.stays = stays
        empty_database()
        self.parameters = {
            **_programme(),
            "stays": stays,
            "till": TODAY,
            "today": TODAY,
            "currency": "EUR",
            "job": None,
        }
        script("synthetic.sql", self.parameters)

    @property
    def type(self) -> MembershipType:
        return MembershipType.objects.get(pk=self.parameters["type"])

    def reset(self) -> None:
        script("reset.sql", self.parameters)
        with connection.cursor() as cursor:
            cursor.execute("VACUUM ANALYZE")
            cursor.execute("CHECKPOINT")


def empty_database() -> None:
    tables = ", ".join(
        f'"{model._meta.db_table}"'
        for model in [*_models_of("bookings"), *_models_of("loyalty")]
        if model._meta.managed and not model._meta.proxy
    )
    with connection.cursor() as cursor:
        cursor.execute(f"TRUNCATE {tables} RESTART IDENTITY CASCADE")


def _models_of(app: str) -> list[Any]:
    from django.apps import apps

    return list(apps.get_app_config(app).get_models())


def script(name: str, parameters: dict[str, Any]) -> None:
    with transaction.atomic(), connection.cursor() as cursor:
        for statement in (HERE / name).read_text().split(";\n"):
            if any(line.strip() and not line.startswith("--") for line in statement.splitlines()):
                cursor.execute(statement, parameters)


def _programme() -> dict[str, Any]:
    group: PropertyGroup = factories.GroupFactory()
    eur = factories.PropertyFactory(group=group)
    gbp = factories.PropertyFactory(group=group, currency="GBP", time_zone="Europe/London")
    for hotel in (eur, gbp):
        RatePlan.objects.create(property=hotel, code="BAR", membership=True)
        TransactionCode.objects.create(property=hotel, code="EXTRAS", membership=True)
    for month in range(1, 13):
        ExchangeRate.objects.create(
            group=group, from_currency="GBP", to_currency="EUR", rate=Decimal("1.15") + Decimal(month) / 1000,
            valid_from=date(2025, month, 1),
        )  # fmt: skip
    kind: MembershipType = factories.MembershipTypeFactory(group=group)
    ExpiryPolicy.objects.filter(membership_type=kind).update(months=24)
    rule = EarningRule.objects.create(
        membership_type=kind, name="By level", method="percentage", including_extras=True, by_level=True,
        valid_from=date(2020, 1, 1),
    )  # fmt: skip
    for level in Level.objects.filter(membership_type=kind):
        EarningRuleRate.objects.create(rule=rule, level=level, value=4 + level.rank)
    base = Level.objects.get(membership_type=kind, rank=1)
    return {
        "group": group.pk, "eur_hotel": eur.pk, "gbp_hotel": gbp.pk, "type": kind.pk, "rule": rule.pk,
        "base_level": base.pk,
    }  # fmt: skip


def run_job(ground: Ground) -> None:
    runner.ask(process=Job.Process.CALCULATE_POINTS, membership_type=ground.type, till=TODAY, by=None, at=AT)
    runner.plan_waiting(clock=lambda: AT)
    runner.work(clock=lambda: AT)


def run_floor(ground: Ground) -> None:
    job = Job.objects.create(
        process=Job.Process.CALCULATE_POINTS, membership_type=ground.type, till_date=TODAY
    )
    script("calculation_floor.sql", {**ground.parameters, "job": job.pk})


def run_loop(ground: Ground) -> None:
    """One transaction a stay, as a plain ORM view would write it."""
    using = due_stays.setting(membership_type=ground.type, at=AT)
    for stay in Stay.objects.filter(state="due").order_by("membership", "departure_date", "booking"):
        with transaction.atomic():
            _one(stay, using)


def _one(stay: Stay, using: due_stays.Setting) -> None:
    account = PointsAccount.objects.select_for_update(no_key=True).get(pk=stay.membership_id)
    membership = Membership.objects.get(pk=stay.membership_id)
    booking = stay.booking
    due = due_stays.DueStay(
        stay.pk, booking.pk, stay.seat, membership.pk, stay.booking_version, stay.due_on, stay.multiplier,
        booking.version, booking.property_id, booking.source, booking.arrival_date, booking.departure_date,
        booking.currency, f"stay:{booking.pk}:{stay.seat}",
    )  # fmt: skip
    nights = [
        due_stays.Night(night.date, night.rate_plan_code, night.room_nights, night.amount)
        for night in booking.nights.filter(version=stay.booking_version)
    ]
    charges = [
        due_stays.Charge(line.transaction_code, line.kind, line.amount, line.currency)
        for line in booking.folio_lines.filter(version=stay.booking_version)
    ]
    facts = due_stays.stay_facts(due, nights=nights, charges=charges, using=using)
    level = calculate_points._level(using.programme, membership.level_id)
    earned = points_for(facts, programme=using.programme, level=level)
    account.balance += earned.points
    account.tier_points += earned.tier_points
    account.nights += earned.nights
    account.stays += 1
    account.money += earned.money
    account.last_number += 1
    account.last_posted_on = TODAY
    account.save()
    (entry_id,) = next_ids("loyalty_ledgerentry", 1)
    credit = calculate_points._credit(due, earned)
    PointsLot.objects.create(
        entry_id=entry_id, account=account, points=earned.points, remaining=earned.points,
        expires_on=expiry.expires_on(TODAY, months=24),
    )  # fmt: skip
    entry = LedgerEntry.objects.create(
        id=entry_id, account=account, membership_type_id=stay.membership_type_id, number=account.last_number,
        kind="stay", posted_on=TODAY, effective_date=due.departure, points=earned.points,
        tier_points=earned.tier_points, nights=earned.nights, stays=1, money=earned.money,
        balance_after=account.balance, idempotency_key=due.key,
        content_hash=ledger.content_hash(account.pk, credit), explanation=earned.explanation,
        property_id=due.property_id, booking=booking, booking_version=due.version,
    )  # fmt: skip
    stay.state, stay.entry = "calculated", entry
    stay.save(update_fields=["state", "entry"])
    reached = level_reached(
        using.programme.levels, measure="nights", held=level, nights=account.nights, money=account.money
    )
    if reached is not level:
        LevelChange.objects.create(
            membership=membership, from_level_id=level.id, to_level_id=reached.id, entry=entry, posted_on=TODAY,
            effective_date=due.departure, nights=account.nights, money=account.money,
        )  # fmt: skip
        membership.level_id = reached.id
        membership.save(update_fields=["level"])


def timed(ground: Ground, run: Callable[[Ground], None]) -> tuple[float, str]:
    """(seconds, the fingerprint of the ledger that it left)."""
    ground.reset()
    began = time.perf_counter()
    run(ground)
    seconds = time.perf_counter() - began
    with connection.cursor() as cursor:
        cursor.execute(LEDGER)
        (fingerprint,) = cursor.fetchone()
    assert LedgerEntry.objects.count() == ground.stays, "every stay has its entry"
    return seconds, fingerprint


def compare(ground: Ground, *, rounds: int, warm_up: bool = True) -> dict[str, Any]:
    """Medians of interleaved rounds."""
    seconds: dict[str, list[float]] = {"job": [], "floor": []}
    fingerprints = set()
    for number in range(rounds + warm_up):
        for name, run in (("job", run_job), ("floor", run_floor)):
            taken, fingerprint = timed(ground, run)
            fingerprints.add(fingerprint)
            if number >= warm_up:
                seconds[name].append(taken)
    assert len(fingerprints) == 1, "job and floor left different ledgers"
    medians = {name: statistics.median(values) for name, values in seconds.items()}
    return {"stays": ground.stays, "rounds": rounds, **medians, "ratio": medians["floor"] / medians["job"]}


def worker_memory(ground: Ground) -> float:
    """Peak memory, in MB, of a process that works the whole job."""
    ground.reset()
    runner.ask(process=Job.Process.CALCULATE_POINTS, membership_type=ground.type, till=TODAY, by=None, at=AT)
    shown = subprocess.run(
        [sys.executable, "-m", "tests.bench.worker"], check=True, capture_output=True, text=True
    ).stdout  # fmt: skip
    assert not JobChunk.objects.exclude(state="done").exists()
    return float(shown)
