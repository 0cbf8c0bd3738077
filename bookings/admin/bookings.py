"""The bookings storage: looked at, never edited. What a booking is, is what its sources said."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.http import HttpRequest
from django.utils.html import format_html
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import BooleanRadioFilter, ChoicesDropdownFilter, RangeDateFilter
from unfold.paginator import InfinitePaginator

from bookings.admin import booking_panels
from bookings.admin.looks import labelled
from bookings.admin.records import Fact, MakePanel, RecordAdmin, day, link, money
from bookings.admin.scoped import ScopedFilter
from bookings.models import Booking, BookingGuestCard, FolioLine


@admin.register(Booking)
class BookingAdmin(RecordAdmin):
    list_display = (
        "number",
        "property",
        "source",
        "state",
        "arrival_date",
        "departure_date",
        "first_guest",
        "amount",
        "version",
    )
    list_filter = (
        ("property", ScopedFilter),
        ("status", ChoicesDropdownFilter),
        ("source", ChoicesDropdownFilter),
        ("arrival_date", RangeDateFilter),
        ("departure_date", RangeDateFilter),
    )
    list_select_related = ("property",)
    search_fields = (
        "number",
        "references__number",
        "cards__number",
        "guests__guest__last_name",
        "guests__guest__first_name",
        "guests__guest__email",
        "guests__guest__phone",
    )
    search_help_text = _("Booking number at any source, card number, guest's name, e-mail or phone")
    paginator = InfinitePaginator
    panels: list[MakePanel] = [*booking_panels.PANELS]

    @labelled(
        description=_("status"),
        colours={
            Booking.Status.RESERVED: "info",
            Booking.Status.IN_HOUSE: "info",
            Booking.Status.CHECKED_OUT: "success",
            Booking.Status.CANCELLED: "danger",
            Booking.Status.NO_SHOW: "danger",
        },
    )
    def state(self, booking: Booking) -> tuple[str, str]:
        return booking.status, booking.get_status_display()

    @display(description=_("first guest"))
    def first_guest(self, booking: Booking) -> str:
        guests = [row for row in booking.guests.all() if row.version == booking.version]
        return str(min(guests, key=lambda row: row.order).guest) if guests else "–"

    @display(description=_("total"))
    def amount(self, booking: Booking) -> str:
        return money(booking.total, booking.currency)

    def get_queryset(self, request: HttpRequest) -> Any:
        return super().get_queryset(request).prefetch_related("guests__guest")

    def lookup_allowed(self, lookup: str, value: Any, request: HttpRequest | None = None) -> bool:
        return lookup == "guests__guest" or super().lookup_allowed(lookup, value, request)

    def facts(self, request: HttpRequest, obj: Booking) -> list[Fact]:
        booked_departure = obj.booked_departure_date != obj.departure_date and day(obj.booked_departure_date)
        return [
            (_("Number"), f"{obj.number} ({obj.get_source_display()})"),
            (_("Property"), link(request, obj.property)),
            (_("Status"), obj.get_status_display()),
            (_("Merged into"), link(request, obj.merged_into) if obj.merged_into else ""),
            (_("Stay"), f"{day(obj.arrival_date)} – {day(obj.departure_date)}"),
            (_("Booked departure"), booked_departure or ""),
            (_("Checked in"), obj.checked_in_date and day(obj.checked_in_date)),
            (_("Checked out"), obj.checked_out_date and day(obj.checked_out_date)),
            (_("Rooms"), f"{obj.rooms} × {obj.room_type}" if obj.room_type else obj.rooms),
            (_("Market"), obj.market),
            (_("Channel"), obj.channel),
            (_("Room revenue"), money(obj.room_revenue, obj.currency)),
            (_("Total"), money(obj.total, obj.currency)),
            (_("Prepayment"), money(obj.prepayment, obj.currency) if obj.prepayment else ""),
            (_("Payment method"), obj.payment_method),
            (_("Version"), obj.version),
        ]


@admin.register(BookingGuestCard)
class BookingGuestCardAdmin(RecordAdmin):
    list_display = (
        "number",
        "booking_number",
        "property",
        "type_code",
        "level_code",
        "primary",
        "inactive",
        "factor",
    )
    list_filter = (
        ("booking__property", ScopedFilter),
        ("primary", BooleanRadioFilter),
        ("inactive", BooleanRadioFilter),
    )
    list_select_related = ("booking__property",)
    search_fields = ("number", "booking__number")
    search_help_text = _("Card number as received, or booking number")
    paginator = InfinitePaginator

    @display(description=_("booking"))
    def booking_number(self, card: BookingGuestCard) -> str:
        return card.booking.number

    @display(description=_("property"))
    def property(self, card: BookingGuestCard) -> str:
        return str(card.booking.property)

    @display(description=_("multiplier"))
    def factor(self, card: BookingGuestCard) -> str:
        return f"× {card.multiplier.normalize():f}"

    def facts(self, request: HttpRequest, obj: BookingGuestCard) -> list[Fact]:
        return [
            (_("Card number as received"), obj.number),
            (_("Booking"), link(request, obj.booking)),
            (
                _("Version of the booking"),
                _("%(this)s of %(last)s") % {"this": obj.version, "last": obj.booking.version},
            ),
            (_("Guest"), _("Guest %(order)s of the booking") % {"order": obj.guest_order}),
            (_("Type as received"), obj.type_code or _("Not said")),
            (_("Level as received"), obj.level_code or _("Not said")),
            (_("Primary card"), _("Yes") if obj.primary else _("No")),
            (_("Marked inactive"), _("Yes") if obj.inactive else _("No")),
            (_("Multiplier"), self.factor(obj)),
        ]


@admin.register(FolioLine)
class FolioLineAdmin(RecordAdmin):
    list_display = (
        "transaction_code",
        "kind",
        "value",
        "posting_date",
        "booking_number",
        "property",
        "is_current",
    )
    list_filter = (
        ("booking__property", ScopedFilter),
        ("kind", ChoicesDropdownFilter),
        ("posting_date", RangeDateFilter),
    )
    list_select_related = ("booking__property",)
    search_fields = ("transaction_code", "booking__number")
    search_help_text = _("Transaction code or booking number")
    paginator = InfinitePaginator

    @display(description=_("amount"))
    def value(self, line: FolioLine) -> str:
        return money(line.amount, line.currency)

    @display(description=_("booking"))
    def booking_number(self, line: FolioLine) -> str:
        return line.booking.number

    @display(description=_("property"))
    def property(self, line: FolioLine) -> str:
        return str(line.booking.property)

    @display(description=_("current version"), boolean=True)
    def is_current(self, line: FolioLine) -> bool:
        return line.version == line.booking.version

    def facts(self, request: HttpRequest, obj: FolioLine) -> list[Fact]:
        return [
            (_("Transaction code"), obj.transaction_code),
            (_("Kind"), obj.get_kind_display()),
            (_("Amount"), format_html("<strong>{}</strong>", money(obj.amount, obj.currency))),
            (_("Posted"), day(obj.posting_date)),
            (_("Window"), obj.window),
            (_("Booking"), link(request, obj.booking)),
            (
                _("Version of the booking"),
                _("%(this)s of %(last)s") % {"this": obj.version, "last": obj.booking.version},
            ),
        ]
