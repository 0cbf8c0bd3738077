"""How a member stands: balance, level and the way to the next, what expires next, earnings, history, pending
stays."""

from dataclasses import dataclass
from datetime import date
from decimal import Decimal

from django.db.models import QuerySet, Sum

from bookings import access
from bookings.models import User
from loyalty.levels import LevelStep, NextLevel, next_level
from loyalty.models import LedgerEntry, Membership, PointsAccount, PointsLot, Stay

PENDING = (Stay.State.WAITING, Stay.State.DUE, Stay.State.EXCEPTION)


@dataclass(frozen=True, slots=True)
class Expiry:
    """From ``on``, these points can not be used any more."""

    on: date
    points: int


@dataclass(frozen=True, slots=True)
class Summary:
    """``expired``: points of the balance that can not be used any more, though no job has taken them off
    yet."""

    balance: int
    expired: int
    tier_points: int
    nights: int
    stays: int
    money: Decimal
    next_level: NextLevel | None
    next_expiry: Expiry | None


def summary(membership: Membership, *, on: date) -> Summary:
    """``on`` is the programme's local day. Four queries beside what the caller has read."""
    account = PointsAccount.objects.get(membership=membership)
    lots = PointsLot.objects.filter(account=account, is_open=True)
    lapsed = lots.filter(expires_on__lte=on).aggregate(points=Sum("remaining", default=0))
    return Summary(
        balance=account.balance,
        expired=lapsed["points"],
        tier_points=account.tier_points,
        nights=account.nights,
        stays=account.stays,
        money=account.money,
        next_level=_next_level(membership, account),
        next_expiry=_next_expiry(lots, on),
    )


def _next_level(membership: Membership, account: PointsAccount) -> NextLevel | None:
    steps = [
        LevelStep(level.pk, level.rank, level.name, level.threshold_nights, level.threshold_money)
        for level in membership.membership_type.levels.order_by("rank")
    ]
    held = next(step for step in steps if step.id == membership.level_id)
    measure = membership.membership_type.level_policy.measure
    return next_level(steps, measure=measure, held=held, nights=account.nights, money=account.money)


def _next_expiry(lots: QuerySet[PointsLot], on: date) -> Expiry | None:
    days = lots.filter(expires_on__gt=on).order_by("expires_on").values_list("expires_on")
    first = days.annotate(points=Sum("remaining")).first()
    return Expiry(*first) if first else None


def history(membership: Membership) -> QuerySet[LedgerEntry]:
    """The entries, newest first."""
    entries = LedgerEntry.objects.filter(account=membership.pk).select_related("booking", "property")
    return entries.defer("explanation").order_by("-number")


def pending_stays(membership: Membership, *, user: User) -> QuerySet[Stay]:
    """Stays that gave nothing yet and may, at the properties that the user sees; the next due first."""
    rows = Stay.objects.filter(membership=membership, state__in=PENDING)
    rows = rows.select_related("booking__property").order_by("due_on", "pk")
    return access.limit(rows, user=user)
