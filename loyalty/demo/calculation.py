"""Runs a job on a real worker: starts one, wakes it, follows the job to its end, ends the worker."""

import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import IO

from django.conf import settings
from django.utils.translation import gettext as _

from config import serving
from loyalty import tasks
from loyalty.jobs import runner
from loyalty.models import Job, JobProgress

CHUNK = 250  # stays: the bar moves, and several processes have something to do
WORKER = [
    "worker", "--loglevel", "INFO", "--concurrency", "2", "--hostname", "demo@%h",
    "--without-gossip", "--without-mingle", "--without-heartbeat",
]  # fmt: skip
PATIENCE = 300.0  # seconds without any progress


class CalculationError(Exception):
    """The job did not end well; the message says why."""


def run(job: Job, *, show: Callable[[runner.Standing], object]) -> None:
    """Returns when the job is finished, at once where it was before. Raises ``CalculationError``."""
    standing = runner.standing(job)
    if standing.state == JobProgress.State.FINISHED:
        return
    with tempfile.TemporaryFile("w+") as log, _worker(log) as worker:
        if not tasks.wake_planner():
            raise CalculationError(
                _("No broker answers at %(url)s: start it, or unset REDIS_URL and CELERY_BROKER_URL.")
                % {"url": settings.CELERY_BROKER_URL}
            )
        standing = _follow(job, show=show, worker=worker, log=log)
    if standing.state != JobProgress.State.FINISHED:
        raise CalculationError("\n".join(standing.errors) or _("Job %(id)s failed.") % {"id": job.pk})


def _follow(
    job: Job,
    *,
    show: Callable[[runner.Standing], object],
    worker: subprocess.Popen[str],
    log: IO[str],
) -> runner.Standing:
    before, moved_at = None, time.monotonic()
    while True:
        standing = runner.standing(job)
        show(standing)
        if standing.is_over:
            return standing
        if standing != before:
            before, moved_at = standing, time.monotonic()
        if worker.poll() is not None or time.monotonic() - moved_at > PATIENCE:
            log.seek(0)
            tail = "".join(log.readlines()[-20:])
            raise CalculationError(_("The worker left job %(id)s:") % {"id": job.pk} + f"\n{tail}")
        time.sleep(0.1)


@contextmanager
def _worker(log: IO[str]) -> Iterator[subprocess.Popen[str]]:
    """In a session of its own: Ctrl-C is ours to hear, and the worker is then ended in peace."""
    worker = subprocess.Popen(
        [sys.executable, "-m", "celery", "-A", "config", *WORKER],
        cwd=settings.BASE_DIR,
        env={**serving.environment(), "CALCULATION_CHUNK_SIZE": str(CHUNK)},
        stdin=subprocess.DEVNULL,
        stdout=log,
        stderr=subprocess.STDOUT,
        text=True,
        start_new_session=True,
        preexec_fn=serving.end_with_parent,
    )
    try:
        yield worker
    finally:
        worker.terminate()
        try:
            worker.wait(20)
        except subprocess.TimeoutExpired:
            worker.kill()
            worker.wait()
