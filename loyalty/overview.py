"""The figures of the start page, each limited to what the user may see, in a fixed number of queries."""

from dataclasses import dataclass
from datetime import date

from bookings import access
from bookings.models import User
from loyalty.models import Job, Membership, Stay


def active_members(user: User) -> int:
    """Cards that can earn and spend."""
    return access.limit(Membership.objects.filter(status=Membership.Status.ACTIVE), user=user).count()


@dataclass(frozen=True, slots=True)
class Stays:
    due: int
    exceptions: int


def stays(user: User, *, today: date) -> Stays:
    """Due: completed stays of members whose delay has passed, waiting for *calculate points*. Exceptions wait for staff."""
    rows = access.limit(Stay.objects.all(), user=user)
    return Stays(
        due=rows.filter(state=Stay.State.DUE, due_on__lte=today).count(),
        exceptions=rows.filter(state=Stay.State.EXCEPTION).count(),
    )


def last_job(user: User) -> Job | None:
    rows = access.limit(Job.objects.select_related("membership_type", "progress"), user=user)
    return rows.order_by("-pk").first()
