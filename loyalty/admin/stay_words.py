"""A stay's state and reason in words that staff act on: what has become of it, and what to do next."""

from datetime import date
from typing import Any

from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from bookings.admin.records import day
from bookings.completion import Completion, completion
from bookings.models import Booking, FolioLine, Source
from loyalty.models import Stay

NEXT_STEP: dict[str, Any] = {
    Stay.Reason.NO_CARD: gettext_lazy("Nothing to do, unless the guest has a card: add it at the source."),
    Stay.Reason.UNKNOWN_CARD: gettext_lazy("Correct the card number at the source, or enrol the guest."),
    Stay.Reason.CARD_NOT_ACTIVE: gettext_lazy("Unblock the card if the stay is to earn."),
    Stay.Reason.CARD_TOO_NEW: gettext_lazy("Nothing to do: a card earns from the day it was issued."),
    Stay.Reason.NO_PHONE_MATCH: gettext_lazy("Correct the guest's or the member's phone number."),
    Stay.Reason.SEVERAL_PHONE_MATCHES: gettext_lazy(
        "Correct the phone number of the members who share it: one may keep it."
    ),
    Stay.Reason.MERGED: gettext_lazy("Nothing to do: the other booking earns."),
    Stay.Reason.PMS_OFF: gettext_lazy("The membership type says so, under calculation."),
    Stay.Reason.CHANNEL_OFF: gettext_lazy("The membership type says so, under calculation."),
    Stay.Reason.NO_MEMBERSHIP_RATE: gettext_lazy(
        "If the rate plan is to earn, switch its membership flag on under Rate plans."
    ),
    Stay.Reason.NO_RULE: gettext_lazy("Enter an earning rule for such days, so that later stays earn."),
    "other_card_of_class": gettext_lazy("Nothing to do: the stay earns on the guest's other card."),
    "amount_too_large": gettext_lazy("Correct the amount at the source, then calculate again."),
    Stay.Reason.LATE_CHANGE: gettext_lazy(
        "Its points stay as they were. The newer record of the booking is kept: compare the two."
    ),
}


def state_words(stay: Stay) -> str:
    """State and reason. The stay comes with its booking's property."""
    today = stay.booking.property.local_date(timezone.now())
    reason = stay.get_reason_display() if stay.reason else ""
    if stay.state == Stay.State.DUE and stay.due_on > today:
        return _("Checked out, due on %(day)s") % {"day": day(stay.due_on)}
    if stay.state == Stay.State.LEFT_OUT and reason and _may_still_change(stay.booking, today):
        return _("Would earn nothing: %(reason)s") % {"reason": reason}
    said = stay.get_state_display()
    if stay.state == Stay.State.CALCULATED and stay.entry_id is None:
        said = _("Calculated, nothing earned")
    return f"{said}: {reason}" if reason else said


def next_step(stay: Stay) -> str:
    """One sentence; empty where nothing is to be said."""
    if stay.reason == Stay.Reason.NO_EXCHANGE_RATE:
        return _(
            "Enter the exchange rate %(pairs)s that applies on %(day)s (type %(type)s), then calculate again."
        ) % {
            "pairs": _(" and ").join(_pairs(stay)),
            "day": day(stay.departure_date),
            "type": stay.membership_type.calculation.exchange_type,
        }
    return str(NEXT_STEP.get(stay.reason, ""))


def _pairs(stay: Stay) -> list[str]:
    """The currencies of the booking that are not the programme's."""
    booking, into = stay.booking, stay.membership_type.currency
    extras = booking.folio_lines.filter(version=booking.version, kind=FolioLine.Kind.PAID_EXTRA)
    found = {booking.currency, *extras.values_list("currency", flat=True)}
    return [f"{currency} → {into}" for currency in sorted(found - {into})]


def _may_still_change(booking: Booking, today: date) -> bool:
    """The guest has not left yet, and the booking stands."""
    if booking.merged_into_id:
        return False
    standing = completion(
        status=booking.status,
        pms_reports=booking.source == Source.PMS,
        departure=booking.departure_date,
        today=today,
    )
    return standing is Completion.NOT_YET
