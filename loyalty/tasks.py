"""What workers do for loyalty. Each task makes one call; ``wake_workers`` is for entrances, after commit."""

import logging

from django.utils import timezone
from kombu.exceptions import OperationalError

from config.celery import app
from loyalty.jobs import runner

logger = logging.getLogger(__name__)

MOST_WORKERS = 8


@app.task
def take_up_what_waits(**kwargs: object) -> None:
    """The beat tick, every 15 seconds: whatever the broker lost is taken up here."""
    wake_workers(times=runner.take_up(clock=timezone.now))


@app.task
def plan_jobs(**kwargs: object) -> None:
    """Somebody asked for a job."""
    wake_workers(times=runner.plan_waiting(clock=timezone.now))


@app.task
def work_on_jobs(**kwargs: object) -> None:
    runner.work(clock=timezone.now)


def wake_planner() -> bool:
    """False: the broker is down. The job is recorded; the beat tick starts it once the broker is back."""
    try:
        plan_jobs.delay()
    except OperationalError:
        logger.warning("The broker is down: the job is recorded and waits for the next tick.")
        return False
    return True


def wake_workers(*, times: int) -> None:
    """One message a chunk, up to the most workers that share a job; a worker without a free chunk is done at once."""
    for _ in range(min(times, MOST_WORKERS)):
        work_on_jobs.apply_async(expires=60)
