"""What a property calls its rate plans and transaction codes, and what currencies are worth.

Codes are case-sensitive, as in the PMS. A code that is not listed has no membership flag.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bookings.models.property import Property, PropertyGroup
from bookings.models.validators import validate_currency


class RatePlan(models.Model):
    PROPERTY_PATH = "property"
    GROUP_PATH = "property__group"

    property = models.ForeignKey(
        Property, models.PROTECT, related_name="rate_plans", verbose_name=_("property")
    )
    code = models.CharField(
        _("code"), max_length=40, help_text=_("As in the PMS; upper and lower case differ.")
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    membership = models.BooleanField(
        _("membership"),
        default=False,
        help_text=_("Nights on this rate plan earn when the booking comes from the PMS."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("rate plan")
        verbose_name_plural = _("rate plans")
        constraints = [models.UniqueConstraint(fields=["property", "code"], name="rate_plan_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}" if self.name else self.code


class TransactionCode(models.Model):
    PROPERTY_PATH = "property"
    GROUP_PATH = "property__group"

    property = models.ForeignKey(
        Property, models.PROTECT, related_name="transaction_codes", verbose_name=_("property")
    )
    code = models.CharField(
        _("code"), max_length=40, help_text=_("As in the PMS; upper and lower case differ.")
    )
    name = models.CharField(_("name"), max_length=150, blank=True)
    membership = models.BooleanField(
        _("membership"),
        default=False,
        help_text=_("Paid extras with this code earn, where the programme counts extra services."),
    )
    points_redemption = models.BooleanField(
        _("points redemption"),
        default=False,
        help_text=_("Charges with this code can be paid with points at the front desk."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("transaction code")
        verbose_name_plural = _("transaction codes")
        constraints = [models.UniqueConstraint(fields=["property", "code"], name="transaction_code_unique")]

    def __str__(self) -> str:
        return f"{self.code} · {self.name}" if self.name else self.code


class ExchangeRate(models.Model):
    """How many units of one currency one unit of another is worth, from a day on. A property's own rate wins."""

    GROUP_PATH = "group"

    group = models.ForeignKey(
        PropertyGroup, models.PROTECT, related_name="exchange_rates", verbose_name=_("property group")
    )
    property = models.ForeignKey(
        Property,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="exchange_rates",
        verbose_name=_("property"),
        help_text=_("Empty: for every property of the group. A property's own rate wins."),
    )
    exchange_type = models.CharField(
        _("exchange type"),
        max_length=20,
        default="LOYALTY",
        help_text=_("Each membership type names the type that it uses."),
    )
    from_currency = models.CharField(_("from currency"), max_length=3, validators=[validate_currency])
    to_currency = models.CharField(_("to currency"), max_length=3, validators=[validate_currency])
    rate = models.DecimalField(
        _("rate"),
        max_digits=20,
        decimal_places=10,
        help_text=_("Units of the second currency for one unit of the first."),
    )
    valid_from = models.DateField(_("valid from"), help_text=_("Used for departures on this day and later."))

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("exchange rate")
        verbose_name_plural = _("exchange rates")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "property", "exchange_type", "from_currency", "to_currency", "valid_from"],
                nulls_distinct=False,
                name="exchange_rate_unique",
            ),
            models.CheckConstraint(
                condition=models.Q(rate__gt=0),
                name="exchange_rate_positive",
                violation_error_message=_("An exchange rate is a number above zero."),
            ),
            models.CheckConstraint(
                condition=~models.Q(from_currency=models.F("to_currency")),
                name="exchange_rate_two_currencies",
                violation_error_message=_("An exchange rate is between two different currencies."),
            ),
        ]

    def __str__(self) -> str:
        return f"1 {self.from_currency} = {self.rate.normalize():f} {self.to_currency} ({self.valid_from})"
