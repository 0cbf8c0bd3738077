"""A membership type, read from the database into the frozen form that the calculation sees."""

from decimal import Decimal

from django.db.models import Prefetch

from bookings.models import ExchangeRate
from bookings.money import Rate, RateTable
from loyalty.earning import Programme, Rule
from loyalty.eligibility import Switches
from loyalty.levels import LevelStep
from loyalty.models import EarningRule, EarningRuleProperty, EarningRuleRate, MembershipType


def load(membership_type: MembershipType) -> Programme:
    """Rules, levels and exchange rates as they stand now, in five queries."""
    levels = [
        LevelStep(level.pk, level.rank, level.name, level.threshold_nights, level.threshold_money)
        for level in membership_type.levels.order_by("rank")
    ]
    rules = (
        EarningRule.objects.filter(membership_type=membership_type)
        .order_by("pk")
        .prefetch_related(
            Prefetch("rates", EarningRuleRate.objects.all()),
            Prefetch("properties", EarningRuleProperty.objects.all()),
        )
    )
    return Programme(
        membership_type_id=membership_type.pk,
        currency=membership_type.currency,
        rounding=membership_type.calculation.rounding,
        rules=tuple(_rule(rule) for rule in rules),
        rates=_rate_table(membership_type),
        levels=tuple(levels),
        measure=membership_type.level_policy.measure,
    )


def switches(membership_type: MembershipType) -> Switches:
    policy = membership_type.calculation
    return Switches(
        delay_days=policy.delay_days, reward_pms=policy.reward_pms, reward_channel=policy.reward_channel
    )


def _rule(rule: EarningRule) -> Rule:
    rates: dict[int, Decimal] | None = {rate.level_id: rate.value for rate in rule.rates.all()}
    return Rule(
        id=rule.pk,
        name=rule.name,
        kind=rule.kind,
        method=rule.method,
        valid_from=rule.valid_from,
        valid_until=rule.valid_until,
        rate=rule.value,
        rates=rates if rule.by_level else None,
        including_extras=rule.including_extras,
        per_amount=rule.per_amount,
        complete_units_only=rule.complete_units_only,
        minimum_nights=rule.minimum_nights,
        properties=frozenset(row.property_id for row in rule.properties.all())
        if rule.for_chosen_properties
        else None,
    )


def _rate_table(membership_type: MembershipType) -> RateTable:
    rows = ExchangeRate.objects.filter(
        group=membership_type.group_id,
        exchange_type=membership_type.calculation.exchange_type,
        to_currency=membership_type.currency,
    )
    return RateTable(
        membership_type.currency,
        [
            Rate(currency, property_id, valid_from, rate)
            for currency, property_id, valid_from, rate in rows.values_list(
                "from_currency", "property_id", "valid_from", "rate"
            )
        ],
    )
