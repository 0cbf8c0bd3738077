"""The parts of a booking: nights, guests, cards, attached profiles, folio lines. Each row belongs to one version."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.booking import Booking
from bookings.models.guest import Guest
from bookings.models.validators import validate_currency
from bookings.money import display


class BookingPart(models.Model):
    """A row that belongs to one version of a booking."""

    PROPERTY_PATH = "booking__property"
    GROUP_PATH = "booking__property__group"

    booking = models.ForeignKey(
        Booking, models.PROTECT, related_name="%(class)s_set", verbose_name=_("booking")
    )
    version = models.PositiveIntegerField(_("version"), default=1)

    class Meta:
        abstract = True


class BookingNight(BookingPart):
    """One night of all the rooms. Day use has one row, dated arrival, which counts no room night."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="nights", verbose_name=_("booking"))
    date = models.DateField(_("date"))
    rate_plan_code = models.CharField(_("rate plan"), max_length=40, blank=True)
    room_nights = models.PositiveSmallIntegerField(_("room nights"), default=1)
    amount = models.DecimalField(
        _("amount"), max_digits=18, decimal_places=3, help_text=_("For all rooms, after tax.")
    )

    class Meta:
        verbose_name = _("night")
        verbose_name_plural = _("nights")
        constraints = [
            models.UniqueConstraint(fields=["booking", "version", "date"], name="booking_night_unique")
        ]

    def __str__(self) -> str:
        return f"{self.date} {self.rate_plan_code}"


class BookingGuest(BookingPart):
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="guests", verbose_name=_("booking"))
    order = models.PositiveSmallIntegerField(_("order"), help_text=_("1 is the first guest."))
    guest = models.ForeignKey(Guest, models.PROTECT, related_name="bookings", verbose_name=_("guest"))
    share = models.CharField(
        _("share"), max_length=20, blank=True, help_text=_("The PMS's own word: primary or not.")
    )

    class Meta:
        verbose_name = _("booking guest")
        verbose_name_plural = _("booking guests")
        constraints = [
            models.UniqueConstraint(fields=["booking", "version", "order"], name="booking_guest_unique")
        ]

    def __str__(self) -> str:
        return f"{self.order}. {self.guest}"


class BookingGuestCard(BookingPart):
    """A membership card as it was received with a guest. Whose it is, is a rule of loyalty."""

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="cards", verbose_name=_("booking"))
    guest_order = models.PositiveSmallIntegerField(_("guest"))
    number = models.CharField(_("card number"), max_length=100, help_text=_("As received."))
    number_key = models.CharField(max_length=100, editable=False)
    type_code = models.CharField(_("type"), max_length=40, blank=True)
    level_code = models.CharField(_("level"), max_length=40, blank=True)
    primary = models.BooleanField(_("primary"), default=False)
    inactive = models.BooleanField(_("inactive"), default=False)
    multiplier = models.DecimalField(_("multiplier"), max_digits=6, decimal_places=2, default=1)

    class Meta:
        verbose_name = _("card on a booking")
        verbose_name_plural = _("cards on bookings")
        constraints = [
            models.UniqueConstraint(
                fields=["booking", "version", "guest_order", "type_code"], name="booking_card_once_per_type"
            ),
            models.CheckConstraint(
                condition=models.Q(multiplier__gt=0), name="booking_card_multiplier_positive"
            ),
        ]
        indexes = [models.Index("number_key", name="booking_card_number")]

    def __str__(self) -> str:
        return self.number


class BookingProfile(BookingPart):
    """A company, travel agent, source or group attached to a booking."""

    class Role(models.TextChoices):
        COMPANY = "company", _("Company")
        TRAVEL_AGENT = "travel_agent", _("Travel agent")
        SOURCE = "source", _("Source")
        GROUP = "group", _("Group")

    booking = models.ForeignKey(Booking, models.PROTECT, related_name="profiles", verbose_name=_("booking"))
    role = models.CharField(_("role"), max_length=20, choices=Role)
    guest = models.ForeignKey(Guest, models.PROTECT, related_name="+", verbose_name=_("profile"))

    class Meta:
        verbose_name = _("attached profile")
        verbose_name_plural = _("attached profiles")
        constraints = [
            models.UniqueConstraint(fields=["booking", "version", "role"], name="booking_profile_unique")
        ]

    def __str__(self) -> str:
        return f"{self.get_role_display()}: {self.guest}"


class FolioLine(BookingPart):
    """One posting. Room money comes from the nights: a room line never counts as an extra."""

    class Kind(models.TextChoices):
        ROOM = "room", _("Room")
        PAID_EXTRA = "paid_extra", _("Paid extra")
        INCLUSIVE = "inclusive", _("Included in the rate")
        TAX = "tax", _("Tax")
        PAYMENT = "payment", _("Payment")
        REBATE = "rebate", _("Rebate")

    booking = models.ForeignKey(
        Booking, models.PROTECT, related_name="folio_lines", verbose_name=_("booking")
    )
    window = models.PositiveSmallIntegerField(_("window"), default=1)
    transaction_code = models.CharField(_("transaction code"), max_length=40)
    kind = models.CharField(_("kind"), max_length=20, choices=Kind)
    amount = models.DecimalField(_("amount"), max_digits=18, decimal_places=3)
    currency = models.CharField(_("currency"), max_length=3, validators=[validate_currency])
    posting_date = models.DateField(_("posted"))

    class Meta:
        verbose_name = _("folio line")
        verbose_name_plural = _("folio lines")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(window__gte=1, window__lte=8), name="folio_window_1_to_8"
            )
        ]
        indexes = [models.Index("booking", "version", name="folio_line_version")]

    def __str__(self) -> str:
        return f"{self.transaction_code} {display(self.amount, self.currency)}"
