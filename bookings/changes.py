"""What a reader must look at again: rows, not signals. Loyalty takes them up and deletes what it has seen.

Intake announces what it changed. Whoever changes what a decision rests on (a membership flag, a guest's phone, a card)
announces the bookings concerned in the same transaction.
"""

from django.db import connection
from django.db.models import QuerySet

from bookings.models import Booking, Guest, RatePlan


def announce(bookings: QuerySet[Booking]) -> int:
    """Returns how many bookings will be looked at again. One statement, however many they are."""
    chosen, parameters = bookings.order_by().values_list("pk", "property__group_id").query.sql_with_params()
    with connection.cursor() as cursor:
        cursor.execute(f"INSERT INTO bookings_bookingchange (booking_id, group_id) {chosen}", parameters)
        return cursor.rowcount


def announce_rate_plan(rate_plan: RatePlan) -> int:
    """Its membership flag changed: bookings with a night on it may earn now, or no longer."""
    nights_on_it = Booking.objects.filter(
        property=rate_plan.property, nights__rate_plan_code=rate_plan.code
    ).distinct()
    return announce(nights_on_it)


def announce_guest(guest: Guest) -> int:
    """A phone or another profile field changed: the guest's own bookings, and every booking with that phone, may be
    somebody else's now. Two statements: an OR over both would read whole tables."""
    bookings = Booking.objects.filter(property__group=guest.group_id)
    count = announce(bookings.filter(guests__guest=guest).distinct())
    if guest.phone:
        others = bookings.filter(guests__guest__phone=guest.phone).exclude(guests__guest=guest)
        count += announce(others.distinct())
    return count
