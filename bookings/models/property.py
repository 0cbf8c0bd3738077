"""Property groups (the tenants), their properties, and which staff work where."""

from datetime import date, datetime
from zoneinfo import ZoneInfo

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bookings.models.validators import validate_country, validate_currency, validate_time_zone


class PropertyGroup(models.Model):  # type: ignore[django-manager-missing]  # AbstractApplication's
    """A hotel group, and the tenant: guests, memberships and card numbers belong to exactly one."""

    GROUP_PATH = "pk"

    code = models.SlugField(
        _("code"), max_length=40, unique=True, help_text=_("Short name used in commands and the API.")
    )
    name = models.CharField(_("name"), max_length=150)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[validate_currency],
        help_text=_("ISO 4217 code, such as EUR."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        validators=[validate_time_zone],
        help_text=_("IANA name, such as Europe/Berlin. The programme's day begins at midnight here."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("property group")
        verbose_name_plural = _("property groups")

    def __str__(self) -> str:
        return self.name

    def local_date(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.time_zone)).date()


class Property(models.Model):
    PROPERTY_PATH = "pk"
    GROUP_PATH = "group"

    group = models.ForeignKey(
        PropertyGroup, models.PROTECT, related_name="properties", verbose_name=_("property group")
    )
    code = models.CharField(
        _("code"),
        max_length=20,
        unique=True,
        help_text=_("The hotel id in OPERA. Unique in this installation."),
    )
    name = models.CharField(_("name"), max_length=150)
    currency = models.CharField(
        _("currency"),
        max_length=3,
        validators=[validate_currency],
        help_text=_("ISO 4217 code of the folio currency."),
    )
    time_zone = models.CharField(
        _("time zone"),
        max_length=64,
        validators=[validate_time_zone],
        help_text=_("IANA name. Arrival and departure are days of this time zone."),
    )
    country = models.CharField(
        _("default country for phones"),
        max_length=2,
        validators=[validate_country],
        help_text=_("ISO code, such as DE: how a phone number without a country code is read."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("property")
        verbose_name_plural = _("properties")

    def __str__(self) -> str:
        return f"{self.name} ({self.code})"

    def local_date(self, at: datetime) -> date:
        return at.astimezone(ZoneInfo(self.time_zone)).date()


class StaffAssignment(models.Model):
    """Lets a staff user see one property, or every property of a group."""

    GROUP_PATH = "group"

    user = models.ForeignKey(
        "bookings.User", models.CASCADE, related_name="assignments", verbose_name=_("user")
    )
    group = models.ForeignKey(
        PropertyGroup, models.CASCADE, related_name="assignments", verbose_name=_("property group")
    )
    property = models.ForeignKey(
        Property,
        models.CASCADE,
        null=True,
        blank=True,
        related_name="assignments",
        verbose_name=_("property"),
        help_text=_("Leave empty to let the user see every property of the group."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("staff assignment")
        verbose_name_plural = _("staff assignments")
        constraints = [
            models.UniqueConstraint(
                fields=["user", "group", "property"], nulls_distinct=False, name="staff_assignment_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.user} · {self.property or self.group}"
