"""What is in the demo, in figures. Read from the rows: the first run and every later one say the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from django.db.models import Count, QuerySet
from django.utils.translation import gettext as _

from bookings.models import Booking
from loyalty import audit
from loyalty.jobs import runner
from loyalty.models import Job, JobProgress, LedgerEntry, LevelChange, PointsAccount, Stay


@dataclass(frozen=True, slots=True)
class Summary:
    """``left_out``: stays that earned nothing, by reason; ``ahead``: those whose time has not come."""

    job: Job
    members: int
    bookings: int
    standing: runner.Standing
    seconds: float
    left_out: Sequence[tuple[str, int]]
    ahead: Sequence[tuple[str, int]]
    levels: Sequence[tuple[str, int]]
    entries: int
    findings: Sequence[str]

    @property
    def stays_a_second(self) -> float:
        return self.standing.seen / self.seconds if self.seconds else 0.0


def summarise(job: Job) -> Summary:
    of_type = Stay.objects.filter(membership_type=job.membership_type)
    progress = JobProgress.objects.get(job=job)
    begin, end = progress.started_at, progress.finished_at
    return Summary(
        job=job,
        members=PointsAccount.objects.filter(membership__membership_type=job.membership_type).count(),
        bookings=Booking.objects.filter(property__group=job.membership_type.group).count(),
        standing=runner.standing(job),
        seconds=(end - begin).total_seconds() if begin and end else 0.0,
        left_out=_by(of_type.exclude(reason=""), "reason", Stay.Reason),
        ahead=_by(of_type.filter(state__in=[Stay.State.WAITING, Stay.State.DUE]), "state", Stay.State),
        levels=_levels(job),
        entries=LedgerEntry.objects.filter(membership_type=job.membership_type).count(),
        findings=[str(finding) for finding in audit.audit()],
    )


def _by(
    stays: QuerySet[Stay], field: str, labels: type[Stay.Reason] | type[Stay.State]
) -> list[tuple[str, int]]:
    counts = stays.order_by().values_list(field).annotate(stays=Count("pk"))
    return [(str(labels(value).label), number) for value, number in counts.order_by("-stays", field)]


def _levels(job: Job) -> list[tuple[str, int]]:
    changes = LevelChange.objects.filter(entry__job=job).order_by()
    counts = changes.values_list("to_level__name").annotate(members=Count("pk"))
    return list(counts.order_by("to_level__rank"))


def lines(summary: Summary) -> Iterator[str]:
    """For people, on a terminal."""
    standing = summary.standing
    yield _("%(members)s members, %(bookings)s bookings. Job %(job)s, calculate points till %(till)s:") % {
        "members": _number(summary.members),
        "bookings": _number(summary.bookings),
        "job": summary.job.pk,
        "till": summary.job.till_date,
    }
    yield _row(_("stays seen"), standing.seen) + _(" in %(seconds).2f s, %(rate)s stays/s") % {
        "seconds": summary.seconds,
        "rate": _number(round(summary.stays_a_second)),
    }
    yield _row(_("stays credited"), standing.credited)
    yield _row(summary.job.membership_type.points_label, standing.points)
    yield _("Levels reached:")
    yield from (_row(name, number) for name, number in summary.levels)
    yield _("Left out, by reason:")
    yield from (_row(label, number) for label, number in summary.left_out)
    yield _("Not yet:")
    yield from (_row(label, number) for label, number in summary.ahead)
    yield _("Audit of the ledger: %(entries)s entries, ") % {"entries": _number(summary.entries)} + (
        _("%(findings)s findings.") % {"findings": len(summary.findings)}
        if summary.findings
        else _("everything adds up.")
    )
    yield from (f"  {finding}" for finding in summary.findings[:10])


def _row(label: str, number: int) -> str:
    return f"  {label:<44}{_number(number):>9}"


def _number(number: int) -> str:
    return f"{number:,}"
