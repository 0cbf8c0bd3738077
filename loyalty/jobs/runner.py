"""Points Management jobs: asking for one, cutting it into chunks, and working on it from any number of workers.

A job is rows. Whoever asks (screen, API, beat, command) calls ``ask``; a worker calls ``plan_waiting`` and ``work``. A
chunk is claimed with ``FOR NO KEY UPDATE SKIP LOCKED`` inside the very transaction that does its work and marks it done:
when the worker dies, the database frees the chunk and nothing of it was written. So a job can be killed at any point
and resumed by asking for it again, or by the beat tick.
"""

import logging
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date, datetime

from django.conf import settings
from django.db import IntegrityError, InterfaceError, OperationalError, transaction
from django.db.models import QuerySet, Sum
from django.utils.translation import gettext as _

from bookings.models import PropertyGroup, User
from loyalty import due_stays, stays
from loyalty.jobs import calculate_points
from loyalty.models import Job, JobChunk, JobProgress, MembershipType

logger = logging.getLogger(__name__)

Clock = Callable[[], datetime]
ATTEMPTS = 5


class JobRefused(Exception):
    """The job was not recorded; the message is one sentence for whoever asked."""


def ask(
    *, process: str, membership_type: MembershipType, till: date, by: User | None, at: datetime
) -> tuple[Job, bool]:
    """Records a job, or finds the unfinished one of the same process, type and till. Returns it, and whether it was
    found. Another till while one is unfinished is refused with that job's id."""
    _refuse_impossible(membership_type, till, at)
    try:
        with transaction.atomic():
            if found := _unfinished(process, membership_type, till):
                return found, True
            job = Job.objects.create(
                process=process, membership_type=membership_type, till_date=till, asked_by=by
            )
            JobProgress.objects.create(job=job, process=process, membership_type=membership_type)
            return job, False
    except IntegrityError:  # somebody asked in the same moment
        if found := _unfinished(process, membership_type, till):
            return found, True
        raise


def _refuse_impossible(membership_type: MembershipType, till: date, at: datetime) -> None:
    if membership_type.state != MembershipType.State.ACTIVATED:
        raise JobRefused(_("%(type)s is a draft: activate it first.") % {"type": membership_type})
    if membership_type.inactive:
        raise JobRefused(_("%(type)s is inactive: it earns nothing any more.") % {"type": membership_type})
    if membership_type.kind == MembershipType.Kind.EXTERNAL:
        raise JobRefused(
            _("%(type)s is external: its points are kept elsewhere.") % {"type": membership_type}
        )
    today = membership_type.group.local_date(at)
    if till > today:
        raise JobRefused(
            _("%(till)s is in the future: choose a till date up to today, %(today)s.")
            % {"till": till, "today": today}
        )


def _unfinished(process: str, membership_type: MembershipType, till: date) -> Job | None:
    progress = (
        JobProgress.objects.filter(
            process=process, membership_type=membership_type, state__in=JobProgress.UNFINISHED
        )
        .select_related("job")
        .first()
    )
    if progress is None:
        return None
    if progress.job.till_date != till:
        raise JobRefused(
            _(
                "Job %(id)s for %(type)s till %(till)s is not finished: wait for it, or ask for the same till date."
            )
            % {"id": progress.job_id, "type": membership_type, "till": progress.job.till_date}
        )
    if progress.state == JobProgress.State.FAILED:
        JobChunk.objects.filter(job=progress.job, state=JobChunk.State.FAILED).update(
            state=JobChunk.State.WAITING, error=""
        )
        JobProgress.objects.filter(pk=progress.pk, state=JobProgress.State.FAILED).update(
            state=JobProgress.State.RUNNING if progress.started_at else JobProgress.State.WAITING
        )
    return progress.job


def take_up(*, clock: Clock) -> int:
    """The beat tick: sweeps what changed, then plans what waits. Returns how many chunks wait for a worker. What goes
    wrong with one group or job is logged and does not hold up the others."""
    for group in PropertyGroup.objects.all():
        with _on_its_own("The sweep of property group %s", group.pk):
            stays.sweep(group=group, at=clock())
    return plan_waiting(clock=clock)


def plan_waiting(*, clock: Clock) -> int:
    """Cuts every job that nobody has planned yet, and ends those whose last worker died before it could. Returns the
    number of chunks that wait for a worker."""
    for job in _jobs(JobProgress.State.WAITING):
        with _on_its_own("Planning job %s", job.pk):
            stays.reconsider_exchange_rates(membership_type=job.membership_type)
            stays.sweep(group=job.membership_type.group, at=clock())
            with transaction.atomic():
                _plan(job, at=clock())
    for job in _jobs(JobProgress.State.RUNNING):
        _end(job, at=clock())
    running = JobProgress.State.RUNNING
    return JobChunk.objects.filter(state=JobChunk.State.WAITING, job__progress__state=running).count()


@contextmanager
def _on_its_own(what: str, pk: int) -> Iterator[None]:
    """A lost database ends the worker's task; any other error is logged."""
    try:
        yield
    except (OperationalError, InterfaceError):
        raise
    except Exception:
        logger.exception(f"{what} failed", pk)


def _jobs(state: str) -> QuerySet[Job]:
    policies = ("group", "calculation", "expiry", "level_policy")
    jobs = Job.objects.filter(progress__state=state).order_by("pk")
    return jobs.select_related(*(f"membership_type__{policy}" for policy in policies))


def _plan(job: Job, *, at: datetime) -> None:
    """Chunks of about ``CALCULATION_CHUNK_SIZE`` stays; a member's stays are never in two, a member with more has one
    alone."""
    mine = JobProgress.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    progress = mine.filter(job=job, state=JobProgress.State.WAITING).first()
    if progress is None:  # another worker plans it
        return
    chunks: list[JobChunk] = []
    counts = due_stays.count_by_member(membership_type=job.membership_type, till=job.till_date)
    for membership_id, number in counts:
        last = chunks[-1] if chunks else None
        if last and last.stays + number <= settings.CALCULATION_CHUNK_SIZE:
            last.last_membership_id, last.stays = membership_id, last.stays + number
        else:
            chunks.append(
                JobChunk(
                    job=job, first_membership_id=membership_id, last_membership_id=membership_id, stays=number
                )
            )
    JobChunk.objects.bulk_create(chunks, batch_size=1000)
    progress.total = sum(chunk.stays for chunk in chunks)
    progress.state, progress.started_at = JobProgress.State.RUNNING, at
    if not chunks:
        progress.state, progress.finished_at = JobProgress.State.FINISHED, at
    progress.save(update_fields=["total", "state", "started_at", "finished_at"])


def work(*, clock: Clock, on_chunk: Callable[[Job], None] | None = None) -> None:
    """Takes chunks of every running job until none is free; ends a job whose last chunk is done."""
    for job in _jobs(JobProgress.State.RUNNING):
        using = due_stays.setting(membership_type=job.membership_type, at=clock())
        while _take_chunk(job, using):
            using = using.at(clock())
            if on_chunk:
                on_chunk(job)
        _end(job, at=clock())


def _take_chunk(job: Job, using: due_stays.Setting) -> bool:
    """Claims a chunk and does its work, in one transaction. False: none is free.

    Moved stays and dead-locks pass by themselves, so the chunk is taken again. A lost database ends the worker's task;
    the tick goes on with the job. Any other error sets the chunk aside with its reason while the others finish.
    """
    chunk = None
    for attempt in range(1, ATTEMPTS + 1):
        try:
            with transaction.atomic():
                chunk = _claim(job)
                if chunk is None:
                    return False
                _run(job, chunk, using)
            return True
        except (calculate_points.StaysMoved, OperationalError) as error:
            if attempt == ATTEMPTS:
                raise
            logger.warning("Job %s takes a chunk again: %s", job.pk, error or type(error).__name__)
        except InterfaceError:
            raise
        except Exception as error:
            if chunk is None:
                raise
            logger.exception("Chunk %s of job %s failed", chunk.pk, job.pk)
            _set_aside(chunk, error)
            return True
    return False


def _claim(job: Job) -> JobChunk | None:
    free = JobChunk.objects.select_for_update(no_key=True, skip_locked=True, of=("self",))
    return free.filter(job=job, state=JobChunk.State.WAITING).order_by("pk").first()


def _run(job: Job, chunk: JobChunk, using: due_stays.Setting) -> None:
    began = time.monotonic()
    result = calculate_points.run_chunk(job=job, chunk=chunk, using=using)
    chunk.state = JobChunk.State.DONE
    chunk.seen, chunk.credited, chunk.points = result.seen, result.credited, result.points
    chunk.level_changes, chunk.seconds = result.level_changes, time.monotonic() - began
    chunk.save(update_fields=["state", "seen", "credited", "points", "level_changes", "seconds"])


def _set_aside(chunk: JobChunk, error: Exception) -> None:
    JobChunk.objects.filter(pk=chunk.pk, state=JobChunk.State.WAITING).update(
        state=JobChunk.State.FAILED, error=f"{type(error).__name__}: {error}"[:2000]
    )


def _end(job: Job, *, at: datetime) -> None:
    """The job is over when no chunk waits; a chunk that another worker holds still counts as waiting."""
    chunks = JobChunk.objects.filter(job=job)
    if chunks.filter(state=JobChunk.State.WAITING).exists():
        return
    failed = chunks.filter(state=JobChunk.State.FAILED).exists()
    JobProgress.objects.filter(job=job, state=JobProgress.State.RUNNING).update(
        state=JobProgress.State.FAILED if failed else JobProgress.State.FINISHED, finished_at=at
    )


@dataclass(frozen=True, slots=True)
class Standing:
    """Where a job stands, for a progress bar."""

    state: str
    total: int
    seen: int
    credited: int
    points: int
    level_changes: int
    errors: tuple[str, ...]

    @property
    def is_over(self) -> bool:
        return self.state in (JobProgress.State.FINISHED, JobProgress.State.FAILED)

    @property
    def percent(self) -> int:
        if self.state == JobProgress.State.FINISHED:
            return 100
        return min(99, self.seen * 100 // self.total) if self.total else 0


def standing(job: Job) -> Standing:
    progress = JobProgress.objects.get(job=job)
    sums = JobChunk.objects.filter(job=job).aggregate(
        *(Sum(name, default=0) for name in ("seen", "credited", "points", "level_changes"))
    )
    failed = JobChunk.objects.filter(job=job, state=JobChunk.State.FAILED).order_by("pk")
    return Standing(
        progress.state,
        progress.total,
        sums["seen__sum"],
        sums["credited__sum"],
        sums["points__sum"],
        sums["level_changes__sum"],
        tuple(failed.values_list("error", flat=True)[:10]),
    )
