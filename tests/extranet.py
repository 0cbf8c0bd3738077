"""A hotel group with one row of everything, people who work in it, and what they see in the extranet."""

from dataclasses import dataclass
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from django.contrib.auth.models import Group, Permission
from django.db.models import Model
from django.test import Client
from django.urls import reverse

from bookings import models as bookings
from bookings.intake import record_bookings
from bookings.messages import CardMessage, FolioLineMessage, GuestMessage
from loyalty import enrolment
from loyalty import models as loyalty
from loyalty.jobs import runner
from tests import factories

TILL = date(2026, 6, 30)


@dataclass
class House:
    """A group with a hotel and a programme: 5 % of the room, four levels."""

    group: bookings.PropertyGroup
    hotel: bookings.Property
    type: loyalty.MembershipType
    rule: loyalty.EarningRule

    def join(self, **guest: Any) -> loyalty.Membership:
        return enrolment.join(
            guest=factories.GuestFactory(group=self.group, **guest),
            membership_type=self.type,
            by=None,
            on=date(2020, 1, 1),
        )

    def stay(self, member: loyalty.Membership, number: str, **values: Any) -> bookings.Booking:
        """A checked-out stay of six nights with a spa bill, 300 for the room."""
        arrival = values.setdefault("arrival", date(2026, 6, 1))
        values.setdefault("departure", arrival + timedelta(days=6))
        spa = FolioLineMessage(
            transaction_code="SPA",
            kind="paid_extra",
            amount=Decimal(50),
            currency=self.hotel.currency,
            posting_date=arrival,
        )
        guest = GuestMessage(
            first_name=member.guest.first_name,
            last_name=member.guest.last_name,
            email=member.guest.email,
            phone=member.guest.phone,
            external_id=f"P{number}",
            cards=(CardMessage(number=member.card_number),),
        )
        fields = {"room_revenue": Decimal(300), "folio_lines": (spa,), "guests": (guest,), **values}
        message = factories.booking_message(self.hotel, number=number, **fields)
        outcomes = record_bookings(
            messages=[message], properties={self.hotel.code: self.hotel}, by="test", at=factories.NOON
        )
        assert not [problem for outcome in outcomes for problem in outcome.problems]
        return bookings.Booking.objects.get(property=self.hotel, number=number)

    def calculate(self) -> loyalty.Job:
        job, _ = runner.ask(
            process="calculate_points", membership_type=self.type, till=TILL, by=None, at=factories.NOON
        )
        runner.plan_waiting(clock=lambda: factories.NOON)
        runner.work(clock=lambda: factories.NOON)
        return job


def house(name: str = "Seaside", *, hotel: str = "SEA1", **group: Any) -> House:
    membership_type = factories.MembershipTypeFactory(group__name=name, group__code=name.lower(), **group)
    rule = factories.EarningRuleFactory(membership_type=membership_type, name=f"{name} rule")
    building = factories.PropertyFactory(group=membership_type.group, code=hotel, name=f"{name} hotel")
    bookings.RatePlan.objects.create(property=building, code="BAR", membership=True)
    bookings.TransactionCode.objects.create(property=building, code="SPA")
    return House(membership_type.group, building, membership_type, rule)


def furnished(name: str, *, hotel: str) -> tuple[House, dict[type[Model], Model]]:
    """A house, and one row of every model of ours that has a screen."""
    place = house(name, hotel=hotel)
    member = place.join(first_name=name, last_name="Member", email=f"{name.lower()}@example.com")
    place.stay(member, f"{name}-1")
    place.calculate()
    bookings.ExchangeRate.objects.create(
        group=place.group,
        property=place.hotel,
        from_currency="USD",
        to_currency="EUR",
        rate=Decimal("0.9"),
        valid_from=date(2026, 1, 1),
    )
    bookings.ApiClient.objects.create(
        name=f"{name} engine",
        property_group=place.group,
        client_type="confidential",
        authorization_grant_type="client-credentials",
        hash_client_secret=False,  # hashing one takes half a second
    )
    models = [
        bookings.ApiClient, bookings.Booking, bookings.BookingGuestCard, bookings.BookingReference,
        bookings.ExchangeRate, bookings.FolioLine, bookings.Guest, bookings.Property, bookings.PropertyGroup,
        bookings.RatePlan, bookings.SourceRecord, bookings.TransactionCode,
        loyalty.EarningRule, loyalty.Job, loyalty.LedgerEntry, loyalty.LevelChange, loyalty.Membership,
        loyalty.MembershipClass, loyalty.MembershipType, loyalty.PointsLot, loyalty.Stay,
    ]  # fmt: skip
    return place, {model: _of(model, place) for model in models}


def _of(model: type[Any], place: House) -> Model:
    path = model.GROUP_PATH
    return model._default_manager.filter(**{path: place.group.pk}).latest("pk")


def worker(
    *groups: str, at: House | None = None, hotel: bookings.Property | None = None, everything: bool = False
) -> bookings.User:
    """A staff user of these staff groups, or with every permission there is, who works at a house or one hotel of it."""
    user = factories.UserFactory()
    user.groups.set(Group.objects.filter(name__in=groups))
    if everything:
        user.user_permissions.set(Permission.objects.all())
    if at:
        bookings.StaffAssignment.objects.create(user=user, group=at.group, property=hotel)
    return user


def browser(user: bookings.User) -> Client:
    client = Client()
    client.force_login(user)
    return client


def address(model: type[Model] | Model, page: str = "changelist") -> str:
    """The address of a model's list, or of a row's page (``change``, ``history``, ``delete``)."""
    name = f"admin:{model._meta.app_label}_{model._meta.model_name}_{page}"
    return reverse(name, args=[model.pk] if isinstance(model, Model) else [])


def text_of(response: Any) -> str:
    return " ".join(response.content.decode().split())
