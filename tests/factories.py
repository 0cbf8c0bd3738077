"""Test data: a group of one hotel, one points programme with four levels, and whatever a test asks for beside it."""

from datetime import UTC, date, datetime, timedelta
from decimal import Decimal

import factory
from factory.django import DjangoModelFactory

from bookings import models as bookings
from bookings.messages import BookingMessage, CardMessage, GuestMessage
from loyalty import models as loyalty

NOON = datetime(2026, 6, 30, 12, tzinfo=UTC)


class GroupFactory(DjangoModelFactory):
    class Meta:
        model = bookings.PropertyGroup

    code = factory.Sequence(lambda n: f"group-{n}")
    name = factory.LazyAttribute(lambda group: group.code.title())
    currency = "EUR"
    time_zone = "Europe/Berlin"


class PropertyFactory(DjangoModelFactory):
    class Meta:
        model = bookings.Property

    group = factory.SubFactory(GroupFactory)
    code = factory.Sequence(lambda n: f"HOTEL{n}")
    name = factory.LazyAttribute(lambda row: row.code.title())
    currency = "EUR"
    time_zone = "Europe/Berlin"
    country = "DE"


class UserFactory(DjangoModelFactory):
    class Meta:
        model = bookings.User

    email = factory.Sequence(lambda n: f"staff{n}@example.com")
    name = "Staff"
    is_staff = True


class GuestFactory(DjangoModelFactory):
    class Meta:
        model = bookings.Guest

    group = factory.SubFactory(GroupFactory)
    first_name = "Ada"
    last_name = factory.Sequence(lambda n: f"Guest{n}")


class MembershipClassFactory(DjangoModelFactory):
    class Meta:
        model = loyalty.MembershipClass

    group = factory.SubFactory(GroupFactory)
    code = "OWN"
    name = "Our own programme"


class MembershipTypeFactory(DjangoModelFactory):
    """An activated points programme: 5 % of the room, delay 5, points never expire, by nights: Base, Silver from 5,
    Gold from 10, Platinum from 20."""

    class Meta:
        model = loyalty.MembershipType
        skip_postgeneration_save = True

    group = factory.SubFactory(GroupFactory)
    membership_class = factory.SubFactory(MembershipClassFactory, group=factory.SelfAttribute("..group"))
    code = "STAY"
    name = "Stay & Earn"
    state = "activated"
    currency = "EUR"

    @factory.post_generation
    def policies(row, create, extracted, **values):  # noqa: N805 - factory-boy passes the row
        loyalty.CardPolicy.objects.create(membership_type=row, prefix="77", length=10)
        loyalty.CalculationPolicy.objects.create(membership_type=row, delay_days=values.pop("delay_days", 5))
        loyalty.ExpiryPolicy.objects.create(membership_type=row, months=values.pop("months", None))
        loyalty.LevelPolicy.objects.create(membership_type=row, measure=values.pop("measure", "nights"))
        for rank, (name, nights) in enumerate(
            [("Base", None), ("Silver", 5), ("Gold", 10), ("Platinum", 20)], 1
        ):
            loyalty.Level.objects.create(
                membership_type=row, rank=rank, code=name.upper(), name=name, threshold_nights=nights
            )


class EarningRuleFactory(DjangoModelFactory):
    class Meta:
        model = loyalty.EarningRule

    membership_type = factory.SubFactory(MembershipTypeFactory)
    name = "5 % of the room"
    method = "percentage"
    value = Decimal(5)
    valid_from = date(2020, 1, 1)


def booking_message(hotel: bookings.Property, **values: object) -> BookingMessage:
    """A checked-out PMS booking of two nights for 200, without a guest unless ``card`` or ``guests`` is given."""
    card = values.pop("card", None)
    if card:
        values["guests"] = (GuestMessage(last_name="Member", cards=(CardMessage(number=str(card)),)),)
    arrival = values.setdefault("arrival", date(2026, 6, 1))
    fields = {
        "property_code": hotel.code,
        "source": "pms",
        "number": "1",
        "status": "checked_out",
        "departure": arrival + timedelta(days=2),
        "currency": hotel.currency,
        "room_revenue": Decimal(200),
        "rate_plan": "BAR",
    }
    return BookingMessage(**{**fields, **values})
