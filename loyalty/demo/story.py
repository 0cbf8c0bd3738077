"""Who and where: a group of three hotels in two currencies, its staff, its programme, its catalogue."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from decimal import Decimal

from django.contrib.auth.models import Group

from bookings.models import (
    ExchangeRate,
    Property,
    PropertyGroup,
    RatePlan,
    StaffAssignment,
    TransactionCode,
    User,
)
from bookings.staff_groups import FRONT_DESK, PROGRAMME_MANAGER
from loyalty.models import (
    CalculationPolicy,
    CardPolicy,
    EarningRule,
    EarningRuleProperty,
    EarningRuleRate,
    ExpiryPolicy,
    Level,
    LevelPolicy,
    MembershipClass,
    MembershipType,
    RuleKind,
)

GROUP, TYPE = "demo", "STAY"
# Days before the day of the load: cards are handed out first, then points begin, then they go by level.
CARDS_FROM, POINTS_FROM, BY_LEVEL_FROM = 430, 400, 300


@dataclass(frozen=True, slots=True)
class Hotel:
    """``price``: a standard room for a night, in the hotel's currency."""

    code: str
    name: str
    currency: str
    time_zone: str
    country: str
    price: int


HOTELS = (
    Hotel("BERLIN", "Hotel Berlin", "EUR", "Europe/Berlin", "DE", 130),
    Hotel("LISBON", "Hotel Lisbon", "EUR", "Europe/Lisbon", "PT", 110),
    Hotel("LONDON", "Hotel London", "GBP", "Europe/London", "GB", 170),
)


@dataclass(frozen=True, slots=True)
class Login:
    """A staff user of the demo. ``hotel`` empty: the whole group; ``role`` empty: superuser."""

    email: str
    password: str
    name: str
    role: str = ""
    hotel: str = ""


LOGINS = (
    Login("admin@example.com", "demo-admin", "Superuser"),
    Login("manager@example.com", "demo-manager", "Programme manager of the group", role=PROGRAMME_MANAGER),
    Login("desk@example.com", "demo-desk", "Front desk of Hotel Lisbon", role=FRONT_DESK, hotel="LISBON"),
)

# Code, name, membership flag.
RATE_PLANS = (
    ("BAR", "Best available rate", True),
    ("MEMBER", "Members' rate", True),
    ("CORP", "Company rate", True),
    ("PROMO", "Web promotion", False),
    ("GROUP", "Group rate", False),
    ("COMP", "Complimentary", True),
)
# Code, name, membership flag, can be paid with points.
TRANSACTION_CODES = (
    ("EXTRAS", "Extra services", True, True),
    ("PARKING", "Parking", False, True),
    ("BREAKFAST", "Breakfast included in the rate", False, False),
    ("CITYTAX", "City tax", False, False),
    ("CARD", "Paid by card", False, False),
)
# Code, name, nights or money that reach it, percent of the booking cost.
LEVELS = (
    ("BASE", "Base", None, None, Decimal(4)),
    ("SILVER", "Silver", 10, Decimal(2500), Decimal(5)),
    ("GOLD", "Gold", 25, Decimal(6000), Decimal(6)),
    ("PLATINUM", "Platinum", 50, Decimal(12000), Decimal(8)),
)
# Property ("": every one), days before the load from which it is valid, EUR for one GBP. CHF has no rate.
POUNDS = (("", 800, "1.15"), ("", 200, "1.165"), ("LONDON", 250, "1.17"))


@dataclass(frozen=True, slots=True)
class Scene:
    """The rows of the story that the rest of the demo is put on."""

    group: PropertyGroup
    hotels: Mapping[str, Property]
    membership_type: MembershipType
    manager: User


def day_of(at: datetime) -> date:
    """The day that has begun at every hotel."""
    return min(Property(time_zone=hotel.time_zone).local_date(at) for hotel in HOTELS)


def tell(*, today: date) -> Scene:
    """Makes the rows, inside the caller's transaction."""
    group = PropertyGroup.objects.create(
        code=GROUP, name="Demo Hotels", currency="EUR", time_zone="Europe/Berlin"
    )
    hotels = {hotel.code: _hotel(group, hotel) for hotel in HOTELS}
    _exchange_rates(group, hotels, today)
    return Scene(group, hotels, _programme(group, hotels, today), _staff(group, hotels))


def _hotel(group: PropertyGroup, hotel: Hotel) -> Property:
    row = Property.objects.create(
        group=group,
        code=hotel.code,
        name=hotel.name,
        currency=hotel.currency,
        time_zone=hotel.time_zone,
        country=hotel.country,
    )
    for code, name, membership in RATE_PLANS:
        RatePlan.objects.create(property=row, code=code, name=name, membership=membership)
    for code, name, membership, redeemable in TRANSACTION_CODES:
        TransactionCode.objects.create(
            property=row, code=code, name=name, membership=membership, points_redemption=redeemable
        )
    return row


def _exchange_rates(group: PropertyGroup, hotels: Mapping[str, Property], today: date) -> None:
    for code, days_ago, rate in POUNDS:
        ExchangeRate.objects.create(
            group=group,
            property=hotels.get(code),
            from_currency="GBP",
            to_currency="EUR",
            rate=Decimal(rate),
            valid_from=today - timedelta(days=days_ago),
        )


def _programme(group: PropertyGroup, hotels: Mapping[str, Property], today: date) -> MembershipType:
    """Activated, with every policy: levels by nights or money, delay of 5 days, points live for 2 years."""
    membership_type = MembershipType.objects.create(
        group=group,
        membership_class=MembershipClass.objects.create(group=group, code="HOTEL", name="Hotel loyalty"),
        code=TYPE,
        name="Stay & Earn",
        description="Points on the booking cost, more of them at higher levels.",
        state=MembershipType.State.ACTIVATED,
        currency=group.currency,
    )
    CardPolicy.objects.create(membership_type=membership_type, prefix="77", length=10)
    CalculationPolicy.objects.create(membership_type=membership_type, reward_channel=True)
    ExpiryPolicy.objects.create(membership_type=membership_type, months=24)
    LevelPolicy.objects.create(membership_type=membership_type, measure=LevelPolicy.Measure.EITHER)
    for rank, (code, name, nights, money, _percent) in enumerate(LEVELS, 1):
        Level.objects.create(
            membership_type=membership_type,
            rank=rank,
            code=code,
            name=name,
            threshold_nights=nights,
            threshold_money=money,
        )
    _earning_rules(membership_type, hotels["LONDON"], today)
    return membership_type


def _earning_rules(membership_type: MembershipType, london: Property, today: date) -> None:
    begin, by_level = (today - timedelta(days=days) for days in (POINTS_FROM, BY_LEVEL_FROM))
    EarningRule.objects.create(
        membership_type=membership_type,
        name="First season: 5 % of the room, from two nights",
        value=Decimal(5),
        minimum_nights=2,
        valid_from=begin,
        valid_until=by_level,
    )
    percent = EarningRule.objects.create(
        membership_type=membership_type,
        name="Percentage of the booking cost by level",
        including_extras=True,
        by_level=True,
        valid_from=by_level,
    )
    for level in membership_type.levels.all():
        EarningRuleRate.objects.create(rule=percent, level=level, value=LEVELS[level.rank - 1][-1])
    bonus = EarningRule.objects.create(
        membership_type=membership_type,
        name="London: 100 points more from three nights",
        kind=RuleKind.BONUS,
        method=EarningRule.Method.PER_STAY,
        value=Decimal(100),
        minimum_nights=3,
        valid_from=by_level,
        for_chosen_properties=True,
    )
    EarningRuleProperty.objects.create(rule=bonus, property=london)


def _staff(group: PropertyGroup, hotels: Mapping[str, Property]) -> User:
    """Makes the log-ins; returns the programme manager, who asks for everything in the demo."""
    users = {}
    for login in LOGINS:
        user = User.objects.create_user(
            email=login.email,
            password=login.password,
            name=login.name,
            is_staff=True,
            is_superuser=not login.role,
        )
        if login.role:
            user.groups.add(Group.objects.get(name=login.role))
            StaffAssignment.objects.create(user=user, group=group, property=hotels.get(login.hotel))
        users[login.role] = user
    return users[PROGRAMME_MANAGER]
