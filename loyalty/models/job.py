"""A run of one of the Points Management processes, its progress, and the chunks that workers take.

``Job`` itself is never updated: entries refer to it, and rows that are referred to must stay still. What changes while
it runs stands in ``JobProgress`` and ``JobChunk``.
"""

from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from bookings.models import User
from loyalty.models.membership_type import MembershipType


class Job(models.Model):
    GROUP_PATH = "membership_type__group"

    class Process(models.TextChoices):
        CALCULATE_POINTS = "calculate_points", _("Calculate points")

    process = models.CharField(_("process"), max_length=30, choices=Process)
    membership_type = models.ForeignKey(
        MembershipType, models.PROTECT, related_name="jobs", verbose_name=_("membership type")
    )
    till_date = models.DateField(_("calculate till date"))
    asked_by = models.ForeignKey(
        User,
        models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("asked by"),
        help_text=_("Empty: the system."),
    )
    asked_at = models.DateTimeField(_("asked"), db_default=Now())

    class Meta:
        verbose_name = _("job")
        verbose_name_plural = _("jobs")

    def __str__(self) -> str:
        return f"{self.pk}: {self.get_process_display()}"


class JobProgress(models.Model):
    """Where a job stands. At most one unfinished job of a process and a membership type: the database sees to it."""

    GROUP_PATH = "membership_type__group"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for a worker")
        RUNNING = "running", _("Running")
        FINISHED = "finished", _("Finished")
        FAILED = "failed", _("Stopped by an error")

    UNFINISHED = (State.WAITING, State.RUNNING, State.FAILED)

    job = models.OneToOneField(
        Job, models.CASCADE, primary_key=True, related_name="progress", verbose_name=_("job")
    )
    process = models.CharField(max_length=30, choices=Job.Process)
    membership_type = models.ForeignKey(MembershipType, models.PROTECT, related_name="+")
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    total = models.PositiveIntegerField(_("stays to calculate"), default=0)
    started_at = models.DateTimeField(_("started"), null=True)
    finished_at = models.DateTimeField(_("finished"), null=True)

    class Meta:
        verbose_name = _("job progress")
        verbose_name_plural = _("job progress")
        constraints = [
            models.UniqueConstraint(
                fields=["process", "membership_type"],
                condition=models.Q(state__in=["waiting", "running", "failed"]),
                name="one_unfinished_job_of_a_process_and_type",
            )
        ]

    def __str__(self) -> str:
        return f"{self.job_id}: {self.get_state_display()}"


class JobChunk(models.Model):
    """The members from one id to another, with all their due stays. A worker claims it by locking the row in the very
    transaction that does the work; when the worker dies, the database frees it."""

    GROUP_PATH = "job__membership_type__group"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting")
        DONE = "done", _("Done")
        FAILED = "failed", _("Failed")

    job = models.ForeignKey(Job, models.CASCADE, related_name="chunks", verbose_name=_("job"))
    first_membership_id = models.BigIntegerField(_("first membership"))
    last_membership_id = models.BigIntegerField(_("last membership"))
    stays = models.PositiveIntegerField(_("stays"))
    state = models.CharField(_("state"), max_length=10, choices=State, default=State.WAITING)
    seen = models.PositiveIntegerField(_("stays seen"), default=0)
    credited = models.PositiveIntegerField(_("stays credited"), default=0)
    points = models.BigIntegerField(_("points"), default=0)
    level_changes = models.PositiveIntegerField(_("levels reached"), default=0)
    seconds = models.FloatField(_("seconds"), default=0)
    error = models.TextField(_("error"), blank=True)

    class Meta:
        verbose_name = _("chunk")
        verbose_name_plural = _("chunks")
        constraints = [
            models.UniqueConstraint(fields=["job", "first_membership_id"], name="job_chunk_unique")
        ]

    def __str__(self) -> str:
        return f"{self.job_id}/{self.first_membership_id}"
