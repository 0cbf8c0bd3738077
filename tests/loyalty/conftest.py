"""A programme with one hotel, and a short way to say: these bookings came in, calculate them."""

from dataclasses import dataclass
from datetime import date, datetime

import pytest

from bookings.intake import record_bookings
from bookings.messages import BookingMessage
from bookings.models import Property, PropertyGroup, RatePlan
from loyalty import enrolment
from loyalty.jobs import runner
from loyalty.models import Job, LedgerEntry, Membership, MembershipType, Stay
from tests import factories


@dataclass
class Programme:
    """A group with one hotel and a type that gives 5 % of the room; BAR earns, COMP does not."""

    group: PropertyGroup
    hotel: Property
    type: MembershipType

    def join(self, *, on: date = date(2020, 1, 1), **guest: object) -> Membership:
        return enrolment.join(
            guest=factories.GuestFactory(group=self.group, **guest), membership_type=self.type, by=None, on=on
        )

    def record(self, *messages: BookingMessage) -> None:
        hotels = {hotel.code: hotel for hotel in Property.objects.filter(group=self.group)}
        outcomes = record_bookings(messages=messages, properties=hotels, by="test", at=factories.NOON)
        assert not [problem for outcome in outcomes for problem in outcome.problems]

    def stay(self, card: Membership | str, **values: object) -> None:
        self.record(factories.booking_message(self.hotel, card=getattr(card, "card_number", card), **values))

    def calculate(self, *, till: date = date(2026, 6, 30), at: datetime = factories.NOON) -> Job:
        job, _ = runner.ask(
            process=Job.Process.CALCULATE_POINTS, membership_type=self.type, till=till, by=None, at=at
        )
        runner.plan_waiting(clock=lambda: at)
        runner.work(clock=lambda: at)
        return job


@pytest.fixture
def programme(db: None) -> Programme:
    membership_type = factories.MembershipTypeFactory()
    factories.EarningRuleFactory(membership_type=membership_type)
    hotel = factories.PropertyFactory(group=membership_type.group)
    RatePlan.objects.create(property=hotel, code="BAR", membership=True)
    RatePlan.objects.create(property=hotel, code="COMP")
    return Programme(membership_type.group, hotel, membership_type)


def points(membership: Membership) -> list[int]:
    """The points of a member's entries, in order."""
    entries = LedgerEntry.objects.filter(account=membership.pk).order_by("number")
    return list(entries.values_list("points", flat=True))


def states() -> list[tuple[str, str]]:
    """(state, reason) of every stay, by booking number."""
    return list(Stay.objects.order_by("booking__number").values_list("state", "reason"))
