"""Who sees which rows: the table of ``access`` for every model that we have.

Group north has the hotels N1 and N2, group south has S1; each hotel has a booking with everything on it, each
group a programme with a member whose stay was calculated.
"""

from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.apps import apps
from django.contrib.auth.models import AnonymousUser
from django.db.models import Model

from bookings import access, changes
from bookings.messages import CardMessage, FolioLineMessage, GuestMessage, ProfileMessage
from bookings.models import (
    ApiClient,
    Booking,
    ExchangeRate,
    Guest,
    Property,
    PropertyGroup,
    RatePlan,
    StaffAssignment,
    TransactionCode,
    User,
)
from tests import factories
from tests.bookings.taking_in import record
from tests.loyalty.conftest import Programme

pytestmark = pytest.mark.django_db

OF_NOBODY = {"User"}  # people who log in: a person may work for several groups
WITHOUT_ROWS_HERE = {"EarningRuleProperty", "EarningRuleRate", "LevelChange", "JobChunk"}
MODELS = [
    model
    for app in ("bookings", "loyalty")
    for model in apps.get_app_config(app).get_models()
    if model.__name__ not in OF_NOBODY and not model.__name__.startswith("Historical")
]
HOTELS = {"N1": "north", "N2": "north", "S1": "south"}


@pytest.fixture
def world() -> None:
    groups = {code: factories.GroupFactory(code=code) for code in ("north", "south")}
    hotels = {
        code: factories.PropertyFactory(code=code, group=groups[group]) for code, group in HOTELS.items()
    }
    for group in groups.values():
        _programme(group)
        StaffAssignment.objects.create(user=factories.UserFactory(), group=group)
        ApiClient.objects.create(property_group=group, name=group.code)
        ExchangeRate.objects.create(
            group=group, from_currency="USD", to_currency="EUR", rate=1, valid_from=date(2020, 1, 1)
        )
    for hotel in hotels.values():
        RatePlan.objects.create(property=hotel, code="BAR", membership=True)
        TransactionCode.objects.create(property=hotel, code="SPA", membership=True)
        _booking_with_everything(hotel)
    for group in groups.values():
        membership_type = group.membership_types.get()
        Programme(group, hotels["N1"], membership_type).calculate()
    changes.announce(Booking.objects.all())


def _programme(group: PropertyGroup) -> None:
    membership_type = factories.MembershipTypeFactory(group=group)
    factories.EarningRuleFactory(membership_type=membership_type)
    Programme(group, Property(), membership_type).join(last_name=f"Member of {group.code}")


def _booking_with_everything(hotel: Property) -> None:
    member = Guest.objects.get(last_name=f"Member of {hotel.group.code}")
    card = CardMessage(member.memberships.get().card_number)
    (outcome,) = record(
        factories.booking_message(
            hotel,
            number=hotel.code,
            guests=(GuestMessage("Ada", "Lee", external_id=hotel.code, cards=(card,)),),
            profiles=(ProfileMessage("company", "Acme"),),
            folio_lines=(FolioLineMessage("SPA", Decimal(10), "EUR", date(2026, 6, 2)),),
        )
    )
    assert outcome.outcome == "new"


def staff(*places: str) -> User:
    """A staff user who is assigned to these hotels and groups."""
    user = factories.UserFactory()
    for place in places:
        hotel = Property.objects.filter(code=place).first()
        group = hotel.group if hotel else PropertyGroup.objects.get(code=place)
        StaffAssignment.objects.create(user=user, group=group, property=hotel)
    return user


def seen(model: Any, rows: Any) -> set[str]:
    """The codes of the hotels whose rows these are, or else of the groups."""
    path = getattr(model, "PROPERTY_PATH", None) or model.GROUP_PATH
    return set(rows.values_list("code" if path == "pk" else f"{path}__code", flat=True))


@pytest.mark.parametrize("model", MODELS, ids=lambda model: model.__name__)
def test_every_model_says_whose_its_rows_are(model: type[Model]) -> None:
    assert getattr(model, "PROPERTY_PATH", None) or getattr(model, "GROUP_PATH", None)


@pytest.mark.usefixtures("world")
def test_what_each_sees_of_every_model() -> None:
    front_desk, of_the_group, of_both = staff("N1"), staff("south"), staff("N2", "S1")
    nobody, left = staff(), staff("north")
    left.is_active = False
    for model in MODELS:
        by_hotel = bool(getattr(model, "PROPERTY_PATH", None))
        there = seen(model, model._default_manager.all())
        if model.__name__ not in WITHOUT_ROWS_HERE:
            assert there == (set(HOTELS) if by_hotel else {"north", "south"}), model
        for user, hotels, groups in (
            (front_desk, {"N1"}, {"north"}),
            (of_the_group, {"S1"}, {"south"}),
            (of_both, {"N2", "S1"}, {"north", "south"}),
            (nobody, set(), set()),
            (left, set(), set()),
            (AnonymousUser(), set(), set()),
            (factories.UserFactory(is_superuser=True), set(HOTELS), {"north", "south"}),
        ):
            found = seen(model, access.limit(model._default_manager.all(), user=user))
            assert found == there & (hotels if by_hotel else groups), (model, user)


@pytest.mark.usefixtures("world")
def test_a_machine_sees_its_group() -> None:
    client = ApiClient.objects.get(name="north")
    assert seen(Booking, access.limit_to_client(Booking.objects.all(), client=client)) == {"N1", "N2"}
    assert seen(Guest, access.limit_to_client(Guest.objects.all(), client=client)) == {"north"}


@pytest.mark.usefixtures("world")
def test_a_model_that_says_nothing_shows_nothing() -> None:
    assert not access.limit(User.objects.all(), user=staff("north")).exists()


@pytest.mark.usefixtures("world")
def test_where_a_user_works() -> None:
    user = staff("N1")
    assert [hotel.code for hotel in access.properties_of(user)] == ["N1"]
    assert [group.code for group in access.groups_of(user)] == ["north"]
