"""Guests (profiles) and what is known of them."""

from typing import Any

from django.contrib import admin
from django.contrib.admin import display
from django.http import HttpRequest, HttpResponse
from django.utils.translation import gettext_lazy as _
from unfold.contrib.filters.admin import ChoicesDropdownFilter

from bookings import access, changes, people
from bookings.admin.records import Column, MakePanel, Panel, day, link, list_link, may_view, shown
from bookings.admin.scoped import OneGroupForm, ScopedAdmin, ScopedFilter
from bookings.models import Booking, Guest

SHOWN_BOOKINGS = 20


def external_ids(request: HttpRequest, guest: Guest) -> Panel:
    rows = guest.external_ids.order_by("source", "external_id")
    return Panel(
        title=_("What the sources call this guest"),
        columns=[Column(_("Source")), Column(_("External id"))],
        rows=[(row.get_source_display(), row.external_id) for row in rows],
        empty=_("No source has an id for this guest: bookings find the guest by name and e-mail or phone."),
    )


def bookings_of(request: HttpRequest, guest: Guest) -> Panel | None:
    if not may_view(request, Booking):
        return None
    theirs = Booking.objects.filter(guests__guest=guest).distinct()
    rows = access.limit(theirs, user=request.user).select_related("property").order_by("-arrival_date", "-pk")
    found = list(rows[: SHOWN_BOOKINGS + 1])
    return Panel(
        title=_("Bookings"),
        columns=[
            Column(_("Booking")),
            Column(_("Property")),
            Column(_("Arrival")),
            Column(_("Departure")),
            Column(_("Status")),
        ],
        rows=[
            (
                link(request, row),
                str(row.property),
                day(row.arrival_date),
                day(row.departure_date),
                row.get_status_display(),
            )
            for row in found[:SHOWN_BOOKINGS]
        ],
        empty=_("No booking at your properties names this guest yet."),
        more=list_link(Booking, f"guests__guest={guest.pk}", _("All bookings"))
        if len(found) > SHOWN_BOOKINGS
        else "",
    )


class GuestForm(OneGroupForm):
    def clean_phone(self) -> str:
        """+49 (151) 234-56789 is taken as +4915123456789; what cannot be read is refused by the model."""
        phone: str = self.cleaned_data["phone"]
        return people.e164(phone, "ZZ") or phone


@admin.register(Guest)
class GuestAdmin(ScopedAdmin):
    form = GuestForm
    list_display = ("name", "kind", "email", "phone", "language", "group")
    list_filter = (("group", ScopedFilter), ("kind", ChoicesDropdownFilter))
    list_select_related = ("group",)
    search_fields = ("first_name", "last_name", "email", "phone", "external_ids__external_id")
    search_help_text = _("Name, e-mail, phone or external id")
    change_form_outer_after_template = "admin/panels.html"
    panels: list[MakePanel] = [bookings_of, external_ids]
    fieldsets = (
        (None, {"fields": ("group", "kind", ("first_name", "last_name"))}),
        (_("Contact"), {"fields": (("email", "phone"), ("birth_date", "language"))}),
    )

    @display(description=_("name"), ordering="last_name")
    def name(self, guest: Guest) -> str:
        return str(guest)

    def get_readonly_fields(self, request: HttpRequest, obj: Any = None) -> tuple[str, ...]:
        return ("group",) if obj else ()

    def save_model(self, request: HttpRequest, obj: Guest, form: Any, change: bool) -> None:
        super().save_model(request, obj, form, change)
        if change and "phone" in form.changed_data:
            changes.announce_guest(obj)

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False  # bookings, cards and the ledger name guests: forgetting a person is an act of its own

    def render_change_form(
        self, request: HttpRequest, context: dict[str, Any], add: bool = False, change: bool = False,
        form_url: str = "", obj: Any = None,
    ) -> HttpResponse:  # fmt: skip
        if obj:
            context["panels"] = shown(self.panels, request, obj)
        return super().render_change_form(request, context, add, change, form_url, obj)
