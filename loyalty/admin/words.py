"""How this app's numbers and choices look on the screens: points with their label, sources with an icon and a
tooltip."""

from typing import Any

from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _

from bookings.models import Booking, Source
from loyalty.models import JobProgress, Membership, Stay

STATUS_LABELS = {
    Membership.Status.ACTIVE: "success",
    Membership.Status.BLOCKED: "danger",
    Membership.Status.EXPIRED: "warning",
    Membership.Status.MERGED: "info",
    Membership.Status.CLOSED: "danger",
}
STAY_LABELS = {
    Stay.State.WAITING: "info",
    Stay.State.DUE: "info",
    Stay.State.CALCULATED: "success",
    Stay.State.LEFT_OUT: "warning",
    Stay.State.EXCEPTION: "danger",
}
JOB_LABELS = {
    JobProgress.State.WAITING: "info",
    JobProgress.State.RUNNING: "info",
    JobProgress.State.FINISHED: "success",
    JobProgress.State.FAILED: "danger",
}

# Source: icon (Material Symbols), tooltip.
SOURCES: dict[str, tuple[str, Any]] = {
    Source.PMS: ("hotel", _("This booking came from the PMS")),
    Source.BOOKING_ENGINE: ("language", _("This booking came from the booking engine")),
    Source.CHANNEL_MANAGER: ("hub", _("This booking came from the channel manager")),
    Source.MANUAL: ("edit_note", _("This booking was entered by hand")),
}


def source_icon(booking: Booking | None, *, key: object) -> Any:
    """An icon whose tooltip is reached by pointer, keyboard and touch. ``key`` makes its id unique on the
    page."""
    if booking is None:
        icon, words = "contract_edit", _("This entry belongs to no booking")
    else:
        icon, words = SOURCES[booking.source]
    return format_html(
        '<span class="tip">'
        '<button type="button" class="tip-icon" aria-label="{name}" aria-describedby="tip-{key}">'
        '<span class="material-symbols-outlined" aria-hidden="true">{icon}</span></button>'
        '<span class="tip-words" role="tooltip" id="tip-{key}">{words}</span></span>',
        name=_("Source: %(source)s") % {"source": booking.get_source_display()}
        if booking
        else _("No booking"),
        key=key,
        icon=icon,
        words=words,
    )
