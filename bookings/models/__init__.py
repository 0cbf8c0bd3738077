"""One model a file, children beside their parent. Siblings import siblings, never this package."""

from bookings.models.booking import Booking, BookingChange
from bookings.models.booking_parts import (
    BookingGuest,
    BookingGuestCard,
    BookingNight,
    BookingProfile,
    FolioLine,
)
from bookings.models.catalogue import ExchangeRate, RatePlan, TransactionCode
from bookings.models.guest import Guest, GuestExternalId
from bookings.models.property import Property, PropertyGroup, StaffAssignment
from bookings.models.source import Source
from bookings.models.source_record import BookingReference, SourceRecord
from bookings.models.user import ApiClient, User

__all__ = [
    "ApiClient",
    "Booking",
    "BookingChange",
    "BookingGuest",
    "BookingGuestCard",
    "BookingNight",
    "BookingProfile",
    "BookingReference",
    "ExchangeRate",
    "FolioLine",
    "Guest",
    "GuestExternalId",
    "Property",
    "PropertyGroup",
    "RatePlan",
    "Source",
    "SourceRecord",
    "StaffAssignment",
    "TransactionCode",
    "User",
]
