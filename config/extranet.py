"""The staff extranet: the admin site, the look-only base class, and the sidebar. Looks and registries only:
no rule, no model of ours.

An app registers its own screens from its admin package; a sidebar entry appears once the screen that it names
exists and the user may see it.
"""

from collections.abc import Callable
from dataclasses import dataclass
from functools import wraps
from typing import Any

from django.contrib import admin
from django.core.exceptions import PermissionDenied
from django.http import HttpRequest, HttpResponseBase
from django.urls import NoReverseMatch, URLPattern, path, reverse
from django.utils.translation import gettext_lazy as _
from unfold.admin import ModelAdmin
from unfold.sites import UnfoldAdminSite

View = Callable[..., HttpResponseBase]


@dataclass(frozen=True, slots=True)
class Page:
    """A screen that is no list of rows. ``name`` is its address's name inside ``admin:``."""

    path: str
    name: str
    view: View
    permission: str


PAGES: list[Page] = []


def add_page(page: Page) -> None:
    """An app adds a screen of its own from its admin package."""
    PAGES.append(page)


class ExtranetSite(UnfoldAdminSite):
    """Its name stays ``admin``: Unfold's templates name it."""

    def extra_urls(self) -> list[URLPattern]:
        return [path(page.path, self.admin_view(_guarded(page)), name=page.name) for page in PAGES]


def _guarded(page: Page) -> View:
    @wraps(page.view)
    def view(request: HttpRequest, *args: Any, **kwargs: Any) -> HttpResponseBase:
        if not request.user.has_perm(page.permission):
            raise PermissionDenied
        return page.view(request, *args, **kwargs)

    return view


class ViewOnlyAdmin(ModelAdmin):
    """Look, never touch: what machines write (ledger, lots, stays, jobs, source records) is shown, not
    edited."""

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
    (
        _("Front desk"),
        [
            (_("Bookings"), "hotel", "admin:bookings_booking_changelist"),
            (_("Cards on bookings"), "badge", "admin:bookings_bookingguestcard_changelist"),
            (_("Folio lines"), "request_quote", "admin:bookings_folioline_changelist"),
        ],
    ),
    (
        _("Room management"),
        [
            (_("Properties"), "apartment", "admin:bookings_property_changelist"),
            (_("Rate plans"), "sell", "admin:bookings_rateplan_changelist"),
            (_("Exchange rates"), "currency_exchange", "admin:bookings_exchangerate_changelist"),
            (_("Property groups"), "domain", "admin:bookings_propertygroup_changelist"),
        ],
    ),
    (
        _("PMS integration"),
        [
            (_("Transaction codes"), "receipt_long", "admin:bookings_transactioncode_changelist"),
            (_("Source records"), "inbox", "admin:bookings_sourcerecord_changelist"),
            (_("Booking references"), "tag", "admin:bookings_bookingreference_changelist"),
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
    (
        _("Administration"),
        [
            (_("Users"), "group", "admin:bookings_user_changelist"),
            (_("Staff groups"), "shield_person", "admin:auth_group_changelist"),
            (_("API clients"), "key", "admin:bookings_apiclient_changelist"),
            (_("Schedule"), "event_repeat", "admin:django_celery_beat_periodictask_changelist"),
        ],
    ),
]


def sidebar(request: HttpRequest) -> list[dict[str, Any]]:
    """Unfold's navigation: the groups above, with the entries whose screens exist and which the user may
    see. Who works nowhere would find every list empty and gets none."""
    if getattr(request.user, "works_nowhere", False):
        return []
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
    """The screen's address, unless it does not exist yet or the user may not see it."""
    try:
        link = reverse(name)
    except NoReverseMatch:
        return None
    for page in PAGES:
        if name == f"admin:{page.name}":
            return link if request.user.has_perm(page.permission) else None
    for model, model_admin in admin.site._registry.items():
        if name == f"admin:{model._meta.app_label}_{model._meta.model_name}_changelist":
            return link if model_admin.has_view_permission(request) else None
    return None
