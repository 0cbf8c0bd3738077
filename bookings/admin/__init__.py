"""The screens of this app, a module per screen family. Django looks for ``bookings.admin``; importing the
modules registers their screens."""

from bookings.admin import api_clients, bookings, guests, properties, schedule, source_records, users

__all__ = ["api_clients", "bookings", "guests", "properties", "schedule", "source_records", "users"]
