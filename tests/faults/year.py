"""A year of a small group: members, stays in two currencies, four levels. And worker processes on the test database."""

import os
import random
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, date, datetime, timedelta
from decimal import Decimal
from pathlib import Path

from django.conf import settings
from django.db import connection

from bookings.intake import record_bookings
from bookings.models import ExchangeRate, Property, RatePlan
from config import embedded
from loyalty import enrolment, stays
from loyalty.models import EarningRule, EarningRuleRate, LedgerEntry, LevelChange, Membership, MembershipType
from tests import factories

ROOT = Path(__file__).resolve().parents[2]
YEAR = 2025
AFTERWARDS = datetime(YEAR + 1, 2, 1, 12, tzinfo=UTC)


def make(*, members: int, stays_each: int) -> MembershipType:
    """A programme whose rate rises with the level, so that the order of stays shows in the points."""
    kind = factories.MembershipTypeFactory()
    hotels = [
        factories.PropertyFactory(group=kind.group, code=code, currency=currency, time_zone=zone)
        for code, currency, zone in [("BER", "EUR", "Europe/Berlin"), ("LON", "GBP", "Europe/London")]
    ]
    for hotel in hotels:
        RatePlan.objects.create(property=hotel, code="BAR", membership=True)
    ExchangeRate.objects.create(
        group=kind.group,
        from_currency="GBP",
        to_currency="EUR",
        rate=Decimal("1.17"),
        valid_from=date(YEAR, 1, 1),
    )
    rule = EarningRule.objects.create(
        membership_type=kind, name="By level", method="percentage", by_level=True, valid_from=date(2020, 1, 1)
    )
    for level in kind.levels.all():
        EarningRuleRate.objects.create(rule=rule, level=level, value=3 + 2 * level.rank)
    chance = random.Random(YEAR)
    cards = [
        enrolment.join(
            guest=factories.GuestFactory(group=kind.group), membership_type=kind, by=None, on=date(2020, 1, 1)
        )
        for _ in range(members)
    ]
    messages = [
        _stay(chance, chance.choice(hotels), card, f"{card.pk}-{number}")
        for card in cards
        for number in range(stays_each)
    ]
    chance.shuffle(messages)
    by_code = {hotel.code: hotel for hotel in hotels}
    record_bookings(messages=messages, properties=by_code, by="test", at=AFTERWARDS)
    stays.sweep(group=kind.group, at=AFTERWARDS)
    return kind


def _stay(chance: random.Random, hotel: Property, card: Membership, number: str) -> object:
    arrival = date(YEAR, 1, 1) + timedelta(days=chance.randrange(350))
    nights = chance.randint(1, 4)
    return factories.booking_message(
        hotel,
        card=card.card_number,
        number=number,
        arrival=arrival,
        departure=arrival + timedelta(days=nights),
        room_revenue=Decimal(chance.randint(5000, 90000)) / 100,
    )


def ledger() -> list[tuple[object, ...]]:
    """Every entry and level change, but for ids, jobs and the dates of posting."""
    entries = LedgerEntry.objects.order_by("account", "number").values_list(
        "account", "number", "idempotency_key", "effective_date", "points", "tier_points", "nights", "stays", "money",
        "balance_after", "explanation", "content_hash", "booking", "booking_version",
    )  # fmt: skip
    moves = LevelChange.objects.order_by("membership", "entry__number").values_list(
        "membership", "from_level", "to_level", "entry__number", "effective_date", "nights", "money"
    )
    return [*entries, *moves]


def start_again(kind: MembershipType) -> None:
    """An empty ledger and every stay due."""
    base = kind.levels.get(rank=1)
    with connection.cursor() as cursor:
        cursor.execute(
            "SET session_replication_role = replica;"  # past the triggers
            "UPDATE loyalty_stay SET state = 'due', reason = '', entry_id = NULL WHERE state = 'calculated';"
            "DELETE FROM loyalty_levelchange; DELETE FROM loyalty_pointslot; DELETE FROM loyalty_ledgerentry;"
            "DELETE FROM loyalty_jobchunk; DELETE FROM loyalty_jobprogress; DELETE FROM loyalty_job;"
            "UPDATE loyalty_pointsaccount SET balance = 0, tier_points = 0, nights = 0, stays = 0, money = 0,"
            " last_number = 0, last_posted_on = NULL;"
            f"UPDATE loyalty_membership SET level_id = {base.pk};"
            "SET session_replication_role = origin"
        )


BROKER_DB = 9  # the tests' own queue on the test run's Valkey


def environment(**values: str) -> dict[str, str]:
    """For a process that works on the test database."""
    name = str(settings.DATABASES["default"]["NAME"])
    broker = {} if settings.REDIS_URL else {"CELERY_BROKER_URL": embedded.broker_url(BROKER_DB)}
    return {**os.environ, "DB_NAME": name, "PYTHONPATH": str(ROOT), **broker, **values}


@contextmanager
def celery_worker(**values: str) -> Iterator[subprocess.Popen[bytes]]:
    """A real worker with two processes; killed at the end with all its children, if it still lives."""
    worker = subprocess.Popen(
        [
            sys.executable,
            "-m",
            "celery",
            "-A",
            "config",
            "worker",
            "--loglevel",
            "WARNING",
            "--concurrency",
            "2",
        ],
        cwd=ROOT,
        env=environment(**values),
        start_new_session=True,
    )
    try:
        yield worker
    finally:
        kill(worker)


def kill(worker: subprocess.Popen[bytes]) -> None:
    """``kill -9`` of the worker and of every process that it started."""
    try:
        os.killpg(worker.pid, 9)
    except ProcessLookupError:
        return
    worker.wait()


def wait_until(condition: Callable[[], bool], *, seconds: float = 60) -> None:
    deadline = time.monotonic() + seconds
    while not condition():
        assert time.monotonic() < deadline, "it did not happen in time"
        time.sleep(0.05)
