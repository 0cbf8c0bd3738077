"""What is in the demo, in figures. Read from the rows: the first run and every later one say the same."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import NamedTuple

from django.db.models import Count, QuerySet, Sum
from django.utils.translation import gettext as _

from bookings.models import Booking
from loyalty import audit
from loyalty.jobs import runner
from loyalty.models import Job, JobProgress, LedgerEntry, LevelChange, PointsAccount, Stay


class Reason(NamedTuple):
    """How many stays have a reason; ``credited``: those of them that have their points."""

    label: str
    stays: int
    credited: int


@dataclass(frozen=True, slots=True)
class Stays:
    """Every stay of the programme is in one of four places: seen by a calculation, never due, waiting for check-out,
    waiting for the delay. Those for staff are among the seen."""

    credited: int
    nothing: Sequence[Reason]
    never: Sequence[Reason]
    waiting: int
    due: int
    for_staff: Sequence[Reason]

    @property
    def seen(self) -> int:
        return self.credited + _sum(self.nothing)

    @property
    def all(self) -> int:
        return self.seen + _sum(self.never) + self.waiting + self.due


@dataclass(frozen=True, slots=True)
class Summary:
    """``standing`` and ``seconds`` are the first job's; all the rest is what became of the demo since."""

    job: Job
    standing: runner.Standing
    seconds: float
    members: int
    bookings: int
    stays: Stays
    points: int
    levels: Sequence[tuple[str, int]]
    entries: int
    findings: Sequence[str]

    @property
    def stays_a_second(self) -> float:
        return self.standing.seen / self.seconds if self.seconds else 0.0


def summarise(job: Job) -> Summary:
    progress = JobProgress.objects.get(job=job)
    begin, end = progress.started_at, progress.finished_at
    entries = LedgerEntry.objects.filter(membership_type=job.membership_type)
    return Summary(
        job=job,
        standing=runner.standing(job),
        seconds=(end - begin).total_seconds() if begin and end else 0.0,
        members=PointsAccount.objects.filter(membership__membership_type=job.membership_type).count(),
        bookings=Booking.objects.filter(property__group=job.membership_type.group).count(),
        stays=_stays(Stay.objects.filter(membership_type=job.membership_type)),
        points=entries.aggregate(points=Sum("points", default=0))["points"],
        levels=_levels(entries),
        entries=entries.count(),
        findings=[str(finding) for finding in audit.audit()],
    )


def _stays(of_type: QuerySet[Stay]) -> Stays:
    seen = of_type.filter(state__in=[Stay.State.CALCULATED, Stay.State.EXCEPTION])
    return Stays(
        credited=seen.filter(entry__isnull=False).count(),
        nothing=_by_reason(seen.filter(entry__isnull=True)),
        never=_by_reason(of_type.filter(state=Stay.State.LEFT_OUT)),
        waiting=of_type.filter(state=Stay.State.WAITING).count(),
        due=of_type.filter(state=Stay.State.DUE).count(),
        for_staff=_by_reason(of_type.filter(state=Stay.State.EXCEPTION)),
    )


def _by_reason(stays: QuerySet[Stay]) -> list[Reason]:
    counts = stays.order_by().values_list("reason").annotate(stays=Count("pk"), credited=Count("entry"))
    return [
        Reason(str(Stay.Reason(reason).label), number, credited)
        for reason, number, credited in counts.order_by("-stays", "reason")
    ]


def _sum(reasons: Sequence[Reason]) -> int:
    return sum(reason.stays for reason in reasons)


def _levels(entries: QuerySet[LedgerEntry]) -> list[tuple[str, int]]:
    changes = LevelChange.objects.filter(entry__in=entries).order_by()
    counts = changes.values_list("to_level__name").annotate(members=Count("pk"))
    return list(counts.order_by("to_level__rank"))


def lines(summary: Summary) -> Iterator[str]:
    """For people, on a terminal."""
    yield _("%(members)s members, %(bookings)s bookings. Job %(job)s, calculate points till %(till)s:") % {
        "members": _number(summary.members),
        "bookings": _number(summary.bookings),
        "job": summary.job.pk,
        "till": summary.job.till_date,
    } + _(" %(seen)s stays in %(seconds).2f s, %(rate)s stays/s.") % {
        "seen": _number(summary.standing.seen),
        "seconds": summary.seconds,
        "rate": _number(round(summary.stays_a_second)),
    }
    yield from _lines_of_stays(summary.stays)
    yield _("Points given:")
    yield _row(summary.job.membership_type.points_label, summary.points)
    yield _("Levels reached, by members who came up to each:")
    yield from (_row(name, number) for name, number in summary.levels)
    yield _("Audit of the ledger: %(entries)s entries, ") % {"entries": _number(summary.entries)} + (
        _("%(findings)s findings.") % {"findings": len(summary.findings)}
        if summary.findings
        else _("everything adds up.")
    )
    yield from (f"  {finding}" for finding in summary.findings[:10])


def _lines_of_stays(stays: Stays) -> Iterator[str]:
    yield _("Seen: %(seen)s. Credited: %(credited)s. Nothing earned: %(nothing)s, by reason:") % {
        "seen": _number(stays.seen),
        "credited": _number(stays.credited),
        "nothing": _number(_sum(stays.nothing)),
    }
    yield from (_row(reason.label, reason.stays) for reason in stays.nothing)
    yield _("Never due: %(stays)s, by reason:") % {"stays": _number(_sum(stays.never))}
    yield from (_row(reason.label, reason.stays) for reason in stays.never)
    yield _("Waiting for check-out: %(stays)s") % {"stays": _number(stays.waiting)}
    yield _("Checked out, waiting for the delay: %(stays)s") % {"stays": _number(stays.due)}
    yield _("In all: %(seen)s seen + %(never)s never due + %(waiting)s + %(due)s waiting = %(all)s stays") % {
        "seen": _number(stays.seen),
        "never": _number(_sum(stays.never)),
        "waiting": _number(stays.waiting),
        "due": _number(stays.due),
        "all": _number(stays.all),
    }
    yield _("Exceptions waiting for staff, among the seen: %(stays)s, by reason:") % {
        "stays": _number(_sum(stays.for_staff))
    }
    yield from (_row(_exception(reason), reason.stays) for reason in stays.for_staff)


def _exception(reason: Reason) -> str:
    if not reason.credited:
        return reason.label
    return _("%(reason)s (%(credited)s credited before)") % {
        "reason": reason.label,
        "credited": _number(reason.credited),
    }


def _row(label: str, number: int) -> str:
    return f"  {label:<54}{_number(number):>9}"


def _number(number: int) -> str:
    return f"{number:,}"
