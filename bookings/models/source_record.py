"""What the sources said: their numbers for a booking, and every message whole."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from bookings.models.booking import Booking
from bookings.models.property import Property
from bookings.models.source import Source


class BookingReference(models.Model):
    """What a source calls a booking. Each source numbers its own way; a number and leg lead to one booking for ever."""

    PROPERTY_PATH = "property"
    GROUP_PATH = "property__group"

    property = models.ForeignKey(Property, models.PROTECT, related_name="+", verbose_name=_("property"))
    source = models.CharField(_("source"), max_length=20, choices=Source)
    number = models.CharField(_("number"), max_length=80)
    leg = models.CharField(_("leg"), max_length=20, blank=True)
    booking = models.ForeignKey(Booking, models.PROTECT, related_name="references", verbose_name=_("booking"))
    updated_at = models.DateTimeField(_("changed at the source"), null=True, blank=True)
    content_hash = models.CharField(max_length=64, blank=True, editable=False)

    class Meta:
        verbose_name = _("booking reference")
        verbose_name_plural = _("booking references")
        constraints = [
            models.UniqueConstraint(
                fields=["property", "source", "number", "leg"], name="booking_reference_unique"
            )
        ]

    def __str__(self) -> str:
        return f"{self.get_source_display()} {self.number}" + (f"/{self.leg}" if self.leg else "")


class SourceRecord(models.Model):
    """What one source said, whole, as it arrived. A repeated message is not stored twice; an older one is, and changes
    nothing (``booking_version`` stays empty)."""

    PROPERTY_PATH = "reference__property"
    GROUP_PATH = "reference__property__group"

    reference = models.ForeignKey(
        BookingReference, models.PROTECT, related_name="records", verbose_name=_("reference")
    )
    updated_at = models.DateTimeField(_("changed at the source"), null=True, blank=True)
    content_hash = models.CharField(max_length=64)
    payload = models.JSONField(_("message"))
    received_at = models.DateTimeField(_("received"))
    received_by = models.CharField(_("brought by"), max_length=150)
    booking_version = models.PositiveIntegerField(
        _("gave version"), null=True, blank=True, help_text=_("Empty: a newer message was there already.")
    )

    class Meta:
        verbose_name = _("source record")
        verbose_name_plural = _("source records")
        constraints = [
            models.UniqueConstraint(
                fields=["reference", "updated_at", "content_hash"],
                condition=models.Q(updated_at__isnull=False),
                name="source_record_once",
            )
        ]
        indexes = [models.Index("reference", name="source_record_reference")]

    def __str__(self) -> str:
        return f"{self.reference} · {self.received_at:%Y-%m-%d %H:%M}"
