"""Asking for a job, cutting it into chunks, and what becomes of a chunk that fails."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import pytest
from django.db import connection
from pytest_django import Settings

from bookings.models import ExchangeRate
from loyalty.jobs import runner
from loyalty.models import EarningRule, Job, JobChunk, JobProgress, LedgerEntry, PointsAccount, Stay
from tests import factories
from tests.loyalty.conftest import Programme, points

TILL = date(2026, 6, 30)


def ask(programme: Programme, till: date = TILL, at: datetime = factories.NOON) -> tuple[Job, bool]:
    return runner.ask(
        process=Job.Process.CALCULATE_POINTS, membership_type=programme.type, till=till, by=None, at=at
    )


def plan() -> int:
    return runner.plan_waiting(clock=lambda: factories.NOON)


def work() -> None:
    runner.work(clock=lambda: factories.NOON)


class TestAsking:
    def test_records_a_job_that_waits(self, programme: Programme) -> None:
        job, found = ask(programme)

        assert (found, job.progress.state, job.till_date) == (False, "waiting", TILL)

    def test_the_same_again_while_it_is_unfinished_is_that_job(self, programme: Programme) -> None:
        job, _ = ask(programme)

        assert ask(programme) == (job, True)
        assert Job.objects.count() == 1

    def test_another_till_date_while_one_is_unfinished_is_refused_with_its_id(
        self, programme: Programme
    ) -> None:
        job, _ = ask(programme)

        with pytest.raises(runner.JobRefused, match=f"Job {job.pk} .* is not finished"):
            ask(programme, till=date(2026, 6, 1))
        assert Job.objects.count() == 1

    def test_a_finished_job_does_not_stand_in_the_way(self, programme: Programme) -> None:
        job = programme.calculate()

        again, found = ask(programme)

        assert (again.pk != job.pk, found) == (True, False)

    def test_another_types_job_runs_beside_it(self, programme: Programme) -> None:
        ask(programme)
        other = factories.MembershipTypeFactory(group=programme.group, code="OTHER",
                                                membership_class=programme.type.membership_class)  # fmt: skip

        _, found = runner.ask(
            process=Job.Process.CALCULATE_POINTS, membership_type=other, till=TILL, by=None, at=factories.NOON
        )

        assert not found

    @pytest.mark.parametrize(
        ("change", "reason"),
        [
            ({"state": "draft"}, "is a draft: activate it first"),
            ({"inactive": True}, "is inactive"),
            ({"kind": "external"}, "is external"),
        ],
    )
    def test_a_type_that_does_not_earn(
        self, programme: Programme, change: dict[str, object], reason: str
    ) -> None:
        for name, value in change.items():
            setattr(programme.type, name, value)

        with pytest.raises(runner.JobRefused, match=reason):
            ask(programme)
        assert not Job.objects.exists()

    def test_a_till_date_in_the_future_by_the_groups_own_day(self, programme: Programme) -> None:
        """At 22:30 in London on 29 June it is already the 30th in Berlin, the group's time zone."""
        late_evening = datetime(2026, 6, 29, 22, 30, tzinfo=UTC)
        ask(programme, till=date(2026, 6, 30), at=late_evening)

        with pytest.raises(runner.JobRefused, match="2026-07-01 is in the future"):
            ask(programme, till=date(2026, 7, 1), at=late_evening)


class TestChunks:
    def test_a_members_stays_are_never_in_two_chunks(self, programme: Programme, settings: Settings) -> None:
        settings.CALCULATION_CHUNK_SIZE = 3
        for member, stays in enumerate([2, 1, 2, 5, 1]):
            card = programme.join()
            for number in range(stays):
                programme.stay(card, number=f"{member}/{number}", arrival=date(2026, 1, 1 + 3 * number))
        job, _ = ask(programme)

        plan()

        chunks = list(JobChunk.objects.filter(job=job).order_by("pk").values_list("stays", flat=True))
        assert chunks == [3, 2, 5, 1]  # a member with more than a chunk's size has one alone
        work()
        assert runner.standing(job).seen == 11
        assert set(Stay.objects.values_list("state", flat=True)) == {"calculated"}

    def test_nothing_due_is_finished_at_once(self, programme: Programme) -> None:
        job, _ = ask(programme)

        assert plan() == 0

        standing = runner.standing(job)
        assert (standing.state, standing.percent, standing.total) == ("finished", 100, 0)

    def test_figures_of_a_finished_job(self, programme: Programme) -> None:
        card = programme.join()
        for number in range(3):
            programme.stay(card, number=str(number), arrival=date(2026, 6, 1 + 3 * number))

        standing = runner.standing(programme.calculate())

        assert (standing.seen, standing.credited, standing.points, standing.level_changes) == (3, 3, 30, 1)
        assert (standing.state, standing.is_over, standing.errors) == ("finished", True, ())


class TestFailure:
    """A chunk that fails is set aside with its error, nothing of it written, while the others finish."""

    def break_the_balance_of(self, account: int) -> None:
        with connection.cursor() as cursor:
            cursor.execute(
                f"""
                CREATE FUNCTION fail_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
                BEGIN RAISE EXCEPTION 'broken for this test'; END $$;
                CREATE TRIGGER fail_for_test BEFORE INSERT ON loyalty_ledgerentry FOR EACH ROW
                    WHEN (NEW.account_id = {account}) EXECUTE FUNCTION fail_for_test();
                """
            )

    def mend(self) -> None:
        with connection.cursor() as cursor:
            cursor.execute("DROP FUNCTION fail_for_test CASCADE")

    def test_is_set_aside_and_resumed_by_asking_again(self, programme: Programme, settings: Settings) -> None:
        settings.CALCULATION_CHUNK_SIZE = 1
        ada, bob = programme.join(), programme.join()
        programme.stay(ada, number="1")
        programme.stay(bob, number="2")
        self.break_the_balance_of(ada.pk)

        job = programme.calculate()

        standing = runner.standing(job)
        assert standing.state == "failed"
        assert "broken for this test" in standing.errors[0]
        assert (points(ada), points(bob)) == ([], [10])
        assert Stay.objects.get(membership=ada).state == "due"

        self.mend()
        again, found = ask(programme)
        work()

        assert (again, found) == (job, True)
        assert runner.standing(job).state == "finished"
        assert (points(ada), points(bob)) == ([10], [10])
        assert PointsAccount.objects.get(pk=ada.pk).balance == 10


def test_a_worker_that_dies_after_its_last_chunk_leaves_a_job_that_the_tick_ends(
    programme: Programme,
) -> None:
    programme.stay(programme.join())
    job, _ = ask(programme)
    plan()

    class Killed(BaseException):
        pass

    def die(_job: Job) -> None:
        raise Killed

    with pytest.raises(Killed):
        runner.work(clock=lambda: factories.NOON, on_chunk=die)
    assert runner.standing(job).state == "running"

    assert runner.take_up(clock=lambda: factories.NOON) == 0
    assert runner.standing(job).state == "finished"


def test_a_job_is_not_over_while_another_worker_holds_a_chunk(programme: Programme) -> None:
    programme.stay(programme.join())
    job, _ = ask(programme)
    plan()

    runner._end(job, at=factories.NOON)

    assert runner.standing(job).state == "running"


def test_a_run_that_goes_on_past_midnight_posts_on_the_new_day(
    programme: Programme, settings: Settings
) -> None:
    settings.CALCULATION_CHUNK_SIZE = 1
    for number in range(2):
        programme.stay(programme.join(), number=str(number))
    ask(programme)
    plan()
    moments = iter([factories.NOON, *[factories.NOON + timedelta(days=1)] * 9])

    runner.work(clock=lambda: next(moments))

    posted = LedgerEntry.objects.order_by("account").values_list("posted_on", flat=True)
    assert list(posted) == [date(2026, 6, 30), date(2026, 7, 1)]


def test_one_absurd_amount_is_an_exception_and_holds_up_nobody(programme: Programme) -> None:
    ada, bob = programme.join(), programme.join()
    EarningRule.objects.update(value=100)
    ExchangeRate.objects.create(
        group=programme.group, from_currency="KWD", to_currency="EUR", rate=3000, valid_from=date(2026, 1, 1)
    )
    programme.stay(ada, number="1", currency="KWD", room_revenue=Decimal(999_999_999_999))
    programme.stay(bob, number="2")

    job = programme.calculate()

    assert runner.standing(job).state == "finished"
    assert Stay.objects.get(membership=ada).reason == "amount_too_large"
    assert points(bob) == [200]


def test_the_tick_takes_up_what_waits(programme: Programme) -> None:
    programme.stay(programme.join())
    ask(programme)

    waiting = runner.take_up(clock=lambda: factories.NOON)
    work()

    assert waiting == 1
    assert LedgerEntry.objects.count() == 1
    assert JobProgress.objects.get().state == "finished"
