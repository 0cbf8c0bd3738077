"""The points ledger: entries are only ever added (triggers refuse UPDATE and DELETE), by ``ledger.py`` alone."""

from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models.functions import Now
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, Property, User
from loyalty.models.job import Job
from loyalty.models.membership import PointsAccount
from loyalty.models.membership_type import MembershipType


class LedgerEntry(models.Model):
    """One movement of points, tier points and earnings. It holds no name, address or comment of a person.

    ``number`` counts 1, 2, 3 … in the account. ``posted_on`` is the programme's local day of the writing transaction,
    never before the account's last: balances, statements and lots' expiry go by it. ``effective_date`` is the day that
    rules go by: for a stay, its departure.
    """

    GROUP_PATH = "membership_type__group"

    class Kind(models.TextChoices):
        STAY = "stay", _("Stay")
        BONUS = "bonus", _("Bonus")

    account = models.ForeignKey(
        PointsAccount,
        models.PROTECT,
        db_index=False,
        related_name="entries",
        verbose_name=_("points account"),
    )
    membership_type = models.ForeignKey(
        MembershipType, models.PROTECT, db_index=False, related_name="+", verbose_name=_("membership type")
    )
    number = models.PositiveIntegerField(_("number"))
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    posted_on = models.DateField(_("posted"))
    effective_date = models.DateField(_("effective"))
    points = models.BigIntegerField(_("points"))
    tier_points = models.BigIntegerField(_("tier points"), default=0)
    nights = models.IntegerField(_("nights"), default=0)
    stays = models.IntegerField(_("stays"), default=0)
    money = models.DecimalField(
        _("money"), max_digits=18, decimal_places=3, default=0, help_text=_("In the programme's currency.")
    )
    balance_after = models.BigIntegerField(_("balance after"))
    idempotency_key = models.CharField(_("key"), max_length=200, help_text=_("Makes it exactly-once."))
    content_hash = models.CharField(max_length=64, editable=False)
    explanation = models.JSONField(_("explanation"))
    property = models.ForeignKey(
        Property, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("property")
    )
    booking = models.ForeignKey(
        Booking, models.PROTECT, null=True, related_name="ledger_entries", verbose_name=_("booking")
    )
    booking_version = models.PositiveIntegerField(_("booking version"), null=True)
    reverses = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        db_index=False,
        related_name="corrections",
        verbose_name=_("corrects"),
    )
    job = models.ForeignKey(
        Job, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("job")
    )
    posted_by = models.ForeignKey(
        User, models.PROTECT, null=True, db_index=False, related_name="+", verbose_name=_("posted by")
    )
    recorded_at = models.DateTimeField(_("recorded"), db_default=Now())

    class Meta:
        verbose_name = _("ledger entry")
        verbose_name_plural = _("ledger entries")
        constraints = [
            models.UniqueConstraint(fields=["account", "number"], name="entry_number_unique"),
            models.UniqueConstraint(fields=["membership_type", "idempotency_key"], name="entry_key_unique"),
            models.CheckConstraint(
                condition=models.Q(balance_after__gte=0), name="balance_after_never_below_zero"
            ),
            models.CheckConstraint(
                condition=~models.Q(points=0, tier_points=0, nights=0, stays=0, money=0),
                name="entry_moves_something",
            ),
            models.CheckConstraint(condition=models.Q(number__gte=1), name="entry_number_from_1"),
        ]
        indexes = [
            models.Index("property", "id", name="entry_property"),
            BrinIndex("posted_on", name="entry_posted_on"),
        ]

    def __str__(self) -> str:
        return f"{self.account.membership} · {self.number}"


class PointsLot(models.Model):
    """One credit of award points with its own expiry date. ``expires_on`` is the first day on which they can not be
    used; empty: never. ``is_open`` says that something remains: it flips once, so that the index stays still."""

    GROUP_PATH = "account__membership__group"

    entry = models.ForeignKey(LedgerEntry, models.PROTECT, related_name="lots", verbose_name=_("entry"))
    account = models.ForeignKey(
        PointsAccount, models.PROTECT, db_index=False, related_name="lots", verbose_name=_("points account")
    )
    points = models.BigIntegerField(_("points"))
    remaining = models.BigIntegerField(_("remaining"))
    is_open = models.BooleanField(_("open"), default=True)
    expires_on = models.DateField(_("expires"), null=True)

    class Meta:
        verbose_name = _("points lot")
        verbose_name_plural = _("points lots")
        constraints = [
            models.CheckConstraint(condition=models.Q(points__gt=0), name="lot_of_some_points"),
            models.CheckConstraint(
                condition=models.Q(remaining__gte=0, remaining__lte=models.F("points")),
                name="lot_remaining_in_bounds",
            ),
            models.CheckConstraint(
                condition=models.Q(is_open=True, remaining__gt=0) | models.Q(is_open=False, remaining=0),
                name="lot_open_while_something_remains",
            ),
        ]
        indexes = [
            models.Index(
                "account", "expires_on", name="lot_open_of_account", condition=models.Q(is_open=True)
            ),
            models.Index("expires_on", name="lot_open_by_expiry", condition=models.Q(is_open=True)),
        ]

    def __str__(self) -> str:
        card = self.account.membership.card_number
        said = _("%(remaining)s of %(points)s points · %(card)s")
        return said % {"remaining": f"{self.remaining:,}", "points": f"{self.points:,}", "card": card}
