"""A stay: one seat of a booking as the calculation sees it, for one membership type."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking
from loyalty.models.ledger_entry import LedgerEntry
from loyalty.models.membership import Membership
from loyalty.models.membership_type import MembershipType


class Stay(models.Model):
    """Whose stay it is, when it is due, and what became of it. Made and refreshed by ``stays.py`` until it is
    calculated."""

    PROPERTY_PATH = "booking__property"
    GROUP_PATH = "membership_type__group"

    class State(models.TextChoices):
        WAITING = "waiting", _("Waiting for check-out")
        DUE = "due", _("Due")
        CALCULATED = "calculated", _("Calculated")
        LEFT_OUT = "left_out", _("Left out")
        EXCEPTION = "exception", _("Exception")

    class Reason(models.TextChoices):
        NONE = "", _("–")
        NO_CARD = "no_card", _("No card on the booking")
        UNKNOWN_CARD = "unknown_card", _("No member has this card number")
        CARD_NOT_ACTIVE = "card_not_active", _("The card is not active")
        OTHER_CARD_OF_CLASS = "other_card_of_class", _("Another card of the same class is used")
        CARD_TOO_NEW = "card_too_new", _("The card was issued after check-out")
        NO_PHONE_MATCH = "no_phone_match", _("No member has this phone number")
        SEVERAL_PHONE_MATCHES = "several_phone_matches", _("Several members have this phone number")
        CANCELLED = "cancelled", _("Cancelled")
        NO_SHOW = "no_show", _("No-show")
        MERGED = "merged", _("Found to be another booking")
        PMS_OFF = "pms_off", _("Bookings from PMS are not rewarded")
        CHANNEL_OFF = "channel_off", _("Bookings from Channel Manager are not rewarded")
        NO_MEMBERSHIP_RATE = "no_membership_rate", _("No rate plan with membership")
        NO_RULE = "no_rule", _("No earning rule on the departure date")
        TOO_SHORT = "too_short", _("Fewer nights than the rule asks for")
        NOTHING_TO_EARN = "nothing_to_earn", _("Nothing that earns was paid")
        NO_EXCHANGE_RATE = "no_exchange_rate", _("No exchange rate")
        AMOUNT_TOO_LARGE = "amount_too_large", _("The amount is too large to be right")
        LATE_CHANGE = "late_change", _("Changed after it was calculated")

    booking = models.ForeignKey(
        Booking, models.PROTECT, db_index=False, related_name="stays", verbose_name=_("booking")
    )
    membership_type = models.ForeignKey(
        MembershipType,
        models.PROTECT,
        db_index=False,
        related_name="stays",
        verbose_name=_("membership type"),
    )
    seat = models.PositiveSmallIntegerField(_("seat"), default=1)
    membership = models.ForeignKey(
        Membership,
        models.PROTECT,
        null=True,
        blank=True,
        related_name="stays_as_guest",
        verbose_name=_("membership"),
    )
    state = models.CharField(_("state"), max_length=10, choices=State)
    reason = models.CharField(_("reason"), max_length=30, choices=Reason, blank=True)
    departure_date = models.DateField(_("departure"))
    due_on = models.DateField(_("due"), help_text=_("Departure plus the type's delay in days."))
    booking_version = models.PositiveIntegerField(_("booking version"))
    multiplier = models.DecimalField(_("multiplier"), max_digits=6, decimal_places=2, default=1)
    entry = models.ForeignKey(
        LedgerEntry,
        models.PROTECT,
        null=True,
        blank=True,
        db_index=False,
        related_name="+",
        verbose_name=_("entry"),
    )

    class Meta:
        verbose_name = _("stay")
        verbose_name_plural = _("stays")
        constraints = [
            models.UniqueConstraint(fields=["booking", "membership_type", "seat"], name="stay_seat_unique"),
            models.CheckConstraint(
                condition=~models.Q(state__in=["due", "calculated"]) | models.Q(membership__isnull=False),
                name="due_stay_has_a_member",
            ),
        ]
        indexes = [
            models.Index(
                "membership_type",
                "membership",
                "departure_date",
                "booking",
                name="stay_due",
                condition=models.Q(state="due"),
            ),
            models.Index(
                "membership_type", "reason", name="stay_exception", condition=models.Q(state="exception")
            ),
            models.Index(
                "membership_type", "departure_date", name="stay_waiting", condition=models.Q(state="waiting")
            ),
        ]

    def __str__(self) -> str:
        return _("%(booking)s · seat %(seat)s") % {"booking": self.booking.number, "seat": self.seat}
