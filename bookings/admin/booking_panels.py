"""What a booking's page shows below its facts. Each panel is a function of request and booking; None: not
shown."""

from decimal import Decimal
from typing import Any

from django.http import HttpRequest
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.translation import gettext_lazy as _

from bookings.admin.records import Column, MakePanel, Panel, day, link, may_view, money
from bookings.models import Booking, BookingReference, FolioLine, SourceRecord

SHOWN_RECORDS = 50
DIFFERENCE = _(
    "The nights add up to %(nights)s, the room revenue sent is %(sent)s: a difference of %(difference)s. "
    "The nights count."
)


def nights(request: HttpRequest, booking: Booking) -> Panel:
    rows = list(booking.nights.filter(version=booking.version).order_by("date"))
    counted = sum((night.amount for night in rows), Decimal(0))
    note: Any = ""
    if rows and counted != booking.room_revenue:
        note = DIFFERENCE % {
            "nights": money(counted, booking.currency),
            "sent": money(booking.room_revenue, booking.currency),
            "difference": money(counted - booking.room_revenue, booking.currency),
        }
    return Panel(
        title=_("Nights"),
        columns=[
            Column(_("Night of")),
            Column(_("Rate plan")),
            Column(_("Room nights"), True),
            Column(_("Amount"), True),
        ],
        rows=[
            (
                day(night.date),
                night.rate_plan_code or "–",
                night.room_nights,
                money(night.amount, booking.currency),
            )
            for night in rows
        ],
        note=note,
        empty=_("This booking has no night: its source has sent no room."),
    )


def guests(request: HttpRequest, booking: Booking) -> Panel:
    cards: dict[int, list[str]] = {}
    for card in booking.cards.filter(version=booking.version).order_by("pk"):
        words = " ".join(filter(None, [card.type_code, card.level_code]))
        cards.setdefault(card.guest_order, []).append(f"{card.number} ({words})" if words else card.number)
    rows = booking.guests.filter(version=booking.version).select_related("guest").order_by("order")
    profiles = booking.profiles.filter(version=booking.version).select_related("guest").order_by("role")
    return Panel(
        title=_("Guests"),
        columns=[Column(_("Guest")), Column(_("Role")), Column(_("Cards as received"))],
        rows=[
            *(
                (
                    link(request, row.guest),
                    row.share or _("Guest %(order)s") % {"order": row.order},
                    ", ".join(cards.get(row.order, [])) or "–",
                )
                for row in rows
            ),
            *((link(request, row.guest), row.get_role_display(), "–") for row in profiles),
        ],
        empty=_("No guest is named on this booking."),
    )


def folio(request: HttpRequest, booking: Booking) -> Panel | None:
    if not may_view(request, FolioLine):
        return None
    lines = booking.folio_lines.filter(version=booking.version).order_by("window", "posting_date", "pk")
    return Panel(
        title=_("Folio"),
        columns=[
            Column(_("Window"), True),
            Column(_("Transaction code")),
            Column(_("Kind")),
            Column(_("Posted")),
            Column(_("Amount"), True),
        ],
        rows=[
            (
                line.window,
                line.transaction_code,
                line.get_kind_display(),
                day(line.posting_date),
                money(line.amount, line.currency),
            )
            for line in lines
        ],
        empty=_("No posting was received for this booking. Room money comes from the nights."),
    )


def references(request: HttpRequest, booking: Booking) -> Panel | None:
    if not may_view(request, BookingReference):
        return None
    return Panel(
        title=_("What the sources call it"),
        columns=[
            Column(_("Source")),
            Column(_("Number")),
            Column(_("Leg")),
            Column(_("Changed at the source")),
        ],
        rows=[
            (
                row.get_source_display(),
                link(request, row, row.number),
                row.leg or "–",
                _moment(row.updated_at),
            )
            for row in booking.references.order_by("pk")
        ],
        empty=_("No source has a number for this booking."),
    )


def records(request: HttpRequest, booking: Booking) -> Panel | None:
    """Every message, newest first: each version of the booking came from one of them."""
    if not may_view(request, SourceRecord):
        return None
    rows = (
        SourceRecord.objects.filter(reference__booking=booking).select_related("reference").defer("payload")
    )
    found = list(rows.order_by("-pk")[: SHOWN_RECORDS + 1])
    more = len(found) > SHOWN_RECORDS
    return Panel(
        title=_("Versions and source records"),
        columns=[
            Column(_("Version"), True),
            Column(_("Source")),
            Column(_("Changed at the source")),
            Column(_("Received")),
            Column(_("Brought by")),
        ],
        rows=[
            (
                link(
                    request,
                    row,
                    row.booking_version if row.booking_version else _("None: older than what was there"),
                ),
                row.reference.get_source_display(),
                _moment(row.updated_at),
                _moment(row.received_at),
                row.received_by,
            )
            for row in found[:SHOWN_RECORDS]
        ],
        note=_("The newest %(count)s are shown.") % {"count": SHOWN_RECORDS} if more else "",
        empty=_("No message of a source is kept for this booking."),
    )


def _moment(value: Any) -> str:
    return date_format(timezone.localtime(value), "DATETIME_FORMAT") if value else "–"


PANELS: list[MakePanel] = [nights, guests, folio, references, records]
