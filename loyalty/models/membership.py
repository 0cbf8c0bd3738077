"""A membership (Exely: loyalty card): one guest in one membership type. And its points account."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from bookings.models import Guest, PropertyGroup
from loyalty.models.membership_type import MembershipType


class Membership(models.Model):
    GROUP_PATH = "group"

    class Status(models.TextChoices):
        ACTIVE = "active", _("Active")
        BLOCKED = "blocked", _("Blocked")
        EXPIRED = "expired", _("Expired")
        MERGED = "merged", _("Merged")
        CLOSED = "closed", _("Closed")

    group = models.ForeignKey(
        PropertyGroup, models.PROTECT, db_index=False, related_name="+", verbose_name=_("property group")
    )
    membership_type = models.ForeignKey(
        MembershipType, models.PROTECT, related_name="memberships", verbose_name=_("membership type")
    )
    guest = models.ForeignKey(Guest, models.PROTECT, related_name="memberships", verbose_name=_("guest"))
    card_number = models.CharField(
        _("card number"),
        max_length=100,
        help_text=_("Capitals, without spaces and hyphens. Unique in the property group."),
    )
    name_on_card = models.CharField(_("name on card"), max_length=150, blank=True)
    level = models.ForeignKey(
        "loyalty.Level", models.PROTECT, related_name="memberships", verbose_name=_("level")
    )
    status = models.CharField(_("status"), max_length=10, choices=Status, default=Status.ACTIVE)
    joined_on = models.DateField(_("joined"))
    expires_on = models.DateField(
        _("expires"),
        null=True,
        blank=True,
        help_text=_("The first day on which the card can not be used. Empty: never."),
    )

    history = HistoricalRecords(excluded_fields=["level"])

    class Meta:
        verbose_name = _("membership")
        verbose_name_plural = _("memberships")
        constraints = [
            models.UniqueConstraint(
                fields=["group", "card_number"],
                name="card_number_unique",
                violation_error_message=_("Another member of this property group has this card number."),
            ),
            models.UniqueConstraint(
                fields=["guest", "membership_type"],
                condition=models.Q(status__in=["active", "blocked", "expired"]),
                name="one_card_of_a_type_per_guest",
                violation_error_message=_("This guest has a card of this membership type already."),
            ),
        ]

    def __str__(self) -> str:
        return self.card_number


class PointsAccount(models.Model):
    """A membership's balance row: the one that is locked. Written by ``ledger.py`` alone; every figure is the sum of the
    entries, and ``balance`` that of the lots' remainders too."""

    GROUP_PATH = "membership__group"

    membership = models.OneToOneField(
        Membership, models.PROTECT, primary_key=True, related_name="account", verbose_name=_("membership")
    )
    balance = models.BigIntegerField(_("balance"), default=0)
    tier_points = models.BigIntegerField(_("tier points"), default=0)
    nights = models.PositiveIntegerField(_("nights"), default=0)
    stays = models.PositiveIntegerField(_("stays"), default=0)
    money = models.DecimalField(_("money"), max_digits=18, decimal_places=3, default=0)
    last_number = models.PositiveIntegerField(_("last entry's number"), default=0)
    last_posted_on = models.DateField(_("last entry posted"), null=True)

    class Meta:
        verbose_name = _("points account")
        verbose_name_plural = _("points accounts")
        constraints = [
            models.CheckConstraint(condition=models.Q(balance__gte=0), name="balance_never_below_zero")
        ]

    def __str__(self) -> str:
        return f"{self.membership}: {self.balance}"
