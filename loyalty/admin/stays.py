"""Stays: which seats of which bookings are due, and why others are not. Looked at; ``stays.py`` keeps
them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.http import HttpRequest
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter, RangeDateFilter
from unfold.paginator import InfinitePaginator

from bookings.admin.bookings import BookingAdmin
from bookings.admin.looks import labelled
from bookings.admin.records import Column, Fact, Panel, RecordAdmin, day, link, may_view
from bookings.admin.scoped import ScopedFilter
from bookings.models import Booking
from loyalty.admin.stay_words import next_step, state_words
from loyalty.admin.words import STAY_LABELS
from loyalty.explanation import points
from loyalty.models import Stay


@admin.register(Stay)
class StayAdmin(RecordAdmin):
    list_display = (
        "booking_number",
        "property",
        "guest",
        "card",
        "standing",
        "reason_words",
        "departure_date",
        "due_on",
        "given",
    )
    list_filter = (
        ("membership_type", ScopedFilter),
        ("booking__property", ScopedFilter),
        ("state", ChoicesDropdownFilter),
        ("reason", ChoicesDropdownFilter),
        ("departure_date", RangeDateFilter),
        ("due_on", RangeDateFilter),
    )
    list_select_related = ("booking__property", "membership__guest", "membership_type", "entry")
    search_fields = (
        "booking__number",
        "membership__card_number",
        "membership__guest__last_name",
        "membership__guest__first_name",
        "membership__guest__email",
        "membership__guest__phone",
    )
    search_help_text = _("Booking number, card number, name, e-mail or phone")
    paginator = InfinitePaginator

    @display(description=_("booking"))
    def booking_number(self, stay: Stay) -> str:
        return stay.booking.number

    @display(description=_("property"))
    def property(self, stay: Stay) -> str:
        return str(stay.booking.property)

    @display(description=_("guest"))
    def guest(self, stay: Stay) -> str:
        return str(stay.membership.guest) if stay.membership else "–"

    @display(description=_("card number"))
    def card(self, stay: Stay) -> str:
        return stay.membership.card_number if stay.membership else "–"

    @labelled(description=_("state"), colours=STAY_LABELS)
    def standing(self, stay: Stay) -> tuple[str, str]:
        return stay.state, stay.get_state_display()

    @display(description=_("reason"))
    def reason_words(self, stay: Stay) -> str:
        return stay.get_reason_display() if stay.reason else "–"

    @display(description=_("points"))
    def given(self, stay: Stay) -> str:
        return points(stay.entry.points, stay.membership_type.points_label) if stay.entry else "–"

    def facts(self, request: HttpRequest, obj: Stay) -> list[Fact]:
        member = obj.membership
        return [
            (_("Booking"), link(request, obj.booking)),
            (_("Property"), link(request, obj.booking.property)),
            (_("Membership type"), obj.membership_type.name),
            (
                _("Member"),
                link(request, member, f"{member.guest} · {member.card_number}") if member else _("Nobody"),
            ),
            (_("State"), state_words(obj)),
            (_("What to do"), next_step(obj)),
            (_("Departure"), day(obj.departure_date)),
            (_("Due"), day(obj.due_on)),
            (_("Multiplier"), f"× {obj.multiplier.normalize():f}" if obj.multiplier != 1 else ""),
            (_("Version of the booking"), obj.booking_version),
            (_("Entry"), link(request, obj.entry, self.given(obj)) if obj.entry else ""),
        ]


def of_booking(request: HttpRequest, booking: Booking) -> Panel | None:
    if not may_view(request, Stay):
        return None
    stays = booking.stays.select_related(
        "booking__property", "membership__guest", "membership_type", "entry"
    ).order_by("pk")
    return Panel(
        title=_("Points of this booking"),
        columns=[
            Column(_("Membership type")),
            Column(_("Member")),
            Column(_("State")),
            Column(_("Due")),
            Column(_("Points"), True),
        ],
        rows=[
            (
                stay.membership_type.name,
                _member(request, stay),
                _state(request, stay),
                day(stay.due_on),
                _given(request, stay),
            )
            for stay in stays
        ],
        empty=_("No programme has looked at this booking yet: the workers do, once one is activated."),
    )


def _member(request: HttpRequest, stay: Stay) -> Any:
    member = stay.membership
    return link(request, member, f"{member.guest} · {member.card_number}") if member else _("Nobody")


def _state(request: HttpRequest, stay: Stay) -> Any:
    return link(request, stay, state_words(stay))


def _given(request: HttpRequest, stay: Stay) -> Any:
    if stay.entry is None:
        return "–"
    return link(request, stay.entry, points(stay.entry.points, stay.membership_type.points_label))


BookingAdmin.panels.insert(0, of_booking)
