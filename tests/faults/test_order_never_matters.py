"""A year cut into runs, chunks and four worker processes, in many ways: the same entries each time, but for id,
``posted_on`` and the dates counted from it (design, section 6)."""

import random
import subprocess
import sys
from datetime import date, timedelta

import pytest
from django.test import override_settings

from loyalty import audit
from loyalty.jobs import runner
from loyalty.models import Job, LevelChange, MembershipType
from tests.faults import year

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]

LAST_TILL = date(year.YEAR + 1, 1, 31)


def tills(days: int) -> list[date]:
    """Every so many days through the year, and the last."""
    first = date(year.YEAR, 1, 10)
    return [first + timedelta(days=step) for step in range(0, 380, days)] + [LAST_TILL]


def run(kind: MembershipType, *, till: date) -> None:
    runner.ask(
        process=Job.Process.CALCULATE_POINTS, membership_type=kind, till=till, by=None, at=year.AFTERWARDS
    )
    runner.plan_waiting(clock=lambda: year.AFTERWARDS)
    runner.work(clock=lambda: year.AFTERWARDS)


def run_on_four_processes(kind: MembershipType) -> None:
    runner.ask(
        process=Job.Process.CALCULATE_POINTS,
        membership_type=kind,
        till=LAST_TILL,
        by=None,
        at=year.AFTERWARDS,
    )
    runner.plan_waiting(clock=lambda: year.AFTERWARDS)
    program = (
        "import django; django.setup()\n"
        "from django.utils import timezone\nfrom loyalty.jobs import runner\nrunner.work(clock=timezone.now)"
    )
    workers = [
        subprocess.Popen([sys.executable, "-c", program], cwd=year.ROOT,
                         env=year.environment(DJANGO_SETTINGS_MODULE="config.settings"))
        for _ in range(4)
    ]  # fmt: skip
    assert [worker.wait(120) for worker in workers] == [0, 0, 0, 0]


def test_however_it_is_cut() -> None:
    kind = year.make(members=60, stays_each=12)
    run(kind, till=LAST_TILL)
    in_one = year.ledger()
    assert len(in_one) > 720
    assert LevelChange.objects.count() > 60
    chance = random.Random(1)

    for size, cut in [
        (1, [LAST_TILL]),
        (7, tills(30)),
        (100, tills(7)),
        (50_000, tills(1)),
        (chance.randint(2, 60), [*sorted(chance.sample(tills(3), 20)), LAST_TILL]),
        (chance.randint(2, 60), [*sorted(chance.sample(tills(3), 20)), LAST_TILL]),
    ]:
        year.start_again(kind)
        with override_settings(CALCULATION_CHUNK_SIZE=size):
            for till in cut:
                run(kind, till=till)
        assert year.ledger() == in_one, f"chunks of {size}, {len(cut)} runs"
        assert not list(audit.audit())

    year.start_again(kind)
    with override_settings(CALCULATION_CHUNK_SIZE=20):
        run_on_four_processes(kind)
    assert year.ledger() == in_one, "four processes"
    assert not list(audit.audit())
