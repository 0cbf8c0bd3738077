"""The bookings storage: every booking from every source.

``Booking`` is the resolved view and carries a version. Its nights, guests, cards, attached profiles and folio lines
carry the version that they belong to and are only ever added: a new version is a new set of rows. So a reader who has
read version 2 of a booking reads version 2 of its folio, whatever arrives meanwhile, and the past can be shown.
"""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.property import Property
from bookings.models.source import Source
from bookings.models.validators import validate_currency


class Booking(models.Model):
    PROPERTY_PATH = "property"
    GROUP_PATH = "property__group"

    class Status(models.TextChoices):
        RESERVED = "reserved", _("Reserved")
        IN_HOUSE = "in_house", _("In house")
        CHECKED_OUT = "checked_out", _("Checked out")
        CANCELLED = "cancelled", _("Cancelled")
        NO_SHOW = "no_show", _("No-show")

    property = models.ForeignKey(
        Property, models.PROTECT, related_name="bookings", verbose_name=_("property")
    )
    version = models.PositiveIntegerField(_("version"), default=1)
    content_hash = models.CharField(max_length=64, editable=False)
    source = models.CharField(_("source"), max_length=20, choices=Source, help_text=_("Whose word decides."))
    number = models.CharField(_("number"), max_length=80, help_text=_("Its number at that source."))
    status = models.CharField(_("status"), max_length=20, choices=Status)
    arrival_date = models.DateField(_("arrival"))
    departure_date = models.DateField(
        _("departure"), help_text=_("The actual day once it is known, else the booked one.")
    )
    booked_departure_date = models.DateField(_("booked departure"))
    checked_in_date = models.DateField(_("checked in"), null=True, blank=True)
    checked_out_date = models.DateField(_("checked out"), null=True, blank=True)
    rooms = models.PositiveSmallIntegerField(_("rooms"), default=1)
    room_type = models.CharField(_("room type"), max_length=40, blank=True)
    market = models.CharField(_("market"), max_length=80, blank=True)
    channel = models.CharField(_("channel"), max_length=80, blank=True)
    currency = models.CharField(_("currency"), max_length=3, validators=[validate_currency])
    room_revenue = models.DecimalField(
        _("room revenue"),
        max_digits=18,
        decimal_places=3,
        default=0,
        help_text=_("As sent. The nights count."),
    )
    total = models.DecimalField(
        _("total"), max_digits=18, decimal_places=3, default=0, help_text=_("After discount and tax.")
    )
    payment_method = models.CharField(_("payment method"), max_length=80, blank=True)
    prepayment = models.DecimalField(_("prepayment"), max_digits=18, decimal_places=3, default=0)
    booked_at = models.DateTimeField(_("booked"), null=True, blank=True)
    merged_into = models.ForeignKey(
        "self",
        models.PROTECT,
        null=True,
        blank=True,
        related_name="merged_from",
        verbose_name=_("merged into"),
    )
    received_at = models.DateTimeField(_("last change received"))

    class Meta:
        verbose_name = _("booking")
        verbose_name_plural = _("bookings")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(departure_date__gte=models.F("arrival_date")),
                name="booking_departure_after_arrival",
            ),
            models.CheckConstraint(condition=models.Q(rooms__gte=1), name="booking_has_a_room"),
        ]
        indexes = [
            models.Index("property", "number", name="booking_number"),
            models.Index("property", "departure_date", name="booking_departure"),
        ]

    def __str__(self) -> str:
        return self.number

    def nights_differ(self) -> bool:
        """The sent nights and the sent room revenue are two different sums (the nights count)."""
        return sum(night.amount for night in self.nights.filter(version=self.version)) != self.room_revenue


class BookingChange(models.Model):
    """A booking that readers (loyalty) still have to look at. They delete what they have seen."""

    GROUP_PATH = "group"

    booking = models.ForeignKey(Booking, models.CASCADE, related_name="changes", verbose_name=_("booking"))
    group = models.ForeignKey(
        "bookings.PropertyGroup", models.CASCADE, related_name="+", verbose_name=_("property group")
    )

    class Meta:
        verbose_name = _("changed booking")
        verbose_name_plural = _("changed bookings")

    def __str__(self) -> str:
        return f"{self.booking_id}"
