"""``kill -9`` of a real Celery worker in the middle of *calculate points* costs no point."""

import pytest
from django.db import connection, transaction

from loyalty import audit, tasks
from loyalty.jobs import runner
from loyalty.models import Job, JobChunk, LedgerEntry, MembershipType
from tests.faults import year
from tests.faults.test_order_never_matters import LAST_TILL, run

pytestmark = [pytest.mark.long, pytest.mark.django_db(transaction=True)]


def ask(kind: MembershipType) -> tuple[Job, bool]:
    return runner.ask(
        process=Job.Process.CALCULATE_POINTS,
        membership_type=kind,
        till=LAST_TILL,
        by=None,
        at=year.AFTERWARDS,
    )


def make_chunks_slow() -> None:
    """Each chunk sleeps half a second after it has written its entries: the kill lands inside one."""
    with connection.cursor() as cursor:
        cursor.execute(
            """
            CREATE FUNCTION slow_for_test() RETURNS trigger LANGUAGE plpgsql AS $$
            BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
            CREATE TRIGGER slow_for_test AFTER INSERT ON loyalty_ledgerentry
                FOR EACH STATEMENT EXECUTE FUNCTION slow_for_test();
            """
        )


def make_chunks_quick() -> None:
    with connection.cursor() as cursor:
        cursor.execute("DROP FUNCTION IF EXISTS slow_for_test CASCADE")


@pytest.fixture
def kind(transactional_db: None, monkeypatch: pytest.MonkeyPatch) -> MembershipType:
    monkeypatch.setattr("config.celery.app.conf.broker_url", year.environment().get("CELERY_BROKER_URL", ""))
    made = year.make(members=40, stays_each=6)
    yield made
    make_chunks_quick()


def test_killed_in_mid_job_and_asked_again_it_resumes_and_ends_as_undisturbed(kind: MembershipType) -> None:
    run(kind, till=LAST_TILL)
    undisturbed = year.ledger()
    year.start_again(kind)
    make_chunks_slow()
    small_chunks = {"CALCULATION_CHUNK_SIZE": "12"}

    job, found = ask(kind)
    assert not found
    with year.celery_worker(**small_chunks) as worker:
        tasks.wake_planner()
        year.wait_until(lambda: LedgerEntry.objects.exists())
        year.kill(worker)
    seen = runner.standing(job).seen
    assert 0 < seen < 240, "it was killed in the middle"
    assert LedgerEntry.objects.count() == seen, "no chunk is half written"

    again, found = ask(kind)
    assert (again, found) == (job, True)
    make_chunks_quick()
    with year.celery_worker(**small_chunks):
        tasks.wake_planner()
        year.wait_until(lambda: runner.standing(job).is_over)

    assert runner.standing(job).state == "finished"
    assert year.ledger() == undisturbed
    assert not list(audit.audit())

    run(kind, till=LAST_TILL)
    assert year.ledger() == undisturbed, "running it again changes nothing"


def test_the_database_frees_the_chunk_of_a_killed_worker_within_two_seconds(kind: MembershipType) -> None:
    make_chunks_slow()
    job, _ = ask(kind)
    with year.celery_worker(CALCULATION_CHUNK_SIZE="12") as worker:
        tasks.wake_planner()
        year.wait_until(lambda: JobChunk.objects.filter(job=job).exists())
        year.wait_until(lambda: _free_chunks(job) < JobChunk.objects.filter(job=job, state="waiting").count())
        year.kill(worker)

    year.wait_until(
        lambda: _free_chunks(job) == JobChunk.objects.filter(job=job, state="waiting").count(), seconds=2
    )


def _free_chunks(job: Job) -> int:
    with transaction.atomic():
        free = JobChunk.objects.select_for_update(no_key=True, skip_locked=True)
        return len(free.filter(job=job, state="waiting"))
