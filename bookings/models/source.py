"""Who may tell us of a booking."""

from django.db import models
from django.utils.translation import gettext_lazy as _


class Source(models.TextChoices):
    PMS = "pms", _("PMS")
    BOOKING_ENGINE = "booking_engine", _("Booking engine")
    CHANNEL_MANAGER = "channel_manager", _("Channel manager")
    MANUAL = "manual", _("Entered by hand")
