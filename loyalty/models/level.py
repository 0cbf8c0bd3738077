"""The levels of a membership type, and the changes of members between them."""

from django.core.validators import MinValueValidator
from django.db import models
from django.utils.translation import gettext_lazy as _
from simple_history.models import HistoricalRecords

from loyalty.models.ledger_entry import LedgerEntry
from loyalty.models.membership import Membership
from loyalty.models.membership_type import MembershipType


class Level(models.Model):
    """Rank 1 is the base level: everybody starts there, so it has no threshold."""

    GROUP_PATH = "membership_type__group"

    membership_type = models.ForeignKey(
        MembershipType, models.PROTECT, related_name="levels", verbose_name=_("membership type")
    )
    rank = models.PositiveSmallIntegerField(
        _("rank"), validators=[MinValueValidator(1)], help_text=_("1 is the base level.")
    )
    code = models.CharField(_("code"), max_length=20, help_text=_("As the PMS calls it, such as GOLD."))
    name = models.CharField(_("name"), max_length=64)
    threshold_nights = models.PositiveIntegerField(
        _("nights to reach it"),
        null=True,
        blank=True,
        help_text=_("Lifetime nights. Empty: not reached by nights."),
    )
    threshold_money = models.DecimalField(
        _("money to reach it"),
        max_digits=18,
        decimal_places=3,
        null=True,
        blank=True,
        help_text=_("Lifetime money in the programme's currency. Empty: not reached by money."),
    )

    history = HistoricalRecords()

    class Meta:
        verbose_name = _("level")
        verbose_name_plural = _("levels")
        constraints = [
            models.UniqueConstraint(fields=["membership_type", "rank"], name="level_rank_unique"),
            models.UniqueConstraint(fields=["membership_type", "code"], name="level_code_unique"),
            models.UniqueConstraint(fields=["membership_type", "name"], name="level_name_unique"),
            models.CheckConstraint(condition=models.Q(rank__gte=1), name="level_rank_from_1"),
            models.CheckConstraint(
                condition=~models.Q(rank=1) | models.Q(threshold_nights=None, threshold_money=None),
                name="base_level_has_no_threshold",
                violation_error_message=_(
                    "The base level (rank 1) has no threshold: everybody starts there."
                ),
            ),
            models.CheckConstraint(
                condition=(models.Q(threshold_nights=None) | models.Q(threshold_nights__gt=0))
                & (models.Q(threshold_money=None) | models.Q(threshold_money__gt=0)),
                name="level_threshold_positive",
                violation_error_message=_("A threshold is above zero."),
            ),
        ]

    def __str__(self) -> str:
        return self.name


class LevelChange(models.Model):
    """A member moved to another level. Only ever added; written by ``ledger.py`` alone."""

    GROUP_PATH = "membership__group"

    membership = models.ForeignKey(
        Membership, models.PROTECT, related_name="level_changes", verbose_name=_("membership")
    )
    from_level = models.ForeignKey(
        Level, models.PROTECT, db_index=False, related_name="+", verbose_name=_("from")
    )
    to_level = models.ForeignKey(
        Level, models.PROTECT, db_index=False, related_name="+", verbose_name=_("to")
    )
    entry = models.ForeignKey(
        LedgerEntry, models.PROTECT, related_name="level_changes", verbose_name=_("entry that led to it")
    )
    posted_on = models.DateField(_("changed on"))
    effective_date = models.DateField(_("effective date"))
    nights = models.PositiveIntegerField(_("nights then"))
    money = models.DecimalField(_("money then"), max_digits=18, decimal_places=3)

    class Meta:
        verbose_name = _("level change")
        verbose_name_plural = _("level changes")

    def __str__(self) -> str:
        return f"{self.from_level} → {self.to_level}"
