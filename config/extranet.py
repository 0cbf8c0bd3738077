"""The staff extranet: the admin site, the look-only base class, and the sidebar. Looks and registries only: no rule, no
model of ours.

An app registers its own screens from its admin package; a sidebar entry appears once the screen that it names exists
and the user may see it.
"""

from typing import Any

from django.contrib import admin
from django.http import HttpRequest
from django.urls import NoReverseMatch, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite


class ExtranetSite(UnfoldAdminSite):
    """Its name stays ``admin``: Unfold's templates name it."""


class ViewOnlyAdmin(ModelAdmin):
    """Look, never touch: what machines write (ledger, lots, stays, jobs, source records) is shown, not edited."""

    actions = None

    def has_add_permission(self, request: HttpRequest) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


# Group title, then entries: title, icon (Material Symbols), name of the screen.
SIDEBAR: list[tuple[Any, list[tuple[Any, str, str]]]] = [
    (
        _("Guest management"),
        [
            (_("Members"), "card_membership", "admin:loyalty_membership_changelist"),
            (_("Guests"), "person", "admin:bookings_guest_changelist"),
            (_("Membership types"), "loyalty", "admin:loyalty_membershiptype_changelist"),
            (_("Membership classes"), "category", "admin:loyalty_membershipclass_changelist"),
            (_("Earning rules"), "rule", "admin:loyalty_earningrule_changelist"),
        ],
    ),
    (_("Front desk"), [(_("Bookings"), "hotel", "admin:bookings_booking_changelist")]),
    (
        _("Room management"),
        [
            (_("Properties"), "apartment", "admin:bookings_property_changelist"),
            (_("Rate plans"), "sell", "admin:bookings_rateplan_changelist"),
            (_("Exchange rates"), "currency_exchange", "admin:bookings_exchangerate_changelist"),
        ],
    ),
    (
        _("PMS integration"),
        [
            (_("Transaction codes"), "receipt_long", "admin:bookings_transactioncode_changelist"),
            (_("Source records"), "inbox", "admin:bookings_sourcerecord_changelist"),
        ],
    ),
    (
        _("Points management"),
        [
            (_("Calculate points"), "calculate", "admin:loyalty_calculate_points"),
            (_("Jobs"), "schedule", "admin:loyalty_job_changelist"),
            (_("Stays"), "luggage", "admin:loyalty_stay_changelist"),
            (_("Points ledger"), "menu_book", "admin:loyalty_ledgerentry_changelist"),
            (_("Points lots"), "savings", "admin:loyalty_pointslot_changelist"),
            (_("Level changes"), "trending_up", "admin:loyalty_levelchange_changelist"),
        ],
    ),
    (_("Reports"), []),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation: the groups above, with the entries whose screens exist and which the user may see."""
    groups = []
    for title, entries in SIDEBAR:
        items = [
            {"title": entry_title, "icon": icon, "link": link}
            for entry_title, icon, name in entries
            if (link := _link(request, name))
        ]
        if items:
            groups.append({"title": title, "separator": True, "collapsible": False, "items": items})
    return groups


def _link(request: HttpRequest, name: str) -> str | None:
    try:
        link = reverse(name)
    except NoReverseMatch:
        return None
    for model, model_admin in admin.site._registry.items():
        if name == f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist":
            return link if model_admin.has_view_permission(request) else None
    return link
