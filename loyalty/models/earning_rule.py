"""How points are earned. A rule for chosen properties beats the main rule of its kind."""

from django.contrib.postgres.constraints import ExclusionConstraint
from django.contrib.postgres.fields import BigIntegerRangeField, DateRangeField, RangeOperators
from django.core.validators import MinValueValidator
from django.db import models
from django.db.models import F, Func, Q, Value
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bookings.models import Property
from loyalty.models.level import Level
from loyalty.models.membership_type import MembershipType


def only(field: str) -> Func:
    """One id as a range: periods exclude each other per id without an extension (btree_gist)."""
    return Func(F(field), F(field), Value("[]"), function="int8range", output_field=BigIntegerRangeField())


VALIDITY = Func(F("valid_from"), F("valid_until"), function="daterange", output_field=DateRangeField())


class RuleKind(models.TextChoices):
    BASE = "base", _("Base")
    BONUS = "bonus", _("Bonus")


class EarningRule(models.Model):
    """What a stay earns when it departs in the rule's period: ``valid_from`` up to, not including, ``valid_until``."""

    GROUP_PATH = "membership_type__group"

    class Method(models.TextChoices):
        PERCENTAGE = "percentage", _("Percentage of the booking cost")
        PER_NIGHT = "per_night", _("Points per night")
        PER_STAY = "per_stay", _("Points per stay")
        PER_REVENUE = "per_revenue", _("Points per amount of revenue")

    membership_type = models.ForeignKey(
        MembershipType, models.PROTECT, related_name="earning_rules", verbose_name=_("membership type")
    )
    name = models.CharField(
        _("name"), max_length=100, help_text=_("Shown in the explanation of every entry.")
    )
    kind = models.CharField(
        _("kind"),
        max_length=10,
        choices=RuleKind,
        default=RuleKind.BASE,
        help_text=_("Base points also count as tier points; a bonus is added to them."),
    )
    method = models.CharField(_("method"), max_length=20, choices=Method, default=Method.PERCENTAGE)
    including_extras = models.BooleanField(
        _("including extra services"),
        default=False,
        help_text=_("Paid extras count too, where their transaction code has the membership flag."),
    )
    by_level = models.BooleanField(
        _("by level"),
        default=False,
        help_text=_("Each level has a rate of its own, below. Otherwise one rate for all."),
    )
    value = models.DecimalField(
        _("rate"),
        max_digits=12,
        decimal_places=4,
        null=True,
        blank=True,
        validators=[MinValueValidator(0)],
        help_text=_(
            "Percent, or points: per night, per stay, or per amount of revenue. Empty when it goes by level."
        ),
    )
    per_amount = models.DecimalField(
        _("per amount"),
        max_digits=12,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_(
            "For points per amount of revenue: 2 points per 10 means 10 here. In the programme's currency."
        ),
    )
    complete_units_only = models.BooleanField(
        _("complete units only"),
        default=False,
        help_text=_("On: 29 of revenue at 2 points per 10 is two units, 4 points. Off: 5.8, rounded once."),
    )
    minimum_nights = models.PositiveSmallIntegerField(
        _("minimum nights"),
        default=0,
        help_text=_("Shorter stays earn nothing by this rule. 0: any, day use too."),
    )
    valid_from = models.DateField(_("valid from"), help_text=_("The first departure date it applies to."))
    valid_until = models.DateField(
        _("valid until"),
        null=True,
        blank=True,
        help_text=_("The first departure date it no longer applies to. Empty: open."),
    )
    for_chosen_properties = models.BooleanField(
        _("for chosen properties"),
        default=False,
        help_text=_(
            "Off: the main rule, for every property. On: beats the main rule at the properties chosen below."
        ),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("earning rule")
        verbose_name_plural = _("earning rules")
        constraints = [
            models.CheckConstraint(
                condition=Q(valid_until=None) | Q(valid_until__gt=F("valid_from")),
                name="earning_rule_valid_for_a_day",
                violation_error_message=_("“Valid until” is after “valid from”."),
            ),
            models.CheckConstraint(
                condition=Q(by_level=True, value=None) | Q(by_level=False, value__isnull=False, value__gte=0),
                name="earning_rule_flat_or_by_level",
                violation_error_message=_(
                    "Write one rate for all, or switch “by level” on and leave the rate empty."
                ),
            ),
            models.CheckConstraint(
                condition=Q(method="per_revenue", per_amount__isnull=False, per_amount__gt=0)
                | (~Q(method="per_revenue") & Q(per_amount=None)),
                name="earning_rule_per_amount",
                violation_error_message=_(
                    "“Per amount” is above zero for points per revenue, and empty otherwise."
                ),
            ),
            models.CheckConstraint(
                condition=~Q(method="percentage") | Q(value=None) | Q(value__lte=100),
                name="earning_rule_percentage_up_to_100",
                violation_error_message=_("A percentage is from 0 to 100."),
            ),
            *(
                ExclusionConstraint(
                    name=f"one_main_{kind}_rule_at_a_time",
                    expressions=[
                        (only("membership_type"), RangeOperators.OVERLAPS),
                        (VALIDITY, RangeOperators.OVERLAPS),
                    ],
                    condition=Q(kind=kind, for_chosen_properties=False),
                    violation_error_message=_(
                        "Another main rule of this kind applies in the same period. End it first."
                    ),
                )
                for kind in ("base", "bonus")
            ),
        ]

    def __str__(self) -> str:
        return self.name


class EarningRuleProperty(models.Model):
    """A property for which a rule applies. Kind, type and period are the rule's, copied by a trigger, so that the
    database refuses two rules of one kind for a property and day."""

    GROUP_PATH = "rule__membership_type__group"

    rule = models.ForeignKey(
        EarningRule, models.CASCADE, related_name="properties", verbose_name=_("earning rule")
    )
    property = models.ForeignKey(Property, models.PROTECT, related_name="+", verbose_name=_("property"))
    membership_type = models.ForeignKey(
        MembershipType, models.PROTECT, null=True, editable=False, db_index=False, related_name="+"
    )
    kind = models.CharField(max_length=10, editable=False)
    valid_from = models.DateField(null=True, editable=False)
    valid_until = models.DateField(null=True, editable=False)

    class Meta:
        verbose_name = _("property of a rule")
        verbose_name_plural = _("properties of a rule")
        constraints = [
            *(
                ExclusionConstraint(
                    name=f"one_{kind}_rule_of_a_property_at_a_time",
                    expressions=[
                        (only("membership_type"), RangeOperators.OVERLAPS),
                        (only("property"), RangeOperators.OVERLAPS),
                        (VALIDITY, RangeOperators.OVERLAPS),
                    ],
                    condition=Q(kind=kind),
                    violation_error_message=_(
                        "Another rule of this kind applies to this property in the same period."
                    ),
                )
                for kind in ("base", "bonus")
            ),
        ]

    def __str__(self) -> str:
        return str(self.property)


class EarningRuleRate(models.Model):
    """The rate of one level. A level without a row earns nothing by this rule."""

    GROUP_PATH = "rule__membership_type__group"

    rule = models.ForeignKey(
        EarningRule, models.CASCADE, related_name="rates", verbose_name=_("earning rule")
    )
    level = models.ForeignKey(Level, models.PROTECT, related_name="+", verbose_name=_("level"))
    value = models.DecimalField(
        _("rate"),
        max_digits=12,
        decimal_places=4,
        validators=[MinValueValidator(0)],
        help_text=_("Percent, or points."),
    )

    class Meta:
        verbose_name = _("rate of a level")
        verbose_name_plural = _("rates by level")
        constraints = [
            models.UniqueConstraint(fields=["rule", "level"], name="one_rate_of_a_level"),
            models.CheckConstraint(
                condition=Q(value__gte=0),
                name="rate_of_a_level_not_negative",
                violation_error_message=_("A rate is zero or more."),
            ),
        ]

    def __str__(self) -> str:
        return f"{self.level}: {self.value.normalize():f}"
